// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"
#include "shared/protocol/event_codec.h"
#include "shared/util/result.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace gantry {

/// What the two ends of the bus say to each other, as values (docs/protocol.md). bus_codec.h puts them into JSON and back.

constexpr int busProtocolVersion = 4;
constexpr std::string_view heartbeatTopic = "heartbeat";
constexpr std::string_view eventTopicPrefix = "events.";

constexpr std::size_t snapshotOrdersMost = 1000; ///< in one part
constexpr std::size_t replayEventsMost = 5000; ///< in one answer
constexpr std::size_t answerPartBytes = 512 * 1024; ///< a snapshot's part or a replay ends here
constexpr std::size_t eventMessageBytes = 256 * 1024; ///< an event message is split here
constexpr std::size_t eventMessageBytesMost =
    1024 * 1024; ///< of one event alone; a longer one goes by replay

/// Where a partition's log stands.
struct PartitionPosition {
    std::uint32_t partition = 0;
    std::uint64_t epoch = 0;
    std::uint64_t sequence = 0; ///< of the last event
    bool operator==(const PartitionPosition&) const = default;
};

/// Opens the conversation.
struct HelloQuery {
    int protocol = busProtocolVersion;
    bool operator==(const HelloQuery&) const = default;
};

/// The open orders with an id over `after`.
struct SnapshotQuery {
    std::uint32_t partition = 0;
    std::optional<OrderId> after{};
    std::size_t limit = snapshotOrdersMost;
    bool operator==(const SnapshotQuery&) const = default;
};

/// The events with a sequence over `after`.
struct ReplayQuery {
    std::uint32_t partition = 0;
    std::uint64_t epoch = 0;
    std::uint64_t after = 0;
    std::size_t limit = replayEventsMost;
    bool operator==(const ReplayQuery&) const = default;
};

using BusHeaders = std::vector<std::pair<std::string, std::string>>;

/// A request of the REST API without its body, which is a frame of its own.
struct CallQuery {
    std::string method;
    std::string target;
    BusHeaders headers{}; ///< names in lower case
    bool operator==(const CallQuery&) const = default;
};

using BusQuery = std::variant<HelloQuery, SnapshotQuery, ReplayQuery, CallQuery>;

struct HelloAnswer {
    int protocol = busProtocolVersion;
    std::string server;
    std::string principal;
    std::string role;
    std::vector<PartitionPosition> partitions;
};

struct SnapshotAnswer {
    PartitionPosition position;
    std::vector<std::shared_ptr<const Order>> orders; ///< by ascending id
    bool isLast = false;
};

struct ReplayAnswer {
    std::uint32_t partition = 0;
    std::uint64_t epoch = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0; ///< first - 1 if there is nothing to tell
    std::vector<LoggedEvent> events;
    bool isTooOld = false; ///< can't be told any more: take a snapshot
};

/// The head of an answer to a CallQuery; its body is a frame of its own.
struct CallAnswer {
    int status = 0;
    BusHeaders headers{};
};

/// What a query can be answered with; an Error is a problem document.
using BusAnswer = std::variant<HelloAnswer, SnapshotAnswer, ReplayAnswer, CallAnswer, Error>;

/// What one or more batches changed: the events `first` to `last`, without a gap.
struct EventMessage {
    std::uint32_t partition = 0;
    std::uint64_t epoch = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::vector<LoggedEvent> events;
};

struct HeartbeatMessage {
    Timestamp at{};
    std::vector<PartitionPosition> partitions;
};

} // namespace gantry
