// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <cstddef>
#include <string>

namespace gantry::console {

/// `gantryctl stock movements SKU`: what was done to a SKU's stock, newest first.
class StockMovementsCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    std::string m_sku;
    std::size_t m_limit = 50;
};

} // namespace gantry::console
