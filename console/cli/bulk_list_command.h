// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

namespace gantry::console {

/// `gantryctl bulk list`.
class BulkListCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    int m_limit = 20;
};

} // namespace gantry::console
