// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/delivery_messages.h"
#include "daemon/engine/message_queue.h"
#include "daemon/engine/order_book.h"
#include "daemon/engine/pause_book.h"
#include "daemon/engine/pickup_watch.h"
#include "daemon/engine/step_registry.h"
#include "daemon/engine/workflow_catalog.h"
#include "daemon/store/store.h"
#include "shared/util/clock.h"
#include "shared/util/random_source.h"

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gantry::engine {

/// What a batch needs to know of the world around it. Outlives the batch.
struct BatchContext {
    const OrderBook& book;
    const WorkflowCatalog& workflows;
    const StepRegistry& steps;
    const Clock& clock;
    RandomSource& random;
    store::PartitionInfo partition;
    const PauseBook* pauses = nullptr; ///< built-in steps that it stops are left alone; may be null
};

/// One batch on its way: decides each command on working copies and gathers what is to be written. Touches nothing outside until the
/// caller commits changes() and then takes the working copies over. Dropping it undoes everything.
class BatchRun {
public:
    /// `messages`: about how many will come; room for what they make is had at once.
    BatchRun(const BatchContext& context, store::Batch& batch, std::size_t messages);

    /// Decides one message. A store error ends the batch; a refusal is the caller's answer alone.
    Result<void> submit(Submission& submission);
    Result<void> command(OrderCommand& command);
    Result<void> report(const TaskReport& report);

    /// Decides what comes of a webhook's delivery, and of those that have waited for its order.
    Result<void> delivery(Delivery& delivery);

    /// Decides what came of a leased task; that its lease is good has been seen to. The outcome's texts are moved from. `verdict` holds once the batch is
    /// committed.
    Result<void> outcome(TaskOutcome& outcome, const std::string& actor, Result<TaskReceipt>& verdict);

    /// Looks at an order whose timer has come: retries that are due, timer steps and holds that are over.
    Result<void> timer(const OrderId& order);

    /// Looks at an order whose timer has come for a reservation that is over. After everything else: what was done in time counts.
    Result<void> expireReservation(const OrderId& order);

    /// Nobody has taken the attempt in time that a person's retry made due.
    Result<void> missed(const PickupWatch::Overdue& overdue);

    /// Does the built-in steps that orders of this batch stand at, until none is left.
    Result<void> runBuiltins();

    /// Puts an order that stands at a built-in step on the list for runBuiltins(), and lets one go on whose timer is over; whatever is paused.
    Result<void> touch(const OrderId& order);

    /// Everything to be written. Call once, last.
    store::BatchChanges& changes();

    /// Answers everyone, after the commit: what was done, or that this error kept all of it from being done.
    void answer();
    void answer(const Error& error);

    /// A changed order, for the book.
    struct Change {
        std::shared_ptr<const Order> order;
        std::uint64_t lastSequence = 0;
        std::shared_ptr<const std::string> document; ///< of a new order; else null
    };
    [[nodiscard]] const std::vector<Change>& changed() const noexcept { return m_changed; }

private:
    /// An order of this batch: as it was, and as the batch has made it so far.
    struct Working {
        Order order; ///< moved to `after` by changes()
        std::shared_ptr<const Order> before; ///< null for a new order
        std::shared_ptr<const Order> after; ///< once changes() has been called
        std::shared_ptr<const OrderDocument> document;
        std::shared_ptr<const std::string> encoded;
        std::uint64_t lastSequence = 0;
        bool isListed = false; ///< stands in m_builtinDue
        bool mayPass = false; ///< no pause stops its next built-in step
    };
    struct PendingReply {
        CommandReply reply;
        Working* working = nullptr; ///< or else `error`
        bool replayed = false;
        std::uint32_t version = 0;
        Error error{};
    };

    /// The answer to a delivery: one of m_changes.deliveries, or else `other`.
    struct PendingDelivery {
        DeliveryReply reply;
        std::optional<std::size_t> index{};
        Result<store::DeliveryRecord> other{};
    };
    /// What taking a delivery in gives: the reason if it is refused, and then nothing of it is kept.
    using Refusal = std::optional<Error>;

    Result<Working*> find(const OrderId& id);
    /// The order of a natural key with the fingerprint of its document, if there is one: of the store, or of this batch.
    Result<std::optional<store::KnownOrder>> findKnown(
        const std::string& channel, const std::string& externalId);
    /// Makes an order of a document. Errors: the refusal.
    Result<Working*> takeIn(std::shared_ptr<const OrderDocument> document,
        std::shared_ptr<const std::string> encoded, const store::Fingerprint& fingerprint, std::string actor);
    /// An order's document, read if it was not at hand.
    Result<std::shared_ptr<const OrderDocument>> documentOf(Working& working);
    Result<void> expireDeliveries();
    Result<std::optional<store::DeliveryRecord>> findDelivery(const store::DeliveryRecord& like);
    Result<Refusal> settle(store::DeliveryRecord& record, const Delivery& delivery);
    Result<Refusal> create(store::DeliveryRecord& record, const Delivery& delivery);
    Result<Refusal> wait(store::DeliveryRecord& record);
    Result<void> applyWaiting(Working& working);
    Result<void> applyTo(
        Working& working, store::DeliveryRecord& record, std::shared_ptr<const OrderDocument> document);
    void cancelFor(Working& working, store::DeliveryRecord& record);
    Working& keep(Working working);
    Result<bool> replayByKey(const IdempotencyKey& key, CommandReply& reply);
    Result<bool> replayByNaturalKey(Submission& submission);
    /// Takes into the batch what the domain makes of a command. Errors: the refusal.
    Result<void> judge(Working& working, Command command);
    Result<void> decideFor(Working& working, Command command, CommandReply* reply);
    void record(Working& working, std::vector<Event> events);
    void list(Working& working);
    bool isPaused(Working& working, const std::string& handler) const;
    void remember(const std::optional<IdempotencyKey>& key, const Working& working);
    void refuse(CommandReply& reply, Error error);
    /// Frees what expired reservations hold, so that this batch can reserve it.
    Result<void> settleExpired();
    Result<void> runBuiltin(const std::string& handler, const std::vector<Working*>& due);
    Result<std::vector<BuiltinTask>> tasksFor(const std::vector<Working*>& due);
    void countChange(const Working& working);

    const BatchContext& m_context;
    store::Batch& m_batch;
    Timestamp m_now;
    std::uint64_t m_sequence;
    std::deque<Working> m_working; ///< in the sequence of coming up, which is that of writing and dispatching
    std::unordered_map<OrderId, Working*> m_byId;
    std::vector<Working*> m_builtinDue;
    std::unordered_map<std::string, store::KnownOrder> m_newByKey; ///< by channel and external id
    std::unordered_map<std::string, store::IdempotencyRecord> m_keys; ///< by principal and key
    std::vector<PendingReply> m_replies;
    std::vector<PendingDelivery> m_deliveryReplies;
    bool m_hasExpired = false; ///< expireDeliveries() has been called
    std::vector<Change> m_changed;
    store::BatchChanges m_changes;
    JsonParser m_parser;
};

} // namespace gantry::engine
