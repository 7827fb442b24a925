// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

namespace gantry::console {

/// `gantryctl workflow list`: every stored definition, and which channels go by it.
class WorkflowListCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;
};

} // namespace gantry::console
