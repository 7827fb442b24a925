// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/order.h"

#include "shared/util/hash.h"

#include <array>

namespace gantry {

namespace {

constexpr std::array<std::string_view, orderStateCount> stateNames{"received", "running", "waiting", "failed",
    "compensating", "completed", "canceled", "compensation_failed"};
constexpr std::array<std::string_view, 4> roleNames{"viewer", "warehouse", "support", "admin"};
constexpr std::array<std::string_view, 3> performerNames{"machine", "person", "clock"};

constexpr std::size_t indexOf(OrderState state) noexcept
{
    return static_cast<std::size_t>(state);
}

// One row a state, in the sequence of the enum: what may follow it directly.
constexpr std::array<std::array<bool, orderStateCount>, orderStateCount> legal{{
    // received running waiting failed compensating completed canceled compensation_failed
    {true, true, true, true, true, true, true, false}, // received
    {false, true, true, true, true, true, true, false}, // running
    {false, true, true, true, true, true, true, false}, // waiting
    {false, true, true, true, true, true, true, false}, // failed
    {false, false, false, false, true, false, true, true}, // compensating
    {false, false, false, false, false, true, false, false}, // completed
    {false, false, false, false, false, false, true, false}, // canceled
    {false, false, false, false, true, false, true, true}, // compensation_failed
}};

/// Feeds values into a digest, each with its length or presence, so that no two orders share a byte string.
class Digest {
public:
    void add(std::string_view text)
    {
        add(static_cast<std::uint64_t>(text.size()));
        m_state = fnv1a(text, m_state);
    }
    void add(std::uint64_t number) { m_state = mix64(m_state ^ (number + 0x9e3779b97f4a7c15ULL)); }
    void add(Timestamp time) { add(static_cast<std::uint64_t>(toMillis(time))); }
    void add(const std::optional<Timestamp>& time)
    {
        add(std::uint64_t{time.has_value()});
        if (time)
            add(*time);
    }
    void add(std::int64_t number) { add(static_cast<std::uint64_t>(number)); }
    [[nodiscard]] std::uint64_t value() const { return mix64(m_state); }

private:
    std::uint64_t m_state = 0xcbf29ce484222325ULL;
};

void addSummary(Digest& digest, const OrderSummary& summary)
{
    digest.add(summary.channel);
    digest.add(summary.externalId);
    digest.add(summary.customerName);
    digest.add(summary.currency.code());
    digest.add(summary.total);
    digest.add(std::uint64_t{summary.lineCount});
    digest.add(summary.quantity);
    digest.add(std::uint64_t{summary.priority});
    digest.add(summary.promiseAt);
    digest.add(summary.createdAt);
    digest.add(summary.workflow);
    digest.add(static_cast<std::int64_t>(summary.workflowVersion));
    for (const std::string& step : summary.skippedSteps)
        digest.add(step);
    if (summary.doneSteps.empty())
        return; // adds nothing: the digests of orders that never moved are what they were
    digest.add("done");
    for (const std::string& step : summary.doneSteps)
        digest.add(step);
}

void addRetry(Digest& digest, const RetryCheckPointer& retry)
{
    digest.add(std::uint64_t{retry != nullptr});
    if (!retry)
        return;
    digest.add(retry->step);
    digest.add(retry->code);
    digest.add(std::uint64_t{retry->version});
    digest.add(retry->at);
    digest.add(retry->by);
    digest.add(static_cast<std::uint64_t>(retry->verdict));
    digest.add(retry->decidedAt);
}

} // namespace

std::vector<OrderState> openStates()
{
    std::vector<OrderState> states;
    for (std::size_t i = 0; i < orderStateCount; ++i)
        if (const auto state = static_cast<OrderState>(i); !isFinal(state))
            states.push_back(state);
    return states;
}

std::string_view stateName(OrderState state) noexcept
{
    return stateNames[indexOf(state)];
}

std::optional<OrderState> stateFromName(std::string_view name) noexcept
{
    for (std::size_t i = 0; i < stateNames.size(); ++i)
        if (stateNames[i] == name)
            return static_cast<OrderState>(i);
    return std::nullopt;
}

std::string_view roleName(Role role) noexcept
{
    return roleNames[static_cast<std::size_t>(role)];
}

std::optional<Role> roleFromName(std::string_view name) noexcept
{
    for (std::size_t i = 0; i < roleNames.size(); ++i)
        if (roleNames[i] == name)
            return static_cast<Role>(i);
    return std::nullopt;
}

std::string_view performerName(Performer performer) noexcept
{
    return performerNames[static_cast<std::size_t>(performer)];
}

std::optional<Performer> performerFromName(std::string_view name) noexcept
{
    for (const Performer performer : {Performer::Machine, Performer::Person, Performer::Clock})
        if (performerName(performer) == name)
            return performer;
    return std::nullopt;
}

bool isLegalTransition(OrderState from, OrderState to) noexcept
{
    return legal[indexOf(from)][indexOf(to)];
}

bool Order::operator==(const Order& other) const
{
    const bool sameSummary =
        summary == other.summary || (summary && other.summary && *summary == *other.summary);
    return sameSummary && id == other.id && version == other.version && outcome == other.outcome
        && compensating == other.compensating && step == other.step && attempt == other.attempt
        && attemptsSpent == other.attemptsSpent && retryAt == other.retryAt && holds == other.holds
        && incident == other.incident && toCompensate == other.toCompensate && approvedBy == other.approvedBy
        && stepSince == other.stepSince && updatedAt == other.updatedAt && retryCode == other.retryCode
        && isMigrated == other.isMigrated && hasReturned == other.hasReturned && areEqual(retry, other.retry)
        && money == other.money;
}

OrderState stateOf(const Order& order) noexcept
{
    if (order.outcome == Outcome::Completed)
        return OrderState::Completed;
    if (order.outcome == Outcome::Canceled)
        return OrderState::Canceled;
    if (order.incident)
        return order.compensating ? OrderState::CompensationFailed : OrderState::Failed;
    if (order.compensating)
        return OrderState::Compensating;
    if (!order.holds.empty() || order.retryAt || order.step.performer != Performer::Machine)
        return OrderState::Waiting;
    return order.version == 1 ? OrderState::Received : OrderState::Running;
}

bool isMachineDue(const Order& order) noexcept
{
    return order.outcome == Outcome::Open && !order.incident && !order.retryAt && order.holds.empty()
        && order.step.performer == Performer::Machine;
}

std::uint64_t digestOf(const Order& order)
{
    Digest digest;
    digest.add(order.id.bytes());
    digest.add(std::uint64_t{order.version});
    digest.add(std::uint64_t{order.summary != nullptr});
    if (order.summary)
        addSummary(digest, *order.summary);
    digest.add(static_cast<std::uint64_t>(order.outcome));
    digest.add(std::uint64_t{order.compensating});
    digest.add(order.step.name);
    digest.add(static_cast<std::uint64_t>(order.step.performer));
    digest.add(static_cast<std::uint64_t>(order.step.role));
    digest.add(std::uint64_t{order.step.approvals});
    digest.add(order.step.dueAt);
    digest.add(std::uint64_t{order.attempt});
    digest.add(std::uint64_t{order.attemptsSpent});
    digest.add(order.retryAt);
    digest.add(std::uint64_t{order.holds.size()});
    for (const Hold& hold : order.holds) {
        digest.add(hold.id);
        digest.add(hold.owner);
        digest.add(hold.reason);
        digest.add(hold.placedAt);
        digest.add(hold.expiresAt);
    }
    digest.add(std::uint64_t{order.incident.has_value()});
    if (order.incident) {
        digest.add(order.incident->step);
        digest.add(order.incident->code);
        digest.add(order.incident->message);
        digest.add(order.incident->since);
        digest.add(order.incident->service);
    }
    digest.add(std::uint64_t{order.toCompensate.size()});
    for (const std::string& step : order.toCompensate)
        digest.add(step);
    digest.add(std::uint64_t{order.approvedBy.size()});
    for (const std::string& person : order.approvedBy)
        digest.add(person);
    digest.add(order.stepSince);
    digest.add(order.updatedAt);
    digest.add(order.retryCode);
    addRetry(digest, order.retry);
    // Else nothing: the digests of all others are what they were.
    if (order.isMigrated)
        digest.add("migrated");
    if (order.hasReturned)
        digest.add("returned");
    if (order.step.reservedUntil) {
        digest.add("reserved");
        digest.add(*order.step.reservedUntil);
    }
    if (order.money != OrderMoney{}) {
        digest.add("money");
        digest.add(order.money.authorized);
        digest.add(order.money.captured);
        digest.add(order.money.refunded);
    }
    return digest.value();
}

} // namespace gantry
