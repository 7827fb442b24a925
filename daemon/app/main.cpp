// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/command_line.h"
#include "daemon/app/daemon.h"
#include "daemon/app/exposure.h"
#include "daemon/app/signal_watcher.h"

#include <QCoreApplication>
#include <QTimer>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sysexits.h>
#include <systemd/sd-daemon.h>

namespace {

void tell(const gantry::Error& error)
{
    std::fprintf(stderr, "gantryd: %s\n", error.message.c_str());
}

void warn(const std::string& warning)
{
    if (!warning.empty())
        std::fprintf(stderr, "gantryd: warning: %s\n", warning.c_str());
}

/// What can be changed without a restart: the certificate.
void reload(gantry::app::Daemon& daemon)
{
    const auto reloaded = daemon.reloadCertificate();
    if (reloaded)
        std::fprintf(stderr, "gantryd: %s\n", reloaded->c_str());
    else
        warn("Everything stays as it was. " + reloaded.error().message);
    warn(daemon.certificateWarning());
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
        warn(warning);
    QCoreApplication application(argc, argv);
    std::unique_ptr<gantry::app::Daemon> daemon;
    const gantry::app::SignalWatcher signals(
        [] { QCoreApplication::exit(EX_OK); }, [&daemon] { reload(*daemon); });
    if (auto started = gantry::app::Daemon::start(parsed.config, stopAtOnce)) {
        daemon = std::move(*started);
    } else {
        tell(started.error());
        return gantry::app::exitCodeOf(started.error());
    }
    const gantry::app::Addresses& addresses = daemon->addresses();
    std::fprintf(stderr, "gantryd: ready: %s %s, commands %s, events %s, data %s\n",
        parsed.config.tls.certificate.empty() ? "http" : "https", addresses.http.c_str(),
        addresses.commands.c_str(), addresses.events.c_str(), parsed.config.dataDir.c_str());
    sd_notify(0, "READY=1");
    QTimer daily;
    QObject::connect(&daily, &QTimer::timeout, [&daemon] { warn(daemon->certificateWarning()); });
    daily.start(std::chrono::days(1));
    warn(daemon->certificateWarning());
    const int code = QCoreApplication::exec();
    sd_notify(0, "STOPPING=1");
    return code;
}
