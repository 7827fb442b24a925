// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl stock set SKU N`: sets the on-hand quantity of a SKU in a warehouse.
class StockSetCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    std::string m_sku;
    std::int64_t m_onHand = 0;
    std::string m_warehouse;
    std::string m_reason;
};

} // namespace gantry::console
