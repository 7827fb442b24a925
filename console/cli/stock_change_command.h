// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl stock receive SKU N`, `stock adjust SKU N` and `stock move SKU N FROM TO`: movements of stock.
class StockChangeCommand final : public Command {
public:
    enum class Purpose { Receive, Adjust, Move };
    explicit StockChangeCommand(Purpose purpose)
        : m_purpose(purpose)
    {
    }
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    [[nodiscard]] std::string body() const;

    Purpose m_purpose;
    std::string m_sku;
    std::int64_t m_pieces = 0;
    std::string m_warehouse;
    std::string m_to;
    std::string m_reason;
};

} // namespace gantry::console
