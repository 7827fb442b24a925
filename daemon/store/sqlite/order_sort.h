// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/records.h"
#include "daemon/store/sqlite/connection.h"
#include "shared/protocol/json_reader.h"

namespace gantry::store {

/// One page of orders in another sequence than that of ids. No index is kept for these: it would cost each order that comes in (ADR 28). A filter that
/// leaves few orders is looked through and sorted; by what changed last, everything goes along the log, which is that sequence. What
/// orders are sorted by does not move between two pages: totals, promises and priorities never change, and of changes only those up to
/// the first page count. To be called inside a read transaction. Errors: InvalidValue (the filter leaves too many), Busy (deadline), Corrupt, Unavailable.
Result<OrderPage> listSorted(
    Connection& connection, const OrderFilter& filter, const PageRequest& request, JsonParser& parser);

} // namespace gantry::store
