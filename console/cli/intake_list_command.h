// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl intake list`: who may send webhooks. `gantryctl intake deliveries`: what came of those that were sent.
class IntakeListCommand final : public Command {
public:
    enum class Purpose { Sources, Deliveries };
    explicit IntakeListCommand(Purpose purpose)
        : m_purpose(purpose)
    {
    }

    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    Purpose m_purpose;
    std::string m_outcome;
    std::string m_source;
    std::size_t m_limit = 50;
};

} // namespace gantry::console
