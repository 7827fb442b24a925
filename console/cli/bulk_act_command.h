// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/bulk_view.h"
#include "console/cli/command.h"
#include "shared/domain/actions.h"
#include "shared/protocol/json_writer.h"

#include <string>
#include <vector>

namespace gantry::console {

/// `gantryctl bulk retry|hold|release|cancel|override`: one action on many orders, chosen by filter or by a list of ids. `bulk cancel ID` cancels a bulk action
/// instead.
class BulkActCommand final : public Command {
public:
    explicit BulkActCommand(Action action)
        : m_action(action)
    {
    }

    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    void declareSelection(CLI::App& command);
    void declarePace(CLI::App& command);
    [[nodiscard]] bool hasFilter() const;
    void writeFilter(JsonWriter& json) const;
    [[nodiscard]] Result<void> writeSelection(JsonWriter& json, std::istream& input) const;
    [[nodiscard]] Result<std::string> body(std::istream& input) const;
    ExitCode cancelBulk(CommandContext& context);
    ExitCode follow(CommandContext& context, ApiSession& session, std::string answer);

    Action m_action;
    std::string m_bulk; ///< cancel: the bulk action's id
    std::string m_reason;
    std::vector<std::string> m_states;
    std::string m_step;
    std::string m_channel;
    std::string m_code;
    std::string m_query;
    std::string m_createdFrom;
    std::string m_createdUntil;
    std::string m_idFile;
    std::string m_holdId;
    std::string m_expiresAt;
    int m_rate = 20;
    int m_canary = 0;
    int m_stopAfter = -1;
    bool m_isDryRun = false;
    bool m_isDetached = false;
};

} // namespace gantry::console
