// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl principal add NAME --role ROLE`: a principal, still without a key.
class PrincipalAddCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    std::string m_name;
    std::string m_role;
    std::string m_kind;
    std::string m_expiresAt;
    std::string m_reason;
};

} // namespace gantry::console
