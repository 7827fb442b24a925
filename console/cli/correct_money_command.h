// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"
#include "shared/domain/order_money.h"

#include <cstdint>
#include <string>

namespace gantry::console {

/// `gantryctl correct-money ORDER`: a correcting entry in an order's books.
class CorrectMoneyCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    std::string m_order;
    std::string m_channel;
    std::string m_reason;
    MoneyChange m_money;
    std::uint32_t m_version = 0; ///< only at this version; 0: at any
};

} // namespace gantry::console
