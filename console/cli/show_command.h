// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>
#include <vector>

namespace gantry::console {

/// `gantryctl show`: all about one order.
class ShowCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    std::string m_order;
    std::string m_channel;
};

} // namespace gantry::console
