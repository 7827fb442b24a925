// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// `gantryctl workflow check|add FILE`: lets the daemon check a workflow file, and store it if asked to.
class WorkflowFileCommand final : public Command {
public:
    enum class Purpose { Check, Add };
    explicit WorkflowFileCommand(Purpose purpose)
        : m_purpose(purpose)
    {
    }

    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    [[nodiscard]] Result<std::string> readFile(const CommandContext& context) const;

    Purpose m_purpose;
    std::string m_file;
};

} // namespace gantry::console
