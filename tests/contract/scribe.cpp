// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/scribe.h"

#include "shared/domain/decide.h"
#include "shared/protocol/order_codec.h"
#include "shared/util/hash.h"

#include <cstring>
#include <stdexcept>

namespace gantry::test {

namespace {

store::Fingerprint fingerprintOf(const std::string& text)
{
    store::Fingerprint fingerprint{};
    const std::uint64_t parts[2] = {fnv1a(text), mix64(fnv1a(text))};
    std::memcpy(fingerprint.data(), parts, sizeof parts);
    return fingerprint;
}

void count(store::Counters& counters, const Order& order, std::int64_t by)
{
    counters.byState[static_cast<std::size_t>(stateOf(order))] += by;
    if (order.outcome == Outcome::Open)
        counters.openByStep[order.step.name] += by;
}

} // namespace

OrderDocument documentOf(
    const std::string& channel, const std::string& externalId, const std::string& sku, std::int64_t quantity)
{
    OrderDocument document{
        .channel = channel, .externalId = externalId, .currency = *Currency::fromCode("EUR")};
    document.lines.push_back({sku, "A thing", quantity, 1250});
    document.customer = {"Maria da Silva", "maria@example.com", ""};
    document.total = 1250 * quantity;
    document.payments.push_back({"card", document.total});
    return document;
}

Scribe::Scribe(const store::PartitionInfo& info, std::uint64_t seed)
    : m_random(seed)
    , m_committedSequence(info.sequence)
    , m_sequence(info.sequence)
{
}

store::OrderRecord& Scribe::working(const OrderId& id)
{
    if (const auto found = m_working.find(id); found != m_working.end())
        return found->second;
    const auto known = m_committed.find(id);
    return m_working
        .emplace(id, known == m_committed.end() ? store::OrderRecord{Order{.id = id}} : known->second)
        .first->second;
}

OrderId Scribe::submit(const OrderDocument& document, Timestamp at)
{
    const auto id =
        OrderId::make(at, slotOf(document.channel, document.externalId), {m_random.next(), m_random.next()});
    auto summary = std::make_shared<const OrderSummary>(
        summarize(document, at, m_workflow.name, m_workflow.version, m_workflow.skippedFor(document)));
    auto encoded = std::make_shared<const std::string>(encodeDocument(document));
    m_new.push_back({id, summary, encoded, fingerprintOf(*encoded)});
    act(id, SubmitOrder{summary}, at);
    return id;
}

void Scribe::act(const OrderId& id, CommandBody body, Timestamp at)
{
    store::OrderRecord& record = working(id);
    auto events = decide(record.order,
        {.at = at, .actor = "system", .role = Role::Admin, .body = std::move(body)}, m_workflow);
    if (!events)
        throw std::logic_error("The test asks for what the domain refuses: " + events.error().message);
    for (Event& event : *events) {
        record.order = apply(std::move(record.order), event);
        m_events.push_back({{++m_sequence, id, std::move(event)}, record.lastSequence});
        record.lastSequence = m_sequence;
    }
}

void Scribe::complete(const OrderId& id, Timestamp at, const std::string& result)
{
    const Order order = working(id).order;
    if (order.step.performer == Performer::Person)
        act(id, TakeAction{.action = Action::Complete, .reason = "done", .result = result}, at);
    else
        act(id, ReportSuccess{order.step.name, order.attempt, result}, at);
}

void Scribe::failUndoing(const OrderId& id, Timestamp at)
{
    act(id, TakeAction{.action = Action::Cancel, .reason = "changed mind"}, at);
    const Order order = working(id).order;
    act(id, ReportFailure{order.step.name, order.attempt, "declined", "The bank refused", true, {}}, at);
}

store::BatchChanges Scribe::changes() const
{
    store::BatchChanges changes = m_extra;
    changes.newOrders = m_new;
    changes.events = m_events;
    for (const auto& [id, record] : m_working) {
        const auto before = m_committed.find(id);
        if (before != m_committed.end() && before->second.lastSequence == record.lastSequence)
            continue;
        changes.orders.push_back(record);
        if (before != m_committed.end())
            count(changes.counters, before->second.order, -1);
        count(changes.counters, record.order, 1);
    }
    return changes;
}

Result<void> Scribe::commit(store::PartitionStore& partition)
{
    auto batch = partition.begin();
    if (!batch) {
        forget();
        return tl::unexpected(batch.error());
    }
    return commit(**batch);
}

Result<void> Scribe::commit(store::Batch& batch)
{
    auto done = batch.commit(changes());
    if (done) {
        for (auto& [id, record] : m_working)
            m_committed[id] = record;
        m_log.insert(m_log.end(), m_events.begin(), m_events.end());
        for (const store::NewOrder& order : m_new)
            m_documents[order.id] = *order.document;
        m_committedSequence = m_sequence;
    }
    forget();
    return done;
}

void Scribe::forget()
{
    m_sequence = m_committedSequence;
    m_working.clear();
    m_events.clear();
    m_new.clear();
    m_extra = {};
}

store::Counters Scribe::recount() const
{
    store::Counters counters;
    for (const auto& [id, record] : m_committed)
        count(counters, record.order, 1);
    return counters;
}

} // namespace gantry::test
