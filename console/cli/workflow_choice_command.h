// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>
#include <vector>

namespace gantry::console {

/// `gantryctl workflow activate NAME VERSION` and `workflow deactivate`: which definition the new orders of channels go by.
class WorkflowChoiceCommand final : public Command {
public:
    enum class Purpose { Activate, Deactivate };
    explicit WorkflowChoiceCommand(Purpose purpose)
        : m_purpose(purpose)
    {
    }

    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    Purpose m_purpose;
    std::string m_name;
    int m_version = 0;
    std::vector<std::string> m_channels;
};

} // namespace gantry::console
