// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl session end ID`: logs somebody out.
class SessionEndCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    std::uint64_t m_session = 0;
    std::string m_reason;
};

} // namespace gantry::console
