// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/console/support/fake_daemon.h"

#include "shared/protocol/order_codec.h"
#include "shared/protocol/problem.h"

#include <QUrl>
#include <QUrlQuery>
#include <algorithm>
#include <charconv>

namespace gantry::test {

namespace {

using console::ApiAnswer;

ApiAnswer problem(const Error& error)
{
    return {httpStatus(error.code), encodeProblem(error)};
}

QString queryValue(std::string_view query, const QString& name)
{
    const QUrlQuery parsed(QString::fromUtf8(query.data(), static_cast<qsizetype>(query.size())));
    return parsed.queryItemValue(name, QUrl::FullyDecoded);
}

std::optional<std::uint32_t> expectedVersion(const console::ApiCall& call)
{
    for (const auto& [name, value] : call.headers)
        if (name == "if-match" && value.size() > 2) {
            std::uint32_t version = 0;
            std::from_chars(value.data() + 1, value.data() + value.size() - 1, version);
            return version;
        }
    return std::nullopt;
}

/// What the payment's step does with an order's money.
MoneyChange moneyOf(const Order& order)
{
    if (order.step.name != "pay")
        return {};
    const MinorUnits total = order.summary->total;
    return order.compensating ? MoneyChange{0, 0, order.money.captured} : MoneyChange{total, total, 0};
}

} // namespace

FakeDaemon::FakeDaemon(const Clock& clock, std::uint64_t seed)
    : m_clock(clock)
    , m_random(seed)
{
}

OrderId FakeDaemon::submit(const OrderDocument& document, Timestamp at)
{
    const OrderId id =
        OrderId::make(at, slotOf(document.channel, document.externalId), {m_random.next(), m_random.next()});
    Order order;
    order.id = id;
    m_entries.insert({id, Entry{document, std::move(order), {}}});
    auto summary =
        std::make_shared<const OrderSummary>(summarize(document, at, m_workflow.name, m_workflow.version));
    static_cast<void>(run(id, {.at = at, .actor = "system", .body = SubmitOrder{std::move(summary)}}));
    return id;
}

Result<std::uint32_t> FakeDaemon::run(const OrderId& id, Command command)
{
    Entry& entry = m_entries.at(id);
    auto events = decide(entry.order, command, m_workflow);
    if (!events)
        return tl::unexpected(events.error());
    for (Event& event : *events) {
        entry.order = apply(std::move(entry.order), event);
        m_change.receivedCount += std::holds_alternative<OrderReceived>(event.body) ? 1 : 0;
        m_change.events.push_back({++m_sequence, id, event});
        entry.events.push_back(std::move(event));
    }
    if (!events->empty() && entry.order.outcome != Outcome::Open)
        ++m_change.closedCount;
    m_touched.insert(id);
    return entry.order.version;
}

void FakeDaemon::succeed(const OrderId& id, Timestamp at, std::string result)
{
    const Order& present = order(id);
    static_cast<void>(run(id,
        {.at = at,
            .actor = "system",
            .body = ReportSuccess{.step = present.step.name,
                .attempt = present.attempt,
                .result = std::move(result),
                .money = moneyOf(present)}}));
}

void FakeDaemon::fail(const OrderId& id, Timestamp at, std::string code, std::string message, bool fatal)
{
    const Order& present = order(id);
    static_cast<void>(run(id,
        {.at = at,
            .actor = "system",
            .body = ReportFailure{
                present.step.name, present.attempt, std::move(code), std::move(message), fatal, {}}}));
}

Result<std::uint32_t> FakeDaemon::act(const OrderId& id, Action action, Timestamp at, std::string actor,
    std::string reason, std::optional<Timestamp> expiresAt)
{
    TakeAction take{.action = action, .reason = std::move(reason), .expiresAt = expiresAt};
    if (action == Action::Hold)
        take.holdId = "hold_" + std::to_string(++m_lastHold);
    return run(id, {.at = at, .actor = std::move(actor), .role = Role::Admin, .body = std::move(take)});
}

std::vector<OrderId> FakeDaemon::openIds() const
{
    std::vector<OrderId> ids;
    for (const auto& [id, entry] : m_entries)
        if (entry.order.outcome == Outcome::Open)
            ids.push_back(id);
    return ids;
}

OrderId FakeDaemon::idOf(std::string_view externalId) const
{
    const auto found = std::ranges::find_if(
        m_entries, [&](const auto& each) { return each.second.document.externalId == externalId; });
    return found->first;
}

std::shared_ptr<const console::ReplicaChange> FakeDaemon::takeChange()
{
    for (const OrderId& id : m_touched) {
        if (order(id).outcome == Outcome::Open)
            m_change.changed.push_back(std::make_shared<const Order>(order(id)));
        else
            m_change.removed.push_back(id);
    }
    m_touched.clear();
    if (m_change.events.size() > 1000)
        m_change.events.erase(m_change.events.begin(), m_change.events.end() - 1000);
    return std::make_shared<const console::ReplicaChange>(std::exchange(m_change, {}));
}

std::shared_ptr<const console::ReplicaChange> FakeDaemon::snapshot()
{
    takeChange();
    auto change = std::make_shared<console::ReplicaChange>();
    change->reset = true;
    for (const OrderId& id : openIds())
        change->changed.push_back(std::make_shared<const Order>(order(id)));
    return change;
}

ApiAnswer FakeDaemon::answer(const console::ApiCall& call, const std::string& principal, Role role)
{
    const std::string_view target = call.target;
    const std::size_t mark = std::min(target.find('?'), target.size());
    const std::string_view path = target.substr(0, mark);
    const std::string_view query = mark < target.size() ? target.substr(mark + 1) : std::string_view();
    if (path == "/v1/stats")
        return answerStats();
    if (path == "/v1/orders")
        return answerList(query);
    constexpr std::string_view prefix = "/v1/orders/";
    const std::string_view rest = path.substr(std::min(prefix.size(), path.size()));
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const auto id = OrderId::fromText(rest.substr(0, slash));
    const auto found = id ? m_entries.find(*id) : m_entries.end();
    if (found == m_entries.end())
        return problem({ErrorCode::NotFound, "There is no such order."});
    const std::string_view part = rest.substr(slash);
    if (part == "/events")
        return answerEvents(found->second, query);
    if (part == "/waiting")
        return answerWaiting(found->second);
    if (part == "/actions")
        return answerAction(found->second, call, principal, role);
    return answerOrder(found->second);
}

ApiAnswer FakeDaemon::answerOrder(const Entry& entry) const
{
    JsonWriter json;
    writeOrder(json, entry.document, entry.order);
    return {200, json.take()};
}

void FakeDaemon::explain(const OrderId& id, std::string sentence, std::string help)
{
    Entry& entry = m_entries.at(id);
    entry.sentence = std::move(sentence);
    entry.help = std::move(help);
}

ApiAnswer FakeDaemon::answerWaiting(const Entry& entry)
{
    if (entry.sentence.empty())
        return problem({ErrorCode::NotFound, "There is no such order."});
    JsonWriter json;
    json.beginObject()
        .member("id", entry.order.id.text())
        .member("sentence", entry.sentence)
        .memberIf("help", entry.help)
        .endObject();
    return {200, json.take()};
}

ApiAnswer FakeDaemon::answerEvents(const Entry& entry, std::string_view query) const
{
    const auto after = queryValue(query, QStringLiteral("after")).toUInt();
    const auto limit = queryValue(query, QStringLiteral("limit")).toUInt();
    JsonWriter json;
    json.beginObject().key("items").beginArray();
    std::uint32_t count = 0;
    for (const Event& event : entry.events)
        if (event.version > after && count < limit) {
            writeEvent(json, {event.version, entry.order.id, event});
            ++count;
        }
    json.endArray().endObject();
    return {200, json.take()};
}

ApiAnswer FakeDaemon::answerAction(
    const Entry& entry, const console::ApiCall& call, const std::string& principal, Role role)
{
    JsonParser parser;
    const auto root = parser.parse(call.body);
    if (!root)
        return problem(root.error());
    FieldErrors errors;
    ObjectReader reader(*root, "", errors);
    TakeAction take{.action = actionFromName(reader.requiredText("action", 20)).value_or(Action::Retry),
        .reason = reader.requiredText("reason", 1000),
        .step = reader.text("step", 100),
        .holdId = reader.text("hold_id", 100),
        .expiresAt = reader.time("expires_at")};
    reader.finish();
    if (!errors.isEmpty())
        return problem(errors.toError("The action"));
    if (take.action == Action::Hold)
        take.holdId = "hold_" + std::to_string(++m_lastHold);
    const auto done = run(entry.order.id,
        {.at = m_clock.now(),
            .actor = principal,
            .role = role,
            .expectedVersion = expectedVersion(call),
            .body = take});
    return done ? answerOrder(entry) : problem(done.error());
}

ApiAnswer FakeDaemon::answerList(std::string_view query) const
{
    const auto state = stateFromName(queryValue(query, QStringLiteral("state")).toStdString());
    const std::string text = queryValue(query, QStringLiteral("q")).toStdString();
    const auto limit = queryValue(query, QStringLiteral("limit")).toUInt();
    const auto cursor = OrderId::fromText(queryValue(query, QStringLiteral("cursor")).toStdString());
    JsonWriter json;
    json.beginObject().key("items").beginArray();
    std::uint32_t count = 0;
    std::string last;
    for (auto each = m_entries.rbegin(); each != m_entries.rend(); ++each) {
        const auto& [id, entry] = *each;
        const bool fits = (!state || stateOf(entry.order) == *state) && (!cursor || id < *cursor)
            && (entry.document.externalId + entry.document.customer.name).find(text) != std::string::npos;
        if (!fits)
            continue;
        if (++count > limit)
            break;
        writeOrderRow(json, entry.order);
        last = id.text();
    }
    json.endArray();
    if (count > limit)
        json.member("next_cursor", last);
    json.endObject();
    return {200, json.take()};
}

ApiAnswer FakeDaemon::answerStats() const
{
    std::array<std::uint64_t, orderStateCount> counts{};
    for (const auto& each : m_entries)
        ++counts[static_cast<std::size_t>(stateOf(each.second.order))];
    JsonWriter json;
    json.beginObject().key("orders").beginObject().key("by_state").beginObject();
    for (std::size_t i = 0; i < counts.size(); ++i)
        json.member(stateName(static_cast<OrderState>(i)), counts[i]);
    json.endObject().endObject().key("partitions").beginArray();
    json.beginObject().member("partition", 0).member("epoch", 3).member("sequence", m_sequence).endObject();
    json.endArray().endObject();
    return {200, json.take()};
}

} // namespace gantry::test
