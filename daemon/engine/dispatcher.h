// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/lanes.h"
#include "daemon/engine/message_queue.h"
#include "daemon/engine/order_book.h"
#include "daemon/engine/step_registry.h"
#include "daemon/engine/workflow_catalog.h"

#include <deque>
#include <functional>
#include <unordered_map>
#include <unordered_set>

namespace gantry::engine {

/// Hands the attempts that are due to their runners, never two of one order at a time and never more at once than the runners can take.
/// Which attempts are in hand is not durable: after a restart every due attempt is handed out again (at least once).
class Dispatcher {
public:
    /// Gives an order's document. Errors: the store's.
    using DocumentSource = std::function<Result<std::string>(const OrderId&)>;

    Dispatcher(const WorkflowCatalog& workflows, const StepRegistry& steps, MessageQueue& queue,
        std::size_t maxInHand)
        : m_workflows(workflows)
        , m_steps(steps)
        , m_queue(queue)
        , m_maxInHand(maxInHand)
    {
        for (const LaneLimit& limit : steps.laneLimits())
            m_lanes.limit(limit);
    }

    /// From now on a lane may have so many attempts in hand; those that are stay.
    void limitLane(const LaneLimit& limit) { m_lanes.limit(limit); }

    /// The order is due for a machine that is not built in (or may be: the book is asked again when its turn comes).
    void enqueue(const OrderId& order);

    /// An attempt has ended, however.
    void release(const OrderId& order);

    /// Starts what is due while there is room.
    void dispatch(const OrderBook& book, const DocumentSource& documents);

    [[nodiscard]] bool isInHand(const OrderId& order) const { return m_inHand.contains(order); }
    [[nodiscard]] std::size_t inHand() const noexcept { return m_inHand.size(); }
    [[nodiscard]] std::size_t waiting() const noexcept { return m_due.size() + m_lanes.waiting(); }

private:
    std::optional<OrderId> takeNext();
    void start(const std::shared_ptr<const Order>& order, const DocumentSource& documents);

    const WorkflowCatalog& m_workflows;
    const StepRegistry& m_steps;
    MessageQueue& m_queue;
    std::size_t m_maxInHand;
    std::deque<OrderId> m_due;
    std::unordered_set<OrderId> m_isDue; ///< what stands in m_due, so that nothing stands there twice
    std::unordered_set<OrderId> m_inHand;
    Lanes m_lanes; ///< of services that are called
    bool m_isLanesTurn = false;
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
