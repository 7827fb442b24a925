// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/decide.h"
#include "tests/shared/support/property.h"

#include <string>
#include <vector>

namespace gantry::test {

/// One to eight steps of any kind, with any role, compensation and retry policy.
Workflow randomWorkflow(Dice& dice);

/// Another version of a workflow: the same name, and of its steps some, some new ones, some done by others, at times in another sequence.
Workflow relatedWorkflow(Dice& dice, const Workflow& workflow);

/// A move between two versions that may be possible or not, at times with steps that are not for the order, a map, or no reason.
MigrateWorkflow randomMigration(Dice& dice, const Workflow& from, std::shared_ptr<const Workflow> to);

/// A command for an order, often one that fits, else stale, too early, of the wrong role, version or step, or plain nonsense. `now` moves,
/// at times backwards. `past` are reports that were sent before.
Command randomCommand(Dice& dice, const Order& order, const Workflow& workflow, Timestamp& now,
    const std::vector<CommandBody>& past);

/// An order and all that happened to it.
struct History {
    Order order;
    std::vector<Event> events;
};

/// What came of up to `most` random commands; at least the order was taken in.
History randomHistory(Dice& dice, std::size_t most);

} // namespace gantry::test
