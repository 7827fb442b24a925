// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl principal profile NAME FILE`: makes a CURVE key pair, makes its public half a key of the principal, and writes a profile for a console. The secret half
/// stands in that file alone.
class PrincipalProfileCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    std::string m_name;
    std::string m_file;
    std::string m_expiresAt;
    std::string m_reason;
};

} // namespace gantry::console
