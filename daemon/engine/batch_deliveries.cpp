// SPDX-License-Identifier: GPL-3.0-or-later
// What a batch makes of the deliveries of webhooks: orders, cancels, notes, and what waits for its order.
#include "daemon/engine/batch_run.h"

#include "shared/protocol/order_codec.h"
#include "shared/util/text.h"

#include <algorithm>

namespace gantry::engine {

namespace {

using store::DeliveryAsk;
using store::DeliveryOutcome;
using store::DeliveryRecord;

/// The members in which two documents differ, of those that say what is sent to whom for how much; what shops write beside that may change
/// freely.
std::string differencesOf(const OrderDocument& from, const OrderDocument& to)
{
    std::string names;
    const auto compare = [&names](std::string_view name, bool isSame) {
        if (!isSame)
            names.append(names.empty() ? "" : ", ").append(name);
    };
    compare("currency", from.currency == to.currency);
    compare("lines", from.lines == to.lines);
    compare("customer", from.customer == to.customer);
    compare("shipping_address", from.shippingAddress == to.shippingAddress);
    compare("shipping", from.shipping == to.shipping);
    compare("discount", from.discount == to.discount);
    compare("tax", from.tax == to.tax);
    compare("total", from.total == to.total);
    return names;
}

/// What a person has to know of a change that Gantry can't make; empty if there is none.
std::string changeText(const std::string& differences, const std::string& remark)
{
    if (differences.empty() && remark.empty())
        return {};
    std::string text = differences.empty() ? "" : "The shop's order differs now in: " + differences + ". ";
    text += remark.empty() ? "" : remark + ' ';
    return toPlainText(
        text + "An order is never changed here: hold it or cancel it, if it must not go on as it is.",
        CommandLimits::message);
}

DeliveryRecord repeated(DeliveryRecord known)
{
    known.problem = "It was delivered before, and then it was "
        + std::string(store::deliveryOutcomeName(known.outcome)) + '.';
    known.outcome = DeliveryOutcome::Known;
    known.document.clear();
    known.body.clear();
    return known;
}

} // namespace

Result<void> BatchRun::expireDeliveries()
{
    if (std::exchange(m_hasExpired, true))
        return {};
    return m_batch.expireDeliveries(
        m_now - store::DeliveryLimits::waitFor, m_now - store::DeliveryLimits::keepFor);
}

Result<std::optional<DeliveryRecord>> BatchRun::findDelivery(const DeliveryRecord& like)
{
    for (const DeliveryRecord& each : m_changes.deliveries)
        if (like.number > 0 ? each.number == like.number
                            : each.source == like.source && each.deliveryId == like.deliveryId)
            return each;
    return like.number > 0 ? m_batch.findDelivery(like.number)
                           : m_batch.findDelivery(like.source, like.deliveryId);
}

Result<void> BatchRun::delivery(Delivery& message)
{
    if (auto expired = expireDeliveries(); !expired)
        return expired;
    DeliveryRecord& record = message.record;
    auto known = findDelivery(record);
    if (!known)
        return tl::unexpected(std::move(known.error()));
    const auto answer = [&](Result<DeliveryRecord> other) {
        m_deliveryReplies.push_back({std::move(message.reply), {}, std::move(other)});
        return Result<void>();
    };
    const bool isReplay = record.number > 0;
    if (isReplay && !*known)
        return answer(failure(ErrorCode::NotFound,
            "There is no delivery " + std::to_string(record.number) + ". It may have been dropped by age."));
    if (isReplay && !store::isBodyKept((*known)->outcome))
        return answer(failure(ErrorCode::ActionNotAllowed,
            "The delivery " + std::to_string(record.number) + " is "
                + std::string(store::deliveryOutcomeName((*known)->outcome)) + ": nothing is left to do."));
    if (!isReplay && *known)
        return answer(repeated(std::move(**known)));

    const auto settled = settle(record, message);
    if (!settled)
        return tl::unexpected(settled.error());
    if (*settled)
        return answer(tl::unexpected(**settled));
    if (record.outcome != DeliveryOutcome::Waiting)
        record.document.clear();
    if (!store::isBodyKept(record.outcome))
        record.body.clear();
    // One replayed twice in a batch, or settled by its order's coming, stands there already.
    const auto same = isReplay ? std::find_if(m_changes.deliveries.begin(), m_changes.deliveries.end(),
                          [&record](const DeliveryRecord& each) { return each.number == record.number; })
                               : m_changes.deliveries.end();
    const auto index = static_cast<std::size_t>(same - m_changes.deliveries.begin());
    if (same == m_changes.deliveries.end())
        m_changes.deliveries.push_back(std::move(record));
    else
        *same = std::move(record);
    m_deliveryReplies.push_back({std::move(message.reply), index, {}});
    return {};
}

Result<BatchRun::Refusal> BatchRun::settle(DeliveryRecord& record, const Delivery& delivery)
{
    if (record.ask == DeliveryAsk::Nothing)
        return Refusal();
    const auto known = findKnown(record.source, record.externalId);
    if (!known)
        return tl::unexpected(known.error());
    if (!*known)
        return record.ask == DeliveryAsk::Create ? create(record, delivery) : wait(record);
    const auto working = find((*known)->id);
    if (!working)
        return tl::unexpected(working.error());
    if (auto applied = applyTo(**working, record, delivery.document); !applied)
        return tl::unexpected(std::move(applied.error()));
    return Refusal();
}

Result<BatchRun::Refusal> BatchRun::create(DeliveryRecord& record, const Delivery& delivery)
{
    const auto taken = takeIn(delivery.document, delivery.encoded, delivery.fingerprint, record.source);
    if (!taken)
        return Refusal(taken.error());
    record.outcome = DeliveryOutcome::Accepted;
    record.order = (*taken)->order.id;
    if (auto applied = applyWaiting(**taken); !applied)
        return tl::unexpected(std::move(applied.error()));
    return Refusal();
}

Result<BatchRun::Refusal> BatchRun::wait(DeliveryRecord& record)
{
    const auto stored = m_batch.countWaiting(record.source);
    if (!stored)
        return tl::unexpected(stored.error());
    const auto coming = std::count_if(
        m_changes.deliveries.begin(), m_changes.deliveries.end(), [&record](const DeliveryRecord& each) {
            return each.number == 0 && each.source == record.source
                && each.outcome == DeliveryOutcome::Waiting;
        });
    const bool isFull = *stored + static_cast<std::size_t>(coming) >= store::DeliveryLimits::waiting;
    if (isFull && record.number == 0)
        return Refusal(Error{ErrorCode::Busy,
            "Too many deliveries of " + record.source
                + " wait for orders that have not come. Nothing was kept; send it again later."});
    record.outcome = DeliveryOutcome::Waiting;
    return Refusal();
}

Result<void> BatchRun::applyWaiting(Working& working)
{
    const OrderSummary& summary = *working.order.summary;
    auto stored = m_batch.listWaiting(summary.channel, summary.externalId);
    if (!stored)
        return tl::unexpected(std::move(stored.error()));
    auto& deliveries = m_changes.deliveries;
    for (DeliveryRecord& each : *stored)
        if (std::none_of(deliveries.begin(), deliveries.end(),
                [&each](const DeliveryRecord& other) { return other.number == each.number; }))
            deliveries.push_back(std::move(each));
    // Their sequence does not matter: an order's document never changes, and canceling twice is canceling once.
    for (DeliveryRecord& each : deliveries) {
        if (each.outcome != DeliveryOutcome::Waiting || each.source != summary.channel
            || each.externalId != summary.externalId)
            continue;
        if (auto applied = applyTo(working, each, {}); !applied)
            return applied;
        each.document.clear();
        if (!store::isBodyKept(each.outcome))
            each.body.clear();
    }
    return {};
}

Result<void> BatchRun::applyTo(
    Working& working, DeliveryRecord& record, std::shared_ptr<const OrderDocument> document)
{
    record.order = working.order.id;
    switch (record.ask) {
    case DeliveryAsk::Create:
    case DeliveryAsk::Update: {
        const auto submitted = documentOf(working);
        if (!submitted)
            return tl::unexpected(submitted.error());
        if (!document) {
            auto read = decodeDocument(m_parser, record.document);
            if (!read)
                return tl::unexpected(std::move(read.error()));
            document = std::make_shared<const OrderDocument>(std::move(*read));
        }
        record.problem = changeText(differencesOf(**submitted, *document), record.problem);
        record.outcome = record.problem.empty() ? DeliveryOutcome::Known : DeliveryOutcome::Noted;
        break;
    }
    case DeliveryAsk::Cancel: cancelFor(working, record); break;
    case DeliveryAsk::Note: record.outcome = DeliveryOutcome::Noted; break;
    case DeliveryAsk::Nothing: break;
    }
    return {};
}

void BatchRun::cancelFor(Working& working, DeliveryRecord& record)
{
    if (working.order.compensating || working.order.outcome == Outcome::Canceled) {
        record.outcome = DeliveryOutcome::Known;
        record.problem.clear();
        return;
    }
    Command command;
    command.actor = record.source;
    command.role = Role::Support; // the least that may
    command.body = TakeAction{.action = Action::Cancel, .reason = record.problem};
    const auto judged = judge(working, std::move(command));
    record.outcome = judged ? DeliveryOutcome::Accepted : DeliveryOutcome::Noted;
    record.problem = judged
        ? std::string()
        : toPlainText("The shop has canceled the order, but here it can't be: " + judged.error().message,
            CommandLimits::message);
}

} // namespace gantry::engine
