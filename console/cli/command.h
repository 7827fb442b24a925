// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/api_session.h"
#include "console/cli/exit_code.h"
#include "console/cli/output.h"
#include "console/cli/pace.h"
#include "shared/util/clock.h"

#include <chrono>
#include <istream>
#include <optional>

namespace CLI {
class App;
}

namespace gantry::console {

/// What a command has to work with. Lives as long as the run.
struct CommandContext {
    Output& output;
    Pace& pace;
    const Clock& clock;
    std::istream& input; ///< standard input
    ClientFactory connect;
    std::string profilePath{}; ///< of the profile in use
    std::string sessionFile{}; ///< where the session of somebody who has logged in is kept
    std::optional<std::chrono::milliseconds> timeout{}; ///< as given; each command has its own default

    /// A session for single calls.
    [[nodiscard]] ApiSession session() const
    {
        return ApiSession(connect, pace, timeout.value_or(std::chrono::seconds(10)));
    }
};

/// One command of gantryctl: its part of the command line, and what it does.
class Command {
public:
    virtual ~Command() = default;

    /// Adds the command and its options to its parent; gives the command back, to be asked whether it was called.
    virtual CLI::App* declare(CLI::App& parent) = 0;

    /// Does it. Called once, after the command line was read.
    virtual ExitCode run(CommandContext& context) = 0;
};

} // namespace gantry::console
