// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/records.h"
#include "daemon/store/sqlite/connection.h"
#include "shared/protocol/json_reader.h"

namespace gantry::store {

/// One page of orders: walks the index that narrows the filter best, in the sequence of ids, and tests the rest row by row. How many rows it looks at
/// is bounded; the next page goes on where it stopped. Other sequences than by id: listSorted(). To be called inside a read transaction.
/// Errors: InvalidValue (the sequence), Busy (deadline), Corrupt, Unavailable.
Result<OrderPage> listOrders(
    Connection& connection, const OrderFilter& filter, const PageRequest& request, JsonParser& parser);

} // namespace gantry::store
