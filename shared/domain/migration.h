// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"
#include "shared/domain/workflow.h"
#include "shared/util/result.h"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry {

/// Where orders go that stand at a step: from its name in the old definition to one in the new. A step that is not named keeps its name.
using StepMap = std::map<std::string, std::string, std::less<>>;

/// What becomes of the attempt that is due, in hand or waited for.
enum class AttemptFate : std::uint8_t {
    Kept, ///< the step is done by the same: a result of it counts
    Renewed, ///< nothing is in hand: it begins anew, under a number above all before
    Revoked, ///< one may be in hand, and no result of it counts any more
};

std::string_view attemptFateName(AttemptFate fate) noexcept;

/// What a move depends on beside the definitions.
struct MigrationTerms {
    const std::vector<std::string>&
        notMeant; ///< steps whose conditions the order does not meet: skippedFor() its document
    const StepMap& map;
    Timestamp at{}; ///< when it moves
};

/// A step that something else would undo than before.
struct ChangedCompensation {
    std::string step{};
    std::string before{}; ///< what undoes it by the old definition; empty: nothing
    std::string after{}; ///< by the new one
    bool operator==(const ChangedCompensation&) const = default;
};

/// What moving an order to another definition of its workflow means.
struct MigrationPlan {
    StepEntry
        step{}; ///< where it will stand; the time for which its stock is reserved goes on, or there is none any more
    std::vector<std::string>
        skippedSteps{}; ///< of the new definition, in its sequence: neither to be run nor to be undone
    std::vector<std::string>
        passedSteps{}; ///< of those: never done, and for the order if it were not past them
    std::vector<std::string> doneSteps{}; ///< done, which the new definition does not tell: OrderSummary's
    std::vector<ChangedCompensation> changedCompensations{}; ///< of steps that may have had effects
    AttemptFate attempt = AttemptFate::Kept;
    bool operator==(const MigrationPlan&) const = default;
};

/// Whether and how an order moves from one definition to another. docs/workflows.md, "Moving open orders", tells the rules.
///
/// Pure. Errors: ActionNotAllowed, with a reason that names steps but not the order; Internal (`from` is not what the order is on).
[[nodiscard]] Result<MigrationPlan> planMigration(
    const Order& order, const Workflow& from, const Workflow& to, const MigrationTerms& terms);

/// Why a map does not go with two definitions: it names a step that they have not. Empty if it does.
[[nodiscard]] std::optional<Error> checkStepMap(const Workflow& from, const Workflow& to, const StepMap& map);

} // namespace gantry
