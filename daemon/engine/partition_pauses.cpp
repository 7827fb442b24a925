// SPDX-License-Identifier: GPL-3.0-or-later
// What a partition holds back: pauses, and the keys of limits; and what it knows of who waits for what.
#include "daemon/engine/partition.h"

#include "shared/protocol/order_codec.h"

namespace gantry::engine {

namespace {

bool isStopped(const Pause& pause, const Order& order, const std::string& handler)
{
    switch (pause.scope) {
    case PauseScope::Step: return order.step.name == pause.name;
    case PauseScope::Task: return handler == pause.name;
    case PauseScope::Channel: return order.summary->channel == pause.name;
    case PauseScope::Worker: return false;
    }
    return false;
}

/// Whether it is worth asking who does the order's step.
bool mayBeStopped(const Pause& pause, const Order& order)
{
    return pause.scope == PauseScope::Task || isStopped(pause, order, {});
}

/// Whether the order stands at a timer step that nothing but a pause keeps it at.
bool isTimerOver(const Order& order, Timestamp now)
{
    return order.outcome == Outcome::Open && order.step.performer == Performer::Clock && order.holds.empty()
        && order.step.dueAt && *order.step.dueAt <= now;
}

/// Whether an error is the caller's alone: what else goes wrong when pausing goes wrong for good.
bool isRefusal(const Error& error)
{
    return error.code == ErrorCode::NotFound || error.code == ErrorCode::Busy
        || error.code == ErrorCode::StorageFull;
}

} // namespace

Result<void> Partition::loadPauses()
{
    auto pauses = m_reader->listPauses();
    if (!pauses)
        return tl::unexpected(std::move(pauses.error()));
    for (const Pause& pause : *pauses)
        m_pauses.begin(pause);
    m_desk.pauseWorkers(m_pauses.pausedWorkers());
    return {};
}

Result<void> Partition::changePauses(Intake& intake)
{
    for (Message& message : intake.messages) {
        auto* command = std::get_if<PauseCommand>(&message);
        if (!command)
            continue;
        auto done = m_pauseDesk.change(*command);
        if (done && command->scope == PauseScope::Worker)
            m_desk.pauseWorkers(m_pauses.pausedWorkers());
        if (done && done->isNew) {
            stopPaused(done->pause);
            done->waiting = m_pauses.waitingBehind(command->scope, command->name);
        }
        if (command->reply)
            command->reply(done);
        if (!done && !isRefusal(done.error()))
            return tl::unexpected(done.error());
    }
    return {};
}

template <typename Visit>
void Partition::forEachStopped(const Pause& pause, const Visit& visit) const
{
    if (pause.scope == PauseScope::Worker)
        return;
    m_book.forEach([&](const OrderBook::Entry& entry) {
        if (!mayBeStopped(pause, *entry.order))
            return;
        const Work work = workOf(*entry.order);
        if (work.doer != Doer::Nobody && isStopped(pause, *entry.order, *work.handler))
            visit(entry.order);
    });
}

void Partition::stopPaused(const Pause& pause)
{
    forEachStopped(pause, [this](const std::shared_ptr<const Order>& order) { route(order); });
}

std::size_t Partition::countStopped(const Pause& pause) const
{
    std::size_t count = 0;
    forEachStopped(pause, [&](const std::shared_ptr<const Order>& order) {
        count += m_dispatcher.isInHand(order->id) || m_desk.isOut(order->id) ? 0 : 1;
    });
    return count;
}

bool Partition::parkTimer(const OrderId& id)
{
    if (m_pauses.isIdle())
        return false;
    const OrderBook::Entry* entry = m_book.find(id);
    if (!entry || !isTimerOver(*entry->order, m_settings.clock.now()) || !m_pauses.park(*entry->order, {}))
        return false;
    const auto& until = entry->order->step.reservedUntil;
    return !until || *until > m_settings.clock.now(); // its stock is not kept behind a pause
}

void Partition::goOn()
{
    if (m_pauses.isIdle() || m_fullUntil)
        return;
    for (const OrderId& id : m_pauses.release()) {
        const OrderBook::Entry* entry = m_book.find(id);
        if (!entry)
            continue;
        const Order& order = *entry->order;
        if (order.step.performer != Performer::Clock)
            route(entry->order, true);
        else if (m_pauses.park(order, {}, true))
            continue;
        else if (isTimerOver(order, m_settings.clock.now()))
            m_touch.push_back(id);
        else
            keepTimer(id);
    }
}

void Partition::keepTimer(const OrderId& id)
{
    const OrderBook::Entry* entry = m_book.find(id);
    if (!entry || entry->order->step.performer != Performer::Clock || !entry->order->step.dueAt)
        return;
    if (!isTimerOver(*entry->order, m_settings.clock.now()))
        m_timers.add(*entry->order->step.dueAt, id);
}

std::string Partition::limitValueOf(const Order& order, const TextField& field)
{
    std::shared_ptr<const std::string> text;
    if (m_arriving && m_arriving->document && m_arriving->order->id == order.id)
        text = m_arriving->document; // not in the cache yet
    else if (auto known = documentOf(order.id))
        text = std::move(*known);
    if (!text)
        return {}; // whoever hands it out finds no document either and reports that; until then it counts under no value
    const auto document = decodeDocument(m_parser, *text);
    return document ? std::string(valueOf(field, *document)) : std::string();
}

Result<WaitingFacts> Partition::explain(const OrderId& id) const
{
    const OrderBook::Entry* entry = m_book.find(id);
    if (!entry)
        return failure(ErrorCode::NotFound,
            "There is no open order " + id.text() + ". Look it up: it may have ended, or the id is wrong.");
    WaitingFacts facts;
    facts.order = entry->order;
    if (const Work work = workOf(*entry->order); work.handler)
        facts.handler = *work.handler;
    facts.pause = m_pauses.holding(id);
    if (facts.pause)
        facts.stage = WaitingStage::Paused;
    else if (workOf(*entry->order).doer == Doer::Builtin)
        facts.stage = WaitingStage::Builtin;
    m_desk.explain(id, facts);
    m_dispatcher.explain(id, facts);
    if (const std::size_t alike = m_book.incidents().countLike(*facts.order); alike > 0)
        facts.othersWaiting = alike - 1;
    return facts;
}

} // namespace gantry::engine
