// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>
#include <vector>

namespace gantry::console {

/// `gantryctl stock import FILE`: sets the on-hand quantities that a file lists.
class StockImportCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    struct Level {
        std::string sku;
        std::int64_t onHand = 0;
    };
    Result<std::vector<Level>> readLevels(const CommandContext& context) const;

    std::string m_file;
};

} // namespace gantry::console
