// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/api_types.h"
#include "daemon/bus/bus_limits.h"
#include "daemon/bus/bus_meters.h"
#include "daemon/bus/mailbox.h"
#include "daemon/bus/principal.h"
#include "daemon/bus/reading_room.h"
#include "shared/protocol/bus_codec.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gantry::bus {

/// Reads the events of a partition's log with a sequence over `after`, in order, at most `limit`. Called on a thread of the bus's own.
using LogReader = std::function<Result<std::vector<LoggedEvent>>(
    std::uint32_t partition, std::uint64_t after, std::size_t limit)>;

/// Where each partition served stands, by number.
using Positions = std::map<std::uint32_t, PartitionPosition>;

/// One request as the ROUTER gave it.
struct Request {
    std::string peer; ///< routing id
    std::string number; ///< 8 bytes
    std::string key; ///< the User-Id that the ZAP handler gave: the peer's public key
    std::string address; ///< of the peer
    std::string_view head; ///< JSON; valid during the call
    std::optional<std::string> body{};
};

/// What the desk works with.
struct DeskSettings {
    std::string server; ///< name and version, for hello
    PrincipalLookup lookup;
    api::ApiHandler handler;
    LogReader readLog;
    std::map<std::uint32_t, engine::Inbox*> inboxes; ///< by partition; they outlive the desk
    DeskLimits limits{};
};

/// Understands requests, hands them on, and keeps account of what is under way. Every request gets one answer, through the mailbox. Bus
/// thread only.
class CommandDesk {
public:
    /// `positions` is the bus thread's own table and outlives the desk.
    CommandDesk(DeskSettings settings, const Positions& positions, std::shared_ptr<Mailbox> mailbox,
        std::shared_ptr<ReadingRoom> readingRoom, std::shared_ptr<BusMeters> meters);

    void handle(Request request);

    /// An answer is on its way out: its request is no longer under way.
    void settle(const Answer& answer);

private:
    struct Load {
        std::size_t calls = 0;
        std::size_t parts = 0;
    };

    void hello(Answer answer, const HelloQuery& query, const api::Principal& principal);
    void snapshot(Answer answer, const SnapshotQuery& query);
    void replay(Answer answer, const ReplayQuery& query);
    void call(Answer answer, CallQuery query, Request request, const api::Principal& principal);
    [[nodiscard]] bool admit(Answer& answer, bool isPart, std::size_t bytes);
    void refuse(Answer answer, const Error& error);

    DeskSettings m_settings;
    const Positions& m_positions;
    std::shared_ptr<Mailbox> m_mailbox;
    std::shared_ptr<ReadingRoom> m_readingRoom;
    std::shared_ptr<BusMeters> m_meters;
    JsonParser m_parser;
    std::unordered_map<std::string, Load> m_loads; ///< by peer; none is zero
    std::size_t m_bytes = 0;
};

} // namespace gantry::bus
