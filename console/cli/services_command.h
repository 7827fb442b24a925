// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

namespace gantry::console {

/// `gantryctl services`: how it stands with the services that workflows call.
class ServicesCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;
};

} // namespace gantry::console
