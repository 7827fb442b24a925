// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl principal role|disable|enable NAME`.
class PrincipalChangeCommand final : public Command {
public:
    enum class Purpose { Role, Disable, Enable };
    explicit PrincipalChangeCommand(Purpose purpose)
        : m_purpose(purpose)
    {
    }

    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    Purpose m_purpose;
    std::string m_name;
    std::string m_role;
    std::string m_reason;
};

} // namespace gantry::console
