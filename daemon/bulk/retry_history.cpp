// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bulk/retry_history.h"

namespace gantry::bulk {

namespace {

constexpr std::size_t eventsPerPage = 10'000; // each page walks the order's chain of events anew

/// Follows an order's history, event by event, until a retry of it is decided, replaced or at the end.
class History {
public:
    History(const OrderId& id, std::uint32_t asked)
        : m_order{.id = id}
        , m_asked(asked)
    {
    }

    /// Takes the next event. False: what follows changes nothing any more.
    bool take(const Event& event)
    {
        m_order = apply(std::move(m_order), event);
        if (m_order.version < m_asked)
            return true;
        // Another retry came before this one was decided: nobody will ever know.
        if (!m_order.retry || m_order.retry->version != m_asked) {
            m_judgment.verdict = RetryVerdict::Superseded;
            return false;
        }
        m_judgment.verdict = m_order.retry->verdict;
        m_judgment.step = m_order.retry->step;
        if (m_order.retry->isOpen())
            return true;
        if (const auto* failed = std::get_if<StepFailed>(&event.body))
            m_judgment.code = failed->code;
        return false;
    }

    [[nodiscard]] std::uint32_t version() const noexcept { return m_order.version; }
    [[nodiscard]] const RetryJudgment& judgment() const noexcept { return m_judgment; }

private:
    Order m_order;
    std::uint32_t m_asked;
    RetryJudgment m_judgment;
};

std::optional<RetryJudgment> fromHistory(store::StoreReader& reader, const OrderId& id, std::uint32_t asked)
{
    History history(id, asked);
    for (;;) {
        const auto events = reader.readEventsOfOrder(id, history.version(), eventsPerPage);
        if (!events)
            return std::nullopt;
        for (const store::EventRecord& record : *events)
            if (!history.take(record.logged.event))
                return history.judgment();
        if (events->size() < eventsPerPage)
            return history.judgment();
    }
}

/// Whether it is somebody's turn before a machine can be at it.
bool isWaiting(const Order& order)
{
    return !order.holds.empty() || order.step.performer != Performer::Machine;
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
    return RetryJudgment{.verdict = retry->verdict,
        .step = retry->step,
        .code = retry->verdict == RetryVerdict::NotPickedUp ? "not_picked_up" : "",
        .isWaiting = retry->verdict == RetryVerdict::Pending && isWaiting(stored->order)};
}

} // namespace gantry::bulk
