// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl pause SCOPE NAME` and `gantryctl resume SCOPE NAME`: nothing of a step, task, channel or worker is handed out, until it is again.
class PauseCommand final : public Command {
public:
    enum class Purpose { Pause, Resume };
    explicit PauseCommand(Purpose purpose)
        : m_purpose(purpose)
    {
    }

    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    Purpose m_purpose;
    std::string m_scope;
    std::string m_name;
    std::string m_reason;
};

} // namespace gantry::console
