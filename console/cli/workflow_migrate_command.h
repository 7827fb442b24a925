// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"
#include "console/cli/migration_view.h"

#include <deque>
#include <string>
#include <vector>

namespace gantry::console {

/// `gantryctl workflow migrate NAME --from N --to M`: plans the move of every open order on a version to another, shows the plan, and does exactly that: each
/// order only if it is as it was planned.
class WorkflowMigrateCommand final : public Command {
public:
    CLI::App* declare(CLI::App& parent) override;
    ExitCode run(CommandContext& context) override;

private:
    /// What has become of the orders that were to move.
    struct Tally {
        std::size_t moved = 0;
        std::size_t changed = 0;
        std::size_t refused = 0;
        std::deque<MigrationView::Planned> open; ///< still to be moved
    };

    [[nodiscard]] std::string mapText() const;
    [[nodiscard]] Result<void> readPlan(
        CommandContext& context, ApiSession& session, MigrationView& view) const;
    [[nodiscard]] Result<std::string> newOrdersText(ApiSession& session) const;
    [[nodiscard]] bool isWanted(CommandContext& context, std::size_t orders) const;
    [[nodiscard]] std::string body(const std::vector<MigrationView::Planned>& orders) const;
    [[nodiscard]] Result<void> moveAll(CommandContext& context, ApiSession& session, Tally& tally) const;
    [[nodiscard]] Result<std::size_t> moveBatch(
        CommandContext& context, ApiSession& session, Tally& tally) const;
    ExitCode end(CommandContext& context, const Tally& tally, std::size_t staying) const;

    std::string m_name;
    int m_from = 0;
    int m_to = 0;
    std::vector<std::string> m_map; ///< old=new
    std::string m_reason;
    bool m_isDryRun = false;
    bool m_isSure = false;
};

} // namespace gantry::console
