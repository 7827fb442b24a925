// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/data_dir.h"
#include "console/models/wording.h"
#include "console/ui/options.h"
#include "console/ui/run_console.h"

#include <QApplication>
#include <cstdio>
#include <sysexits.h>

int main(int argc, char* argv[])
{
    using namespace gantry::console;
    QApplication application(argc, argv);
    QApplication::setOrganizationName(QStringLiteral("gantry"));
    QApplication::setApplicationName(QStringLiteral("gantry-console"));
    QApplication::setApplicationDisplayName(QStringLiteral("Gantry"));
    const auto options = readOptions(QApplication::arguments(),
        QString::fromStdString(defaultDataDir(DataDirSurroundings::ofThisProcess())));
    if (!options) {
        std::fprintf(stderr, "gantry-console: %s\n", options.error().message.c_str());
        return EX_USAGE;
    }
    if (!options->finalWords.isEmpty())
        return std::fputs(qPrintable(options->finalWords), stdout) < 0 ? EX_IOERR : EX_OK;
    Theme::apply(application, options->theme);
    return runConsole(*options);
}
