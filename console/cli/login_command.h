// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl login NAME`: the password is the first line of standard input. The session is kept in a file of its owner, and all calls that follow by the same profile go by it.
class LoginCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    std::string m_name;
};

} // namespace gantry::console
