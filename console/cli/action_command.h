// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"
#include "shared/domain/actions.h"

#include <string>
#include <vector>

namespace gantry::console {

/// `gantryctl retry|hold|release|cancel|override|complete`: one action on one or more orders, each on the record with a reason.
class ActionCommand final : public Command {
public:
    explicit ActionCommand(Action action);

    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    /// Acts on one order; gives the daemon's answer.
    Result<ApiAnswer> act(ApiSession& session, const std::string& order) const;
    [[nodiscard]] std::string body() const;

    Action m_action;
    std::vector<std::string> m_orders;
    std::string m_channel;
    std::string m_reason;
    std::string m_step;
    std::string m_holdId;
    std::string m_expiresAt;
    std::string m_note;
};

} // namespace gantry::console
