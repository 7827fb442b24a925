// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/bus_messages.h"
#include "shared/protocol/json_reader.h"
#include "shared/util/result.h"

#include <span>
#include <string>
#include <string_view>

namespace gantry {

/// The JSON of what the ends of the bus say. Queries are read strictly, with every fault named; answers and messages are read
/// tolerantly, so that a newer daemon may say more than this end knows.

std::string encodeQuery(const BusQuery& query);

/// Errors: MalformedJson, InvalidUtf8, UnknownField, MissingField, WrongType, InvalidValue.
Result<BusQuery> decodeQuery(JsonParser& parser, std::string_view json);

std::string encodeHello(const HelloAnswer& hello);

/// As many of the orders as fit into `mostBytes`, one at least. `isLast` holds if all of them fit.
std::string encodeSnapshot(const PartitionPosition& position,
    std::span<const std::shared_ptr<const Order>> orders, bool isLast,
    std::size_t mostBytes = answerPartBytes);

/// As many of the events (the ones that follow `query.after`) as fit into `mostBytes`, one at least.
std::string encodeReplay(
    const ReplayQuery& query, std::span<const LoggedEvent> events, std::size_t mostBytes = answerPartBytes);

/// The answer that a range can't be told any more.
std::string encodeReplayTooOld(const ReplayQuery& query);

std::string encodeCallAnswer(int status, const BusHeaders& headers);

/// Wraps a failure as `{"problem":{…}}`.
std::string encodeProblemAnswer(const Error& error);

/// Errors: Corrupt.
Result<BusAnswer> decodeAnswer(JsonParser& parser, std::string_view json);

std::string encodeHeartbeat(const HeartbeatMessage& heartbeat);

/// Errors: Corrupt.
Result<HeartbeatMessage> decodeHeartbeat(JsonParser& parser, std::string_view json);

/// Errors: Corrupt, also when the numbers do not fit the events.
Result<EventMessage> decodeEventMessage(JsonParser& parser, std::string_view json);

} // namespace gantry
