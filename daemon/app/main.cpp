// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/command_line.h"
#include "daemon/app/daemon.h"
#include "daemon/app/exposure.h"
#include "daemon/app/signal_watcher.h"

#include <QCoreApplication>
#include <cstdio>
#include <cstdlib>
#include <sysexits.h>
#include <systemd/sd-daemon.h>

namespace {

void tell(const gantry::Error& error)
{
    std::fprintf(stderr, "gantryd: %s\n", error.message.c_str());
}

/// An error after which nothing may be answered any more: no draining, no destructors, only the end.
[[noreturn]] void stopAtOnce(const gantry::Error& error)
{
    tell(error);
    std::_Exit(EX_IOERR);
}

} // namespace

int main(int argc, char** argv)
{
    const auto parsed = gantry::app::parseCommandLine(argc, argv);
    if (parsed.exitCode)
        return *parsed.exitCode;

    for (const std::string& warning : gantry::app::exposureWarnings(parsed.config))
        std::fprintf(stderr, "gantryd: warning: %s\n", warning.c_str());
    QCoreApplication application(argc, argv);
    const gantry::app::SignalWatcher signals([] { QCoreApplication::exit(EX_OK); });
    auto daemon = gantry::app::Daemon::start(parsed.config, stopAtOnce);
    if (!daemon) {
        tell(daemon.error());
        return gantry::app::exitCodeOf(daemon.error());
    }
    const gantry::app::Addresses& addresses = (*daemon)->addresses();
    std::fprintf(stderr, "gantryd: ready: http %s, commands %s, events %s, data %s\n", addresses.http.c_str(),
        addresses.commands.c_str(), addresses.events.c_str(), parsed.config.dataDir.c_str());
    sd_notify(0, "READY=1");
    const int code = QCoreApplication::exec();
    sd_notify(0, "STOPPING=1");
    return code;
}
