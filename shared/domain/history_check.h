// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/event.h"

#include <optional>
#include <string>

namespace gantry {

/// Why an event can't follow in the history of an order, if so. What decide() gives always can: this judges events that lay in a store.
struct ImpossibleEvent {
    std::string expected;
    std::string found;
    bool operator==(const ImpossibleEvent&) const = default;
};

/// Judges the next event of an order. Only one that passes may be given to apply(), whatever it holds.
///
/// Pure. Checks what the events themselves say: number, kind, step, attempt, holds, state table, books. Not the workflow, which a store keeps apart.
[[nodiscard]] std::optional<ImpossibleEvent> checkNextEvent(const Order& order, const Event& event);

} // namespace gantry
