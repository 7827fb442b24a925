// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

namespace gantry::console {

/// `gantryctl pauses`: what is paused, since when, by whom and why, and how many orders wait behind it.
class PausesCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    bool m_ended = false;
};

} // namespace gantry::console
