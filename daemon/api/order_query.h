// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/call.h"
#include "daemon/api/services.h"
#include "daemon/store/store.h"

#include <functional>
#include <string>

namespace gantry::api {

/// How many orders a page may have.
constexpr std::size_t maxPage = 500;

/// What a list's parameters ask for, among what the caller may see. Errors: InvalidValue, Forbidden, naming the parameter.
Result<store::OrderFilter> filterOf(const Call& call);

/// One order, as far as the role may see it. Errors: NotFound, also for one that it may not see; those of the store.
Result<store::StoredOrder> readSeen(store::StoreReader& reader, const OrderId& id, const RoleRef& role);

/// Which page of it. Errors: InvalidValue, InvalidCursor.
Result<store::PageRequest> pageOf(const Call& call);

/// The cursor by which the page after that order is asked for.
std::string cursorAfter(const OrderId& last);

/// Runs a look on a reader's thread; what it gives is the answer. Answers Busy at once if too many looks wait.
void look(
    const Services& services, const ApiReply& reply, std::function<ApiResponse(store::StoreReader&)> answer);

} // namespace gantry::api
