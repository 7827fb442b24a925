// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/records.h"
#include "daemon/store/sqlite/statement.h"
#include "shared/protocol/json_reader.h"
#include "shared/protocol/json_writer.h"

#include <optional>
#include <string>
#include <string_view>

namespace gantry::store {

// How orders and events stand in rows. Pure: nothing here runs a statement.

/// The columns that readOrderColumns() takes, of order_state s and order_document d.
constexpr std::string_view orderColumns =
    "s.id, s.last_sequence, s.state, s.step, s.performer, s.role, s.version, s.attempt, s.attempts_spent, "
    "s.step_since, s.updated_at, s.retry_at, s.facts, d.channel, d.external_id, d.customer_name, d.currency, "
    "d.total, d.line_count, d.quantity, d.priority, d.promise_at, d.created_at, d.workflow, "
    "d.workflow_version, d.skipped_steps, s.authorized, s.captured, s.refunded";
constexpr int orderColumnCount = 29;
constexpr int summaryStart = 13; ///< of those: where summaryColumns begin

/// The columns that readSummaryColumns() takes, of order_document.
constexpr std::string_view summaryColumns =
    "channel, external_id, customer_name, currency, total, line_count, quantity, priority, promise_at, "
    "created_at, workflow, workflow_version, skipped_steps";

/// An order from a row that begins with orderColumns. Errors: Corrupt.
Result<OrderRecord> readOrderColumns(const Statement& row, JsonParser& parser);

/// A summary from a row that has summaryColumns from column `first`. Errors: Corrupt.
Result<OrderSummary> readSummaryColumns(const Statement& row, int first);

/// The steps that an order skips as its column holds them: names joined by commas. Orders of before schema 3 hold NULL, which is none.
std::string joinSteps(const std::vector<std::string>& steps);

/// What an order has to say beyond its columns, as JSON; empty if nothing. Keeps the usual row small.
std::string_view encodeFacts(JsonWriter& json, const Order& order);

/// The number of an event's type in the log. Fixed for ever: table event_type tells the same.
int typeNumber(const EventBody& body) noexcept;

/// The wire name of a type's number; empty if there is none.
std::string_view typeNameOf(std::int64_t number) noexcept;

/// The data column of an event; empty if its type has none.
std::string_view encodeEventData(JsonWriter& json, const EventBody& body);

/// The columns that readEventColumns() takes, of event.
constexpr std::string_view eventColumns = "position, order_id, version, previous, type, at, actor, data";

/// Reads a row that begins with eventColumns; a received order's summary is left empty for the caller to fill in. Errors: Corrupt.
Result<EventRecord> readEventColumns(const Statement& row, JsonParser& parser);

/// Where an event stands in the log of all partitions.
constexpr int sequenceBits = 44;
constexpr std::int64_t logPosition(std::uint32_t partition, std::uint64_t sequence) noexcept
{
    return static_cast<std::int64_t>((std::uint64_t{partition} << sequenceBits) | sequence);
}
constexpr std::uint64_t sequenceOf(std::int64_t position) noexcept
{
    return static_cast<std::uint64_t>(position) & ((std::uint64_t{1} << sequenceBits) - 1);
}

/// A fingerprint as it stands in a column; false if a column's bytes are none.
std::string_view bytesOf(const Fingerprint& fingerprint) noexcept;
bool readFingerprint(std::string_view bytes, Fingerprint& fingerprint) noexcept;

/// An empty text as NULL.
inline std::optional<std::string_view> orNull(std::string_view text) noexcept
{
    return text.empty() ? std::nullopt : std::optional(text);
}

/// The failure that tells of a row that can't be.
tl::unexpected<Error> damaged(std::string_view what);

} // namespace gantry::store
