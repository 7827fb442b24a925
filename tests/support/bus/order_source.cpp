// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/bus/order_source.h"

#include "tests/shared/support/journal.h"
#include "tests/shared/support/random_orders.h"

#include <algorithm>

namespace gantry::test {

OrderSource::OrderSource(std::uint64_t seed, std::uint32_t partition)
    : m_dice(seed)
    , m_partition(partition)
    , m_workflow(sampleWorkflow())
    , m_other(std::make_shared<const Workflow>(relatedWorkflow(m_dice, m_workflow)))
{
}

const Workflow& OrderSource::workflowOf(const Order& order) const
{
    return order.isMigrated ? *m_other : m_workflow;
}

std::shared_ptr<const engine::CommittedBatch> OrderSource::commit(std::size_t events)
{
    auto batch = std::make_shared<engine::CommittedBatch>();
    batch->partition = m_partition;
    batch->epoch = m_epoch;
    while (batch->events.size() < std::max<std::size_t>(events, 1)) {
        if (m_open.empty() || m_dice.chance(15))
            submitOne(*batch);
        else
            changeOne(*batch);
    }
    return batch;
}

void OrderSource::submitOne(engine::CommittedBatch& batch)
{
    m_now += std::chrono::milliseconds(m_dice.roll(3));
    const Slot slot = static_cast<Slot>(m_dice.roll(slotCount));
    const Order order{.id = OrderId::make(m_now, slot, {m_dice.next(), m_dice.next()})};
    const Command command{.at = m_now, .actor = "system", .body = SubmitOrder{summaryFor(m_workflow)}};
    if (const auto events = decide(order, command, m_workflow))
        take(batch, order, *events);
}

void OrderSource::changeOne(engine::CommittedBatch& batch)
{
    auto chosen = std::next(m_open.begin(), static_cast<std::ptrdiff_t>(m_dice.roll(m_open.size())));
    const Order& order = *chosen->second;
    Timestamp now = m_now;
    const Workflow& workflow = workflowOf(order);
    Command command = randomCommand(m_dice, order, workflow, now, {});
    m_now = std::max(m_now, now);
    if (m_dice.chance(10)) {
        command.role = Role::Admin;
        command.body = randomMigration(m_dice, workflow, m_other);
    }
    if (const auto events = decide(order, command, workflow))
        take(batch, order, *events);
}

void OrderSource::take(engine::CommittedBatch& batch, Order order, const std::vector<Event>& events)
{
    for (const Event& event : events) {
        order = apply(std::move(order), event);
        m_log.push_back({m_log.size() + 1, order.id, event});
        batch.events.push_back(m_log.back());
    }
    if (events.empty())
        return;
    const OrderId id = order.id;
    if (order.outcome == Outcome::Open)
        m_open[id] = std::make_shared<const Order>(std::move(order));
    else
        m_open.erase(id);
}

engine::SnapshotPart OrderSource::part(const std::optional<OrderId>& after, std::size_t limit) const
{
    engine::SnapshotPart part{
        .partition = m_partition, .epoch = m_epoch, .sequence = m_log.size(), .orders = {}};
    auto it = after ? m_open.upper_bound(*after) : m_open.begin();
    for (; it != m_open.end() && part.orders.size() < limit; ++it)
        part.orders.push_back(it->second);
    part.isLast = it == m_open.end();
    return part;
}

std::vector<LoggedEvent> OrderSource::read(std::uint64_t after, std::size_t limit) const
{
    if (after >= m_log.size())
        return {};
    const auto first = m_log.begin() + static_cast<std::ptrdiff_t>(after);
    const auto count = std::min(limit, static_cast<std::size_t>(m_log.end() - first));
    return {first, first + static_cast<std::ptrdiff_t>(count)};
}

engine::DigestAnswer OrderSource::digest() const
{
    engine::DigestAnswer answer{m_epoch, m_log.size(), 0, m_open.size()};
    for (const auto& [id, order] : m_open)
        answer.digest += digestOf(*order);
    return answer;
}

} // namespace gantry::test
