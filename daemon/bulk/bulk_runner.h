// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bulk/bulk_plan.h"
#include "daemon/bulk/bulk_queue.h"
#include "daemon/bulk/watch_list.h"
#include "daemon/engine/messages.h"
#include "daemon/store/store.h"
#include "shared/util/clock.h"
#include "shared/util/random_source.h"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace gantry::bulk {

/// The orders of a range of slots, and where commands to them go.
struct PartitionDoor {
    Slot firstSlot = 0;
    Slot lastSlot = slotCount - 1;
    engine::Inbox* inbox = nullptr;
};

/// What the runner works with. Everything outlives it; the queue also outlives every partition.
struct BulkSettings {
    const Clock& clock;
    RandomSource& random; ///< the runner's alone
    BulkQueue& queue;
    std::vector<PartitionDoor> partitions; ///< bulk actions themselves are written through the first
    std::function<RoleRef(const std::string&)>
        customRole{}; ///< a custom role as it is now; any thread. Empty: there are none
};

/// Bulk actions as an actor without its thread. Acts on orders by posting commands to their partitions, and keeps its own state in the store by posting
/// that, too: it writes nothing itself.
///
/// Each member goes Pending → Sent (on disk) → its command, under a key of its own → its result (on disk). Whoever starts again after a crash asks again
/// for what was Sent: the key makes the partition answer what came of it, or do it now. Used by one thread; tests call it directly.
class BulkRunner {
public:
    BulkRunner(BulkSettings settings, std::unique_ptr<store::StoreReader> reader);

    /// Loads what has not ended, and goes on with it. Errors: the store's.
    Result<void> start();

    /// One round with these messages.
    void run(std::vector<BulkMessage> messages);

    /// When the next round is wanted, by the monotonic clock.
    [[nodiscard]] std::optional<std::chrono::milliseconds> next() const;

    /// Answers whoever waits: ShuttingDown.
    void stop();

private:
    using Millis = std::chrono::milliseconds;

    /// An order of a bulk action, as far as its result does not tell.
    struct Member {
        OrderId order;
        std::uint32_t version = 0; ///< when it was frozen
        std::uint32_t versionAfter = 0; ///< right after it was acted on
    };
    /// A bulk action that something may still become of.
    struct Bulk {
        store::BulkRecord record; ///< `counts` as the plan has them
        BulkPlan plan;
        std::vector<Member> members;
        bool isStored = true; ///< it is on disk as a whole
    };
    struct Key {
        std::uint64_t bulk = 0;
        std::uint32_t member = 0;
    };
    /// A bulk action whose members are being written.
    struct Creation {
        std::uint64_t bulk = 0;
        std::uint32_t written = 0;
        std::function<void(const Result<Created>&)> reply;
    };
    /// A write with what follows it.
    struct Write {
        std::shared_ptr<store::BulkChanges> changes = std::make_shared<store::BulkChanges>();
        std::vector<Key> commands; ///< to be posted
        std::vector<std::function<void(const Result<void>&)>> replies;
    };

    Result<void> load(store::BulkRecord record);
    void take(CreateBulk& request);
    void take(SteerBulk& request);
    void steer(Bulk& bulk, SteerBulk& request);
    void take(MemberAnswer& answer);
    void take(WriteAnswer& answer);
    void take(OrdersChanged& changes);
    Result<void> loadEnded(const store::BulkRecord& record);
    void abandon(Bulk& bulk);
    [[nodiscard]] std::optional<Result<Steered>> known(
        const SteerBulk& request, const store::BulkRecord& record);
    [[nodiscard]] Result<std::optional<Created>> known(const store::BulkRecord& record) const;
    [[nodiscard]] Bulk* find(std::uint64_t number);
    [[nodiscard]] std::size_t activeCount() const;
    void addMembers(Creation& creation);
    void actOnAll();
    void act(Bulk& bulk);
    [[nodiscard]] std::size_t room() const;
    void look();
    void lookAt(const OrderId& order);
    void settle(const OrderId& order, const Watched& before, store::BulkMember after);
    void noteState(Bulk& bulk, const std::string& actor, const std::string& what, const std::string& reason);
    void noteOutcome(Bulk& bulk, BulkState before);
    void flush();
    void send(const Key& key);
    void sendWaiting();
    [[nodiscard]] engine::OrderCommand commandFor(const Bulk& bulk, std::uint32_t number) const;
    [[nodiscard]] engine::Inbox& inboxOf(const OrderId& order) const;
    void dropEnded();

    BulkSettings m_settings;
    std::unique_ptr<store::StoreReader> m_reader;
    std::map<std::uint64_t, Bulk> m_bulks; ///< by number
    std::uint64_t m_lastNumber = 0;
    std::deque<Creation> m_creations;
    std::uint64_t m_actedLast = 0; ///< the bulk action that the next round begins behind
    WatchList m_watch; ///< acted on, and the result is not final
    Millis m_lookAt{0};
    std::deque<Key> m_unsent; ///< Sent on disk, but the partition could not take or do it: asked again
    Millis m_sendAt{0};
    Write m_gathered;
    std::optional<Write> m_writing; ///< one at a time
    bool m_isPosted = false; ///< m_writing is with the partition
    std::optional<Error> m_fault; ///< why the last write was not done; empty if it was
    Millis m_writeAt{0};
};

/// The result that a verdict on a retry is.
store::MemberResult resultOf(RetryVerdict verdict) noexcept;

} // namespace gantry::bulk
