// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/shared/support/random_orders.h"

#include "tests/shared/support/documents.h"
#include "tests/shared/support/journal.h"

#include <array>

namespace gantry::test {

namespace {

using std::chrono::milliseconds;

constexpr std::array allRoles{Role::Viewer, Role::Warehouse, Role::Support, Role::Admin};

milliseconds randomSpan(Dice& dice, std::uint64_t mostMs)
{
    return milliseconds(static_cast<std::int64_t>(dice.roll(mostMs + 1)));
}

ReportFailure randomFailure(Dice& dice, std::string step, std::uint32_t attempt)
{
    ReportFailure failure{
        std::move(step), attempt, dice.chance(15) ? "fatal" : "timeout", randomText(dice, 300) + "\n\xff"};
    failure.fatal = dice.chance(5);
    if (dice.chance(20))
        failure.retryAfter = randomSpan(dice, 100'000'000) - milliseconds(1000);
    return failure;
}

CommandBody randomReport(Dice& dice, std::string step, std::uint32_t attempt)
{
    if (dice.chance(60))
        return ReportSuccess{
            std::move(step), attempt, dice.chance(50) ? R"({"note":"\"é\\n\"","n":[1,2.5,null]})" : ""};
    return randomFailure(dice, std::move(step), attempt);
}

std::string anyHoldId(Dice& dice, const Order& order)
{
    if (!order.holds.empty() && dice.chance(60))
        return dice.pick(order.holds).id;
    return "hold-" + std::to_string(dice.roll(40));
}

std::string anyStep(Dice& dice, const Order& order, const Workflow& workflow)
{
    if (dice.chance(40))
        return order.step.name;
    return dice.chance(80) ? dice.pick(workflow.steps).name : "no-such-step";
}

TakeAction randomAction(
    Dice& dice, Action action, const Order& order, const Workflow& workflow, Timestamp now)
{
    TakeAction request{.action = action, .reason = dice.chance(95) ? "because " + randomText(dice, 300) : ""};
    if (dice.chance(20))
        request.step = anyStep(dice, order, workflow);
    if (action == Action::Hold) {
        request.holdId = dice.chance(90) ? "hold-" + std::to_string(dice.roll(40)) : "";
        if (dice.chance(50))
            request.expiresAt = now + randomSpan(dice, 3'600'000) - milliseconds(600'000);
    } else if (action == Action::Release && dice.chance(30)) {
        request.holdId = anyHoldId(dice, order);
    }
    return request;
}

/// A summary for that workflow, at times with some of its steps skipped, but never all.
std::shared_ptr<const OrderSummary> randomSummary(Dice& dice, const Workflow& workflow)
{
    OrderSummary summary = *summaryFor(workflow);
    if (dice.chance(50))
        summary.promiseAt = summary.createdAt + randomSpan(dice, 100'000'000);
    if (dice.chance(50))
        for (std::size_t i = 0; i < workflow.steps.size(); ++i)
            if (summary.skippedSteps.size() + 1 < workflow.steps.size() && dice.chance(30))
                summary.skippedSteps.push_back(workflow.steps[i].name);
    return std::make_shared<const OrderSummary>(std::move(summary));
}

/// What would most likely bring the order on.
CommandBody fittingBody(Dice& dice, const Order& order, const Workflow& workflow, Timestamp& now)
{
    if (order.version == 0)
        return SubmitOrder{randomSummary(dice, workflow)};
    if (order.step.performer == Performer::Clock && !order.incident && order.holds.empty()
        && dice.chance(80)) {
        now = std::max(now, order.step.dueAt.value_or(now));
        return ElapseTimer{};
    }
    if (order.incident)
        return randomAction(dice, dice.chance(75) ? Action::Retry : Action::Override, order, workflow, now);
    if (order.retryAt) {
        now = std::max(now, *order.retryAt);
        return MakeRetryDue{};
    }
    if (!order.holds.empty() && dice.chance(70)) {
        const Hold& hold = dice.pick(order.holds);
        if (!hold.expiresAt)
            return randomAction(dice, Action::Release, order, workflow, now);
        now = std::max(now, *hold.expiresAt);
        return ExpireHold{hold.id};
    }
    if (order.step.isApproval())
        return randomAction(dice, dice.chance(75) ? Action::Approve : Action::Reject, order, workflow, now);
    if (order.step.performer == Performer::Person)
        return randomAction(dice, Action::Complete, order, workflow, now);
    if (order.retry && order.retry->verdict == RetryVerdict::Pending && dice.chance(20))
        return ReportNotPickedUp{order.step.name, order.attempt};
    return randomReport(dice, order.step.name, order.attempt);
}

CommandBody wildBody(Dice& dice, const Order& order, const Workflow& workflow, Timestamp now,
    const std::vector<CommandBody>& past)
{
    switch (dice.roll(9)) {
    case 0: return SubmitOrder{summaryFor(workflow)};
    case 1:
        return randomReport(dice, anyStep(dice, order, workflow), static_cast<std::uint32_t>(dice.roll(6)));
    case 2: return MakeRetryDue{};
    case 3: return ExpireHold{anyHoldId(dice, order)};
    case 8: return ElapseTimer{};
    case 4:
    case 5:
        if (!past.empty())
            return dice.pick(past);
        return randomAction(dice, dice.pick(allActions), order, workflow, now);
    case 6:
        return ReportNotPickedUp{anyStep(dice, order, workflow), static_cast<std::uint32_t>(dice.roll(6))};
    case 7: return randomAction(dice, Action::Retry, order, workflow, now);
    default: return randomAction(dice, dice.pick(allActions), order, workflow, now);
    }
}

} // namespace

Workflow randomWorkflow(Dice& dice)
{
    constexpr std::array kinds{StepKind::Builtin, StepKind::Service, StepKind::Manual, StepKind::Worker,
        StepKind::Timer, StepKind::Approval, StepKind::Http};
    Workflow workflow{.name = "random", .version = static_cast<int>(1 + dice.roll(9))};
    const auto count = 1 + dice.roll(8);
    for (std::uint64_t i = 0; i < count; ++i) {
        StepDefinition step{.name = "step-" + std::to_string(i), .kind = dice.pick(kinds)};
        const bool isMachines = performerOf(step.kind) == Performer::Machine;
        step.handler = isMachines ? "do-" + std::to_string(i) : "";
        step.delay = randomSpan(dice, 1'000'000);
        if (dice.chance(30))
            step.beforePromise = randomSpan(dice, 100'000'000);
        step.approvals = static_cast<std::uint8_t>(1 + dice.roll(3));
        if (dice.chance(30))
            step.target = randomSpan(dice, 1'000'000);
        if (dice.chance(40))
            step.cancelCodes = {dice.chance(50) ? std::string(anyCode) : std::string(rejectedCode)};
        step.compensation = dice.chance(45) ? "undo-" + std::to_string(i) : "";
        step.role = dice.pick(allRoles);
        step.retry.maxAttempts = static_cast<int>(1 + dice.roll(4));
        step.retry.initial = randomSpan(dice, 10'000);
        step.retry.factor = 1.0 + 9.0 * dice.unit();
        step.retry.max = step.retry.initial + randomSpan(dice, 1'000'000);
        if (dice.chance(50))
            step.retry.fatalCodes = {"fatal"};
        workflow.steps.push_back(std::move(step));
    }
    return workflow;
}

Command randomCommand(Dice& dice, const Order& order, const Workflow& workflow, Timestamp& now,
    const std::vector<CommandBody>& past)
{
    now += randomSpan(dice, 900'000) - milliseconds(300'000);
    const bool fits = dice.chance(70);
    constexpr std::array persons{"ann", "ben", "cho", "dee"};
    Command command{.actor = dice.pick(persons), .chance = dice.unit()};
    command.body =
        fits ? fittingBody(dice, order, workflow, now) : wildBody(dice, order, workflow, now, past);
    command.at = now;
    command.role = fits || dice.chance(50) ? Role::Admin : dice.pick(allRoles);
    if (dice.chance(15))
        command.expectedVersion =
            dice.chance(70) ? order.version : static_cast<std::uint32_t>(dice.roll(order.version + 3U));
    return command;
}

History randomHistory(Dice& dice, std::size_t most)
{
    Journal journal(randomWorkflow(dice));
    journal.submit();
    Timestamp now = journal.now();
    for (auto i = dice.roll(most); i-- > 0;)
        (void)journal.send(randomCommand(dice, journal.order(), journal.workflow(), now, {}));
    return {journal.order(), journal.events()};
}

} // namespace gantry::test
