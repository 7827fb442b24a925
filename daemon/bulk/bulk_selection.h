// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/store.h"
#include "shared/util/clock.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <vector>

namespace gantry::bulk {

/// Which orders a bulk action is for: those of these ids, or those that pass a filter.
struct Selection {
    std::vector<OrderId> ids{}; ///< each once
    std::optional<store::OrderFilter> filter{};
    std::optional<std::vector<std::string>>
        channels{}; ///< orders of others are as if there were none; empty: all
    std::optional<bool> compensating{}; ///< with a filter: only orders that are being undone, or only others
};

/// How much may be looked at.
struct SelectionLimits {
    std::size_t orders = 100'000;
    std::chrono::milliseconds time{30'000};
};

/// Calls `visit` with each selected order as it is now, oldest first with a filter, else in the sequence of the ids; null for an id that no order has. Each order is read
/// once, so what is seen is what is frozen: an order that passes the filter later is not in it. Errors: InvalidValue (too many), Busy (it
/// took too long), and the reader's.
Result<void> forEachSelected(store::StoreReader& reader, const Selection& selection,
    const SelectionLimits& limits, const Clock& clock,
    const std::function<void(const OrderId&, const Order*)>& visit);

} // namespace gantry::bulk
