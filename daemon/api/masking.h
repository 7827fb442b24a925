// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/event.h"
#include "shared/domain/order.h"
#include "shared/domain/role_table.h"
#include "shared/protocol/event_codec.h"
#include "shared/util/result.h"

#include <string>
#include <vector>

// What a masked role is shown instead of personal data: one place for all that goes out. A role that is not masked gets everything as it is.
namespace gantry::api {

/// Stands for a text that is not shown.
constexpr const char* maskText = "***";

/// An encoded document without name, e-mail, phone, address lines, metadata's contents, and the postal code but for its beginning. Errors: Corrupt.
Result<std::string> shownDocument(std::string document, const RoleRef& role);

/// Writes an order's row, with its customer's name masked.
void writeShownRow(JsonWriter& json, const Order& order, const RoleRef& role);

/// The events with names masked, and without what steps gave back: nobody knows what stands in that.
std::vector<LoggedEvent> shownEvents(std::vector<LoggedEvent> events, const RoleRef& role);

/// Why a role may not search by that text: it would tell what is masked. An order's id is no secret. Empty if it may.
std::optional<Error> refusalOfSearch(const std::string& query, const RoleRef& role);

} // namespace gantry::api
