// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/sqlite/row_source.h"

#include <memory>
#include <string_view>
#include <vector>

namespace gantry::store {

// What a filter means for rows that begin with orderColumns and then incident_code.

/// How many rows a page may look at: about 30 ms when they are in memory.
constexpr std::size_t mostRowsLookedAt = 20'000;

/// The ids that the filter's times leave.
IdRange rangeOf(const OrderFilter& filter);

/// The states that an order may be in to pass the filter; all of them: empty.
std::vector<OrderState> statesOf(const OrderFilter& filter);

/// Whether the row's order is one that the filter wants; its words are not looked at.
bool passes(const Statement& row, const OrderFilter& filter);

/// The rows of a filter without words, along the index that narrows best, in the sequence of ids.
std::unique_ptr<RowSource> chooseSource(
    Connection& connection, const OrderFilter& filter, IdRange range, SortOrder sort);

/// The rows of a filter with words: an order's own id or number is what was meant where there is one.
std::unique_ptr<RowSource> answerQuestion(Connection& connection, const OrderFilter& filter,
    const PageRequest& request, IdRange range, JsonParser& parser);

} // namespace gantry::store
