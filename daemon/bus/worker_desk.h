// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/bus_limits.h"
#include "daemon/bus/bus_meters.h"
#include "daemon/bus/credit_account.h"
#include "daemon/bus/outbox.h"
#include "daemon/bus/principal.h"
#include "daemon/bus/worker_mailbox.h"
#include "daemon/engine/messages.h"
#include "shared/protocol/json_reader.h"
#include "shared/protocol/worker_messages.h"

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gantry::bus {

/// What the desk works with.
struct WorkerDeskSettings {
    std::string server; ///< name and version, for the welcome
    PrincipalLookup lookup;
    engine::Inbox* inbox = nullptr; ///< of the one partition; outlives the desk
    engine::TokenSeal seal;
    const Clock& clock; ///< outlives the desk
    WorkerDeskLimits limits{};
};

/// The workers' sessions: who is there, what each has in hand, and what it may get. Understands what workers say and asks the partition for them. Workers'
/// thread only.
class WorkerDesk {
public:
    using SteadyTime = CreditAccount::SteadyTime;

    /// `outbox` and `meters` outlive the desk.
    WorkerDesk(WorkerDeskSettings settings, Outbox& outbox, std::shared_ptr<WorkerMailbox> mailbox,
        BusMeters& meters);
    ~WorkerDesk();
    WorkerDesk(const WorkerDesk&) = delete;
    WorkerDesk& operator=(const WorkerDesk&) = delete;

    /// One message of a worker. `key`: its public CURVE key.
    void handle(const std::string& peer, std::string_view key, std::string_view message, SteadyTime now);

    /// Mail of the partition.
    void deliver(ClaimMail mail, SteadyTime now);
    void deliver(AnswerMail mail, SteadyTime now);

    /// Each heartbeat: tells every worker that we are there, and ends the sessions of those that are not.
    void tick(SteadyTime now);

    /// Claims for everyone who has credit left: what was sent before has been read.
    void resume();

    /// The daemon stops: says so to everyone.
    void stop();

private:
    struct Session {
        std::uint64_t client = 0; ///< by which the partition knows its claims
        std::string principal;
        std::shared_ptr<const std::string> worker;
        std::vector<std::string> tasks;
        CreditAccount account;
        SteadyTime lastHeard;
        std::size_t resultsUnderWay = 0;
        std::shared_ptr<std::atomic<bool>> isGone; ///< read by replies on the partition's thread
    };
    using Sessions = std::unordered_map<std::string, Session>; ///< by routing id
    struct Sorted;

    void hello(
        const std::string& peer, const std::string& principal, const WorkerHello& hello, SteadyTime now);
    void results(const std::string& peer, Session& session, WorkerResults results);
    [[nodiscard]] bool report(const std::string& peer, Session& session, Sorted& sorted);
    [[nodiscard]] bool extend(const std::string& peer, Session& session, Sorted& sorted);
    void claim(const std::string& peer, Session& session);
    void sendTasks(const std::string& peer, Session& session, const ClaimMail& mail, SteadyTime now);
    void giveBack(std::vector<engine::LeaseToken> tokens);
    void end(Sessions::iterator session, std::string_view reason);
    bool say(const std::string& peer, std::string json);
    void refuse(const std::string& peer, const Error& error);

    WorkerDeskSettings m_settings;
    Outbox& m_outbox;
    std::shared_ptr<WorkerMailbox> m_mailbox;
    BusMeters& m_meters;
    JsonParser m_parser;
    JsonWriter m_json;
    Sessions m_sessions;
    std::unordered_map<std::uint64_t, std::string> m_peers; ///< by client
    std::uint64_t m_lastClient = 0;
    std::uint64_t m_lastClaim = 0;
    std::size_t m_bytes = 0; ///< of results under way
};

} // namespace gantry::bus
