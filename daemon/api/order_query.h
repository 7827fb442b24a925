// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/call.h"
#include "daemon/api/services.h"
#include "daemon/store/store.h"
#include "shared/protocol/json_writer.h"

#include <functional>
#include <string>

namespace gantry::api {

/// How many orders a page may have.
constexpr std::size_t maxPage = 500;

/// What a list's parameters ask for, among what the caller may see. Errors: InvalidValue, Forbidden, naming the parameter.
Result<store::OrderFilter> filterOf(const Call& call);

/// One order, as far as the role may see it. Errors: NotFound, also for one that it may not see; those of the store.
Result<store::StoredOrder> readSeen(store::StoreReader& reader, const OrderId& id, const RoleRef& role);

/// A page of orders as a call asks for it, with the cursors of its list.
struct OrderPageQuery {
    store::PageRequest request{};
    Cursors cursors;
};

/// Which page of it. Errors: InvalidValue, InvalidCursor.
Result<OrderPageQuery> pageOf(const Call& call);

/// Writes a page's `next_cursor`: where the next one goes on, or null.
void writeNextCursor(JsonWriter& body, const Cursors& cursors, const store::OrderPage& page);

/// Runs a look on a reader's thread; what it gives is the answer. Answers Busy at once if too many looks wait.
void look(
    const Services& services, const ApiReply& reply, std::function<ApiResponse(store::StoreReader&)> answer);

} // namespace gantry::api
