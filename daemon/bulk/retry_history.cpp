// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bulk/retry_history.h"

namespace gantry::bulk {

namespace {

constexpr std::size_t longestHistory = 10'000; ///< events

/// Follows an order's history from its beginning until that retry is decided, replaced or at the end.
std::optional<RetryJudgment> fromHistory(store::StoreReader& reader, const OrderId& id, std::uint32_t asked)
{
    const auto events = reader.readEventsOfOrder(id, 0, longestHistory);
    if (!events)
        return std::nullopt;
    RetryJudgment judgment;
    Order order{.id = id};
    for (const store::EventRecord& record : *events) {
        const Event& event = record.logged.event;
        order = apply(std::move(order), event);
        if (order.version < asked)
            continue;
        // Another retry came before this one was decided: nobody will ever know.
        if (!order.retry || order.retry->version != asked) {
            judgment.verdict = RetryVerdict::Superseded;
            return judgment;
        }
        judgment.verdict = order.retry->verdict;
        judgment.step = order.retry->step;
        if (order.retry->isOpen())
            continue;
        if (const auto* failed = std::get_if<StepFailed>(&event.body))
            judgment.code = failed->code;
        return judgment;
    }
    return judgment;
}

} // namespace

std::optional<RetryJudgment> judgmentOf(store::StoreReader& reader, const OrderId& order, std::uint32_t asked)
{
    const auto stored = reader.readOrder(order);
    if (!stored)
        return std::nullopt;
    const RetryCheckPointer& retry = stored->order.retry;
    if (!retry || retry->version != asked || retry->verdict == RetryVerdict::FailedAgain
        || retry->verdict == RetryVerdict::FailedAnew)
        return fromHistory(reader, order, asked);
    return RetryJudgment{
        retry->verdict, retry->step, retry->verdict == RetryVerdict::NotPickedUp ? "not_picked_up" : ""};
}

} // namespace gantry::bulk
