// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl principal log [NAME]`: what was done to principals, the last first.
class PrincipalLogCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    std::string m_name;
    int m_limit = 100;
};

} // namespace gantry::console
