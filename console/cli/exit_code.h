// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

namespace gantry::console {

/// What gantryctl tells a script; the numbers of sysexits.h. Listed in --help and docs/gantryctl.md.
enum class ExitCode : int {
    Ok = 0,
    Refused = 1, ///< done, but some items were refused; each is named
    Findings = 2, ///< done, and something does not hold; each finding is named
    Usage = 64, ///< the command line is wrong
    BadData = 65, ///< the input can't be read as what it should be
    NoInput = 66, ///< a file that is needed is not there or can't be opened
    Unreachable = 69, ///< the daemon does not answer
    Software = 70, ///< the daemon reports trouble of its own, or answers what nobody understands
    CantCreate = 73, ///< an output file can't be made
    InputOutput = 74, ///< reading or writing failed half-way
    TryAgain = 75, ///< stopped half-way; the same command goes on where it stopped
    NotPermitted = 77, ///< the profile's key or role does not allow it
};

/// The exit code that tells a failure of that kind.
ExitCode exitCodeOf(ErrorCode code) noexcept;

/// The table of exit codes for --help.
const char* exitCodeHelp() noexcept;

} // namespace gantry::console
