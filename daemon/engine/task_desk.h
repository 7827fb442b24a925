// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/limit_book.h"
#include "daemon/engine/waiting_facts.h"
#include "daemon/engine/worker_messages.h"
#include "shared/util/clock.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gantry::engine {

/// What a worker is to do for an order now.
struct DueTask {
    std::string_view name; ///< of the task
    std::chrono::milliseconds lease{};
    const StepLimit* limit = nullptr; ///< of the step, if it has one; outlives the desk
    std::chrono::milliseconds start{}; ///< how long it may wait here; 0: any time
    std::chrono::milliseconds run{}; ///< the most that its leases may take in all; 0: any time
    bool operator==(const DueTask&) const = default;
};

/// Where attempts wait for workers, and where it is known who has which. In memory only, on the partition's thread alone: after a restart every due attempt
/// waits here again. Never hands out two attempts of one order at a time.
///
/// Time counts by rounds: one round adds what the clock's monotonic time went on by, at most `longestRound`. So neither a jump of a clock nor
/// a halt of this process takes a lease away from a worker that had no chance to extend it.
class TaskDesk {
public:
    /// Gives an order's document. Errors: the store's.
    using DocumentSource = std::function<Result<std::shared_ptr<const std::string>>(const OrderId&)>;
    /// Told of an attempt that can't be handed out; it must be reported as failed. It is off the desk.
    using CannotHandOut = std::function<void(const Order&, const std::string& task, const Error&)>;

    static constexpr std::chrono::milliseconds longestRound{2000};

    /// `limits` outlives the desk; whoever has it lets its time go on.
    TaskDesk(const Clock& clock, std::uint64_t epoch, LimitBook& limits);

    /// Begins a round: lets time go on.
    void advance();

    /// Takes notice of an order as it is now committed, open or closed; `due` if its present attempt waits for a worker. A lease of an attempt that is no longer
    /// the present one is revoked: its token is stale from now on, and what is due next waits until its worker has reported or its time is over.
    void update(const std::shared_ptr<const Order>& order, const std::optional<DueTask>& due);

    /// Whether an outcome under this token may be taken, as far as leases go: whether the attempt is the present one is the domain's to say. A token of an earlier
    /// epoch may, unless somebody has leased the attempt since.
    [[nodiscard]] bool mayReport(const LeaseToken& token) const;

    /// Remembers that the task of a lease has been done well just now.
    void noteSuccess(const LeaseToken& token);

    /// The worker has reported, or its time is over. True: that was the order's lease, and the order is to be looked at again.
    bool end(const LeaseToken& token);

    /// Whether the order is here at all: waits for a worker, or is in a worker's hands.
    [[nodiscard]] bool isKnown(const OrderId& order) const { return m_places.contains(order); }

    /// Whether an attempt of the order is in a worker's hands, revoked or not.
    [[nodiscard]] bool isOut(const OrderId& order) const;

    /// Starts a lease anew, but never beyond what the attempt may take in all. Errors: StaleToken, also if that is over.
    Result<LeaseExtension> extend(const LeaseToken& token);

    /// What extend() would give. Errors: as it.
    [[nodiscard]] Result<LeaseExtension> foresee(const LeaseToken& token) const;

    /// Takes a lease of an earlier epoch on again, at the present attempt of that order, which `task` is. Errors: StaleToken.
    Result<LeaseExtension> adopt(
        const LeaseToken& token, const std::shared_ptr<const Order>& order, const DueTask& task);

    /// A lease whose time is over.
    struct Expired {
        LeaseToken token;
        std::string step;
        std::shared_ptr<const std::string> worker; ///< null if it is not known
        std::chrono::milliseconds lease{};
        bool isRevoked = false; ///< nothing is to be recorded
        std::optional<std::chrono::milliseconds> run{}; ///< the attempt took all the time that it may take
    };
    /// Some of the leases whose time is over; they stay until end() is called.
    [[nodiscard]] std::vector<Expired> expired() const;

    /// An attempt that nobody has taken in time.
    struct NotStarted {
        OrderId order;
        std::string step;
        std::uint32_t attempt = 1;
        std::string task;
        std::chrono::milliseconds start{}; ///< how long it might wait
        bool hasRoom = true; ///< false: its limit keeps it waiting
    };
    /// Some of those; they stay until update() says that they are due no more.
    [[nodiscard]] std::vector<NotStarted> notStarted() const;

    /// A worker asks; serve() answers.
    void claim(ClaimRequest request);
    void withdraw(std::uint64_t client);

    /// These workers, by name, get nothing from now on, and no others.
    void pauseWorkers(std::set<std::string, std::less<>> names);

    /// Hands out what is due to those who wait for it, first come first served.
    void serve(const DocumentSource& documents, const CannotHandOut& cannot);

    /// Answers those who have waited long enough.
    void endWaits();

    /// Answers everyone who waits, and refuses all further claims: ShuttingDown.
    void stop();

    /// Adds what is known here of an order, if it is here, and of the task that it waits for: `facts.handler`.
    void explain(const OrderId& order, WaitingFacts& facts) const;

    /// How long until a lease or a wait is over.
    [[nodiscard]] std::optional<std::chrono::milliseconds> next() const;

    /// Time by rounds, from when the desk was made.
    [[nodiscard]] std::chrono::milliseconds time() const noexcept { return m_time; }

    [[nodiscard]] std::size_t leased() const noexcept { return m_deadlines.size(); }
    [[nodiscard]] std::size_t due() const noexcept { return m_places.size() - m_deadlines.size(); }
    [[nodiscard]] std::size_t waitingClaims() const noexcept { return m_claims.size(); }

private:
    using Millis = std::chrono::milliseconds;

    struct Queue {
        std::shared_ptr<const std::string> name;
        WaitingLine line;
        std::optional<Timestamp> lastAsked; ///< when a worker asked for it or got one
        std::optional<Timestamp> lastSuccess;
    };
    /// How long an attempt may wait and take in all, where its step says so; and when that is over, by this desk's time.
    struct Bounds {
        Millis start{};
        Millis run{};
        Millis startUntil = Millis::max();
        Millis runUntil = Millis::max();
    };
    /// An order on the desk: in its queue, or in a worker's hands.
    struct Place {
        std::shared_ptr<const Order> order; ///< as it was queued, or as it is with its lease
        Queue* queue = nullptr;
        DueKey key;
        LimitUse use;
        Millis length{}; ///< of a lease
        std::uint64_t lease = 0; ///< 0: in its queue
        std::uint32_t epoch = 0;
        bool isRevoked = false;
        Millis until{};
        std::shared_ptr<const std::string> worker;
        std::unique_ptr<Bounds> bounds; ///< null for the many that have none
    };
    struct Claim {
        ClaimRequest request;
        std::vector<Queue*> queues; ///< of its tasks; made anew when there are more queues
        std::size_t queuesKnown = 0;
        Millis deadline{};
    };

    Queue& queueOf(std::string_view task);
    Place placeFor(const std::shared_ptr<const Order>& order, const DueTask& task);
    [[nodiscard]] static DueTask taskOf(const Place& place);
    void enqueue(const std::shared_ptr<const Order>& order, const DueTask& task);
    void leave(const OrderId& order, bool isUndone = false);
    void lease(
        Place& place, std::uint32_t epoch, std::uint64_t number, std::shared_ptr<const std::string> worker);
    LeaseExtension renew(Place& place);
    [[nodiscard]] Millis leaseLengthOf(const Place& place) const;
    [[nodiscard]] bool isPaused(const Claim& claim) const;
    Queue* bestFor(Claim& claim);
    std::vector<LeasedTask> take(Claim& claim, const DocumentSource& documents, const CannotHandOut& cannot);
    void giveBack(const std::vector<LeaseToken>& tokens);
    [[nodiscard]] static LeaseToken tokenOf(const Place& place);

    const Clock& m_clock;
    LimitBook& m_limits;
    std::uint32_t m_epoch;
    std::uint64_t m_leases = 0; ///< so many so far
    std::chrono::milliseconds m_lastTick;
    Millis m_time{0};
    std::map<std::string, Queue, std::less<>> m_queues; ///< by task; those that orders have come to
    std::unordered_map<OrderId, Place> m_places;
    std::set<std::pair<Millis, OrderId>> m_deadlines; ///< of leases
    std::set<std::pair<Millis, OrderId>>
        m_starts; ///< by when those that wait must be taken, where that is said
    std::list<Claim> m_claims; ///< who waits, first come first
    std::set<std::string, std::less<>> m_pausedWorkers;
    Millis m_nextWait = Millis::max(); ///< not after the first claim's deadline
    bool m_hasNews = false; ///< a claim or a due attempt has come since serve()
    bool m_isStopped = false;
};

} // namespace gantry::engine
