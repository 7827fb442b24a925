// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/dispatcher.h"

#include <algorithm>

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
    case StepKind::Service:
    case StepKind::Http: return Doer::Runner;
    case StepKind::Manual:
    case StepKind::Timer:
    case StepKind::Approval: return order.compensating ? Doer::Runner : Doer::Nobody;
    }
    return Doer::Nobody;
}

void Dispatcher::enqueue(const Order& order, const std::string& handler, const StepLimit* limit)
{
    if (m_inHand.contains(order.id))
        return;
    const DueKey key = dueKeyOf(order);
    if (const auto found = m_due.find(order.id); found != m_due.end()) {
        const Place& place = found->second;
        if (place.key == key && place.use.limit == limit && place.handler->first == handler)
            return;
        withdraw(order.id);
    }
    HandlerEntry& entry = *m_handlers.try_emplace(handler).first;
    ++entry.second.waiting;
    const Place place{key, m_limits.enter(order, handler, limit), &entry};
    m_due.emplace(order.id, place);
    m_limits.wait(m_line, key, place.use);
}

void Dispatcher::withdraw(const OrderId& order)
{
    const auto found = m_due.find(order);
    if (found == m_due.end())
        return;
    const Place& place = found->second;
    --place.handler->second.waiting;
    m_lanes.leave(order);
    if (!place.isParked)
        m_limits.stopWaiting(m_line, place.key, place.use);
    m_limits.leave(place.use);
    m_due.erase(found);
}

void Dispatcher::takeInHand(const OrderId& order)
{
    const auto found = m_due.find(order);
    const Place place = found->second;
    --place.handler->second.waiting;
    m_limits.take(m_line, place.key, place.use);
    m_due.erase(found);
    m_inHand.emplace(order, place);
}

void Dispatcher::park(const OrderId& order)
{
    Place& place = m_due.find(order)->second;
    m_limits.stopWaiting(m_line, place.key, place.use);
    place.isParked = true;
}

void Dispatcher::unpark()
{
    while (const auto order = m_lanes.next()) {
        Place& place = m_due.find(*order)->second; // what leaves m_due leaves its lane
        place.isParked = false;
        m_limits.wait(m_line, place.key, place.use);
    }
}

void Dispatcher::release(const OrderId& order, const TaskResult& result)
{
    const auto found = m_inHand.find(order);
    if (found == m_inHand.end())
        return;
    const Place place = found->second;
    if (result.succeeded)
        place.handler->second.lastSuccess = m_clock.now();
    m_lanes.leave(order);
    m_limits.giveBack(place.use, result.isHandedBack);
    m_limits.leave(place.use);
    m_inHand.erase(found);
}

void Dispatcher::dispatch(const OrderBook& book, const DocumentSource& documents)
{
    unpark();
    while (!m_line.isEmpty() && m_inHand.size() < m_maxInHand) {
        const OrderId id = m_line.best().order;
        const OrderBook::Entry* entry = book.find(id);
        if (!entry || !isMachineDue(*entry->order) || !start(entry->order, documents))
            withdraw(id);
    }
}

void Dispatcher::explain(const OrderId& order, WaitingFacts& facts) const
{
    const auto due = m_due.find(order);
    const auto inHand = m_inHand.find(order);
    const Place* place = due != m_due.end() ? &due->second : nullptr;
    if (inHand != m_inHand.end())
        place = &inHand->second;
    if (place) {
        facts.stage = due != m_due.end() ? WaitingStage::ForService : WaitingStage::WithService;
        facts.handler = place->handler->first;
        facts.limit = m_limits.stateOf(place->use);
    }
    if (const auto found = m_handlers.find(facts.handler); found != m_handlers.end()) {
        facts.othersWaiting += found->second.waiting - (due != m_due.end() ? 1 : 0);
        facts.lastSuccess = std::max(facts.lastSuccess, found->second.lastSuccess);
    }
}

bool Dispatcher::start(const std::shared_ptr<const Order>& order, const DocumentSource& documents)
{
    const Workflow* workflow = m_workflows.find(order->summary->workflow, order->summary->workflowVersion);
    if (!workflow || doerOf(*order, *workflow) != Doer::Runner)
        return false;
    const StepDefinition& step = workflow->steps[*workflow->indexOf(order->step.name)];
    const std::string handler = step.handlerFor(order->compensating);
    const HttpCall* call = step.callFor(order->compensating);
    if (call && !m_lanes.enter(call->service, m_due.at(order->id).key)) {
        park(order->id);
        return true;
    }
    const auto report = [&queue = m_queue, id = order->id, name = step.name, attempt = order->attempt,
                            handler](TaskResult result) {
        queue.report({id, name, attempt, handler, std::move(result)});
    };
    takeInHand(order->id);
    StepRunner* runner = call ? m_steps.caller() : m_steps.runner(handler);
    auto document = documents(order->id);
    if (!runner) {
        report({.code = std::string(noHandlerCode),
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
    return true;
}

} // namespace gantry::engine
