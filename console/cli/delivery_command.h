// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl intake show NUMBER`: one delivery with its body. `gantryctl intake replay NUMBER`: reads it anew.
class DeliveryCommand final : public Command {
public:
    enum class Purpose { Show, Replay };
    explicit DeliveryCommand(Purpose purpose)
        : m_purpose(purpose)
    {
    }

    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    Purpose m_purpose;
    std::uint64_t m_number = 0;
};

} // namespace gantry::console
