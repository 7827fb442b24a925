// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl principal list`: everyone who may come in, with their keys.
class PrincipalListCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    std::string m_role;
};

} // namespace gantry::console
