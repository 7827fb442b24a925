// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/app/config.h"
#include "shared/util/result.h"

#include <optional>

namespace gantry::app {

struct CommandLine {
    Config config;
    std::optional<int>
        exitCode; ///< set when there is nothing to run: help, version, a check, or a mistake (told on standard error)
};

/// Reads the command line, and the configuration file that it names; options win over the file.
CommandLine parseCommandLine(int argc, char** argv);

/// The exit code of sysexits.h for an error that kept the daemon from starting.
int exitCodeOf(const Error& error);

} // namespace gantry::app
