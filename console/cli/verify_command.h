// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl verify [ID]`: lets the daemon check its whole store, shows how far it is, and what it finds.
class VerifyCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    std::string m_id; ///< of a verification to be followed; empty: a new one is begun
};

} // namespace gantry::console
