// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"

#include <string>

namespace gantry::console {

/// Pauses, resumes or cancels a bulk action, and says how it stands then.
ExitCode steerBulk(
    CommandContext& context, const std::string& id, const std::string& action, const std::string& reason);

/// `gantryctl bulk pause|resume ID`.
class BulkSteerCommand final : public Command {
public:
    enum class Purpose { Pause, Resume };
    explicit BulkSteerCommand(Purpose purpose)
        : m_purpose(purpose)
    {
    }

    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    Purpose m_purpose;
    std::string m_id;
    std::string m_reason;
};

} // namespace gantry::console
