// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/dispatcher.h"

namespace gantry::engine {

Doer doerOf(const Order& order, const Workflow& workflow)
{
    if (!isMachineDue(order))
        return Doer::Nobody;
    const auto index = workflow.indexOf(order.step.name);
    if (!index)
        return Doer::Nobody;
    switch (workflow.steps[*index].kind) {
    case StepKind::Worker: return Doer::Worker;
    case StepKind::Builtin: return order.compensating ? Doer::Runner : Doer::Builtin;
    case StepKind::Service: return Doer::Runner;
    case StepKind::Manual:
    case StepKind::Timer:
    case StepKind::Approval: return order.compensating ? Doer::Runner : Doer::Nobody;
    case StepKind::Http: return Doer::Runner;
    }
    return Doer::Nobody;
}

void Dispatcher::enqueue(const OrderId& order)
{
    if (!m_inHand.contains(order) && m_isDue.insert(order).second)
        m_due.push_back(order);
}

void Dispatcher::release(const OrderId& order)
{
    m_lanes.leave(order);
    if (m_inHand.erase(order) > 0)
        enqueue(order); // it may be due again, or for something else; the book decides
}

void Dispatcher::dispatch(const OrderBook& book, const DocumentSource& documents)
{
    while (m_inHand.size() < m_maxInHand) {
        const auto id = takeNext();
        if (!id)
            return;
        if (m_inHand.contains(*id))
            continue; // came up in its lane first
        const OrderBook::Entry* entry = book.find(*id);
        if (entry && isMachineDue(*entry->order))
            start(entry->order, documents);
        else
            m_lanes.leave(*id);
    }
}

std::optional<OrderId> Dispatcher::takeNext()
{
    // In turn, so that neither a long lane nor what keeps coming in starves the other.
    m_isLanesTurn = !m_isLanesTurn;
    if (m_isLanesTurn || m_due.empty())
        if (auto next = m_lanes.next())
            return next;
    if (m_due.empty())
        return m_lanes.next();
    const OrderId id = m_due.front();
    m_due.pop_front();
    m_isDue.erase(id);
    return id;
}

void Dispatcher::start(const std::shared_ptr<const Order>& order, const DocumentSource& documents)
{
    const Workflow* workflow = m_workflows.find(order->summary->workflow, order->summary->workflowVersion);
    if (!workflow || doerOf(*order, *workflow) != Doer::Runner)
        return m_lanes.leave(order->id);
    const StepDefinition& step = workflow->steps[*workflow->indexOf(order->step.name)];
    const std::string handler = step.handlerFor(order->compensating);
    const HttpCall* call = step.callFor(order->compensating);
    if (!call)
        m_lanes.leave(order->id);
    else if (!m_lanes.enter(call->service, order->id))
        return; // comes up again when its service has room
    const auto report = [&queue = m_queue, id = order->id, name = step.name, attempt = order->attempt,
                            handler](TaskResult result) {
        queue.report({id, name, attempt, handler, std::move(result)});
    };
    m_inHand.insert(order->id);
    StepRunner* runner = call ? m_steps.caller() : m_steps.runner(handler);
    auto document = documents(order->id);
    if (!runner) {
        report({.code = "no_handler",
            .message = "Nothing here does " + handler + ". Configure it, then retry.",
            .fatal = true});
    } else if (!document) {
        // A reader that was too busy is worth another attempt; a damaged document is not.
        const bool isDamaged = document.error().code != ErrorCode::Busy;
        report({.code = "no_document",
            .message = "The order's document can't be read: " + document.error().message,
            .fatal = isDamaged});
    } else {
        runner->start({order, std::move(*document), step.name, order->attempt, handler, step.timeout,
                          idempotencyKeyOf(*order), call},
            report);
    }
}

} // namespace gantry::engine
