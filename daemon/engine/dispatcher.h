// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/lanes.h"
#include "daemon/engine/limit_book.h"
#include "daemon/engine/message_queue.h"
#include "daemon/engine/order_book.h"
#include "daemon/engine/step_registry.h"
#include "daemon/engine/waiting_facts.h"
#include "daemon/engine/workflow_catalog.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

namespace gantry::engine {

/// Hands the attempts that are due to their runners, by rank, never two of one order at a time and never more at once than the runners can take or limits allow.
/// Which attempts are in hand is not durable: after a restart every due attempt is handed out again (at least once).
class Dispatcher {
public:
    /// Gives an order's document. Errors: the store's.
    using DocumentSource = std::function<Result<std::string>(const OrderId&)>;

    Dispatcher(const WorkflowCatalog& workflows, const StepRegistry& steps, MessageQueue& queue,
        LimitBook& limits, const Clock& clock, std::size_t maxInHand)
        : m_workflows(workflows)
        , m_steps(steps)
        , m_queue(queue)
        , m_limits(limits)
        , m_clock(clock)
        , m_maxInHand(maxInHand)
    {
        for (const LaneLimit& limit : steps.laneLimits())
            m_lanes.limit(limit);
    }

    /// From now on a lane may have so many attempts in hand; those that are stay.
    void limitLane(const LaneLimit& limit) { m_lanes.limit(limit); }

    /// The order is due for what does `handler` and is not built in (or may be: the book is asked again when its turn comes). `limit` may be null; it outlives
    /// the dispatcher.
    void enqueue(const Order& order, const std::string& handler, const StepLimit* limit);

    /// The order does not wait here any more, if it did.
    void withdraw(const OrderId& order);

    /// An attempt has ended, however, or was not made at all; if the order is due again it is to be enqueued again.
    void release(const OrderId& order, const TaskResult& result);

    /// Starts what is due while there is room.
    void dispatch(const OrderBook& book, const DocumentSource& documents);

    [[nodiscard]] bool isInHand(const OrderId& order) const { return m_inHand.contains(order); }
    [[nodiscard]] std::size_t inHand() const noexcept { return m_inHand.size(); }
    [[nodiscard]] std::size_t waiting() const noexcept { return m_due.size(); }

    /// Adds what is known here of an order, if it is here, and of the handler that it waits for: `facts.handler`.
    void explain(const OrderId& order, WaitingFacts& facts) const;

private:
    /// What is known of a handler.
    struct Handler {
        std::size_t waiting = 0;
        std::optional<Timestamp> lastSuccess;
    };
    using HandlerEntry = std::pair<const std::string, Handler>;

    /// An attempt that waits, or is in hand.
    struct Place {
        DueKey key;
        LimitUse use;
        HandlerEntry* handler = nullptr;
        bool isParked = false; ///< waits in the lane of its service, not in the line
    };

    /// Hands an attempt out, or parks it; false: the order is not due for a runner.
    bool start(const std::shared_ptr<const Order>& order, const DocumentSource& documents);
    void takeInHand(const OrderId& order);

    /// Takes what waits in the line out of it until its lane has room.
    void park(const OrderId& order);

    /// Puts what is parked and may go on into the line again.
    void unpark();

    const WorkflowCatalog& m_workflows;
    const StepRegistry& m_steps;
    MessageQueue& m_queue;
    LimitBook& m_limits;
    const Clock& m_clock;
    std::size_t m_maxInHand;
    WaitingLine m_line;
    std::map<std::string, Handler, std::less<>> m_handlers; ///< those that orders have come to
    std::unordered_map<OrderId, Place> m_due;
    std::unordered_map<OrderId, Place> m_inHand;
    Lanes m_lanes; ///< of services that are called
};

/// Who has to do the order's step now.
enum class Doer {
    Nobody, ///< it is not due for a machine, or its workflow has no such step
    Builtin, ///< Gantry, inside the transaction
    Runner, ///< a StepRunner; also undoes steps that are not a worker's
    Worker, ///< a worker that leases it
};

Doer doerOf(const Order& order, const Workflow& workflow);

} // namespace gantry::engine
