// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/verify/order_check.h"

#include "daemon/verify/order_difference.h"
#include "shared/domain/history_check.h"
#include "shared/protocol/order_codec.h"

namespace gantry::verify {

namespace {

constexpr std::size_t ordersPerSlice = 50;

std::string titleOf(const store::RawOrder& raw)
{
    return "Order " + raw.id.text();
}

Finding findingOf(std::string_view check, const store::RawOrder& raw)
{
    return {
        .check = std::string(check), .order = raw.id, .version = raw.version, .sequence = raw.lastSequence};
}

Finding ofEvent(
    std::string_view check, const store::RawOrder& raw, std::uint32_t version, std::uint64_t sequence)
{
    Finding finding = findingOf(check, raw);
    finding.version = version;
    finding.sequence = sequence;
    return finding;
}

std::string placeOf(std::uint32_t version, std::uint64_t sequence)
{
    return "event " + std::to_string(version) + " (sequence " + std::to_string(sequence) + ')';
}

} // namespace

OrderCheck::OrderCheck(const store::VerifyStart& start, std::shared_ptr<Census> census)
    : m_census(std::move(census))
{
    for (const store::VerifyStart::Log& log : start.logs)
        m_lastSequences[log.partition.partition] = log.partition.sequence;
}

Result<bool> OrderCheck::next(store::VerifyReader& reader, Report& report)
{
    const auto orders = reader.orders(m_after, ordersPerSlice);
    if (!orders)
        return tl::unexpected(orders.error());
    for (const store::RawOrder& raw : *orders) {
        check(raw, report);
        report.sawOrder(raw.events.size());
    }
    if (orders->size() < ordersPerSlice)
        return false;
    m_after = orders->back().id;
    return true;
}

void OrderCheck::check(const store::RawOrder& raw, Report& report)
{
    checkDocument(raw, report);
    const auto order = replay(raw, report);
    if (!order) {
        if (raw.row)
            count(*raw.row); // its history can't tell, and that has been said
        else
            ++m_census->uncounted;
        return;
    }
    if (!raw.row) {
        Finding finding = findingOf("state", raw);
        finding.expected = "an order that is " + std::string(stateName(stateOf(*order)));
        finding.found = raw.row.error().message;
        finding.message = titleOf(raw) + " has a row of state that can't be read; its events make it "
            + std::string(stateName(stateOf(*order))) + " at step " + order->step.name + '.';
        report.add(std::move(finding));
    } else if (auto difference = differenceBetween(*order, *raw.row)) {
        Finding finding = findingOf(order->money == raw.row->money ? "state" : "money", raw);
        finding.expected = std::move(difference->expected);
        finding.found = std::move(difference->found);
        finding.message = titleOf(raw) + " is stored otherwise than its " + std::to_string(raw.version)
            + " events make it.";
        report.add(std::move(finding));
    }
}

void OrderCheck::checkDocument(const store::RawOrder& raw, Report& report)
{
    Finding finding = findingOf("document", raw);
    finding.version = 1;
    finding.sequence.reset();
    finding.expected = "the order as it was submitted";
    if (!raw.document) {
        finding.found = "nothing";
        finding.message = titleOf(raw) + " has lost its document.";
        return report.add(std::move(finding));
    }
    const auto document = decodeDocument(m_parser, *raw.document);
    if (!document || !raw.summary) {
        finding.found = document ? "columns that can't be read" : document.error().message;
        finding.message = titleOf(raw) + " has a document that can't be read.";
        return report.add(std::move(finding));
    }
    const OrderSummary& stored = *raw.summary;
    const OrderSummary told =
        summarize(*document, stored.createdAt, stored.workflow, stored.workflowVersion, stored.skippedSteps);
    if (told == stored)
        return;
    const Order wanted{.id = raw.id, .summary = std::make_shared<const OrderSummary>(told)};
    const Order present{.id = raw.id, .summary = raw.summary};
    if (auto difference = differenceBetween(wanted, present)) {
        finding.expected = std::move(difference->expected);
        finding.found = std::move(difference->found);
    }
    finding.message = titleOf(raw) + " has columns that say other than its document.";
    report.add(std::move(finding));
}

std::optional<Order> OrderCheck::replay(const store::RawOrder& raw, Report& report)
{
    if (const auto& gap = raw.gap) {
        Finding finding = ofEvent("history", raw, gap->version, gap->sequence);
        finding.expected = placeOf(gap->version, gap->sequence);
        finding.found = gap->found;
        finding.message =
            titleOf(raw) + " has a gap in its history: " + finding.expected + " is not where it was written.";
        report.add(std::move(finding));
        return std::nullopt;
    }
    if (!raw.summary)
        return std::nullopt; // told with its document
    const std::uint64_t last = m_lastSequences[raw.partition];
    Order order{.id = raw.id};
    std::optional<Order> atStart;
    for (const store::RawEvent& each : raw.events) {
        if (each.sequence > last && !atStart)
            atStart = order;
        const auto impossible = each.event
            ? checkNextEvent(order, *each.event)
            : std::optional(ImpossibleEvent{"an event that can be read", each.event.error().message});
        if (impossible) {
            Finding finding = ofEvent("history", raw, each.version, each.sequence);
            finding.expected = impossible->expected;
            finding.found = impossible->found;
            finding.message = titleOf(raw) + " can't have come to " + placeOf(each.version, each.sequence)
                + ": that one, or the one before it, is not what was written.";
            report.add(std::move(finding));
            return std::nullopt;
        }
        order = apply(std::move(order), *each.event);
    }
    count(atStart ? *atStart : order);
    return order;
}

void OrderCheck::count(const Order& order)
{
    if (order.version == 0)
        return; // came in since
    ++m_census->counted.byState[static_cast<std::size_t>(stateOf(order))];
    if (order.outcome == Outcome::Open)
        ++m_census->counted.openByStep[order.step.name];
}

} // namespace gantry::verify
