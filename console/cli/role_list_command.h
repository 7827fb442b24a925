// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl role list|show|log`: what each role may do, one role, and what it was before.
class RoleListCommand final : public Command {
public:
    enum class Purpose { List, Show, Log };
    explicit RoleListCommand(Purpose purpose)
        : m_purpose(purpose)
    {
    }
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    Purpose m_purpose;
    std::string m_name;
};

} // namespace gantry::console
