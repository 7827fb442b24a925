// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl stock show [SKU]`: what is on hand, reserved and available.
class StockShowCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    ExitCode showOne(CommandContext& context, ApiSession& session) const;
    static ExitCode showAll(CommandContext& context, ApiSession& session);

    std::string m_sku;
};

} // namespace gantry::console
