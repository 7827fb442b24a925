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
    if (dice.chance(5)) {
        failure.code = std::string(noHandlerCode);
        failure.fatal = true;
    }
    if (dice.chance(20))
        failure.retryAfter = randomSpan(dice, 100'000'000) - milliseconds(1000);
    return failure;
}

/// What a service may say that it did: mostly what the order has room for, at times anything.
MoneyChange randomMoney(Dice& dice)
{
    if (dice.chance(40))
        return {};
    constexpr MinorUnits total = 4998; // summaryFor()'s
    if (dice.chance(50))
        return {total, total, 0};
    if (dice.chance(60))
        return {0, 0, static_cast<MinorUnits>(dice.roll(total))};
    const auto amount = [&] { return static_cast<MinorUnits>(dice.next() >> (1 + dice.roll(63))); };
    return {amount(), amount(), amount()};
}

CorrectMoney randomCorrection(Dice& dice)
{
    const auto amount = [&] {
        const auto size = static_cast<MinorUnits>(dice.next() >> (dice.chance(80) ? 52 : 1));
        return dice.chance(50) ? size : -size;
    };
    const MinorUnits same = amount();
    MoneyChange change{same, same, dice.chance(30) ? same : 0};
    if (dice.chance(40))
        change = {amount(), amount(), amount()};
    return {change, dice.chance(95) ? "because " + randomText(dice, 300) : ""};
}

CommandBody randomReport(Dice& dice, std::string step, std::uint32_t attempt)
{
    if (dice.chance(60))
        return ReportSuccess{std::move(step), attempt,
            dice.chance(50) ? R"({"note":"\"é\\n\"","n":[1,2.5,null]})" : "", dice.chance(80),
            randomMoney(dice)};
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
    if (action == Action::Complete && dice.chance(30))
        request.money = randomMoney(dice);
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

StepDefinition randomStep(Dice& dice, const std::string& mark)
{
    constexpr std::array kinds{StepKind::Builtin, StepKind::Service, StepKind::Manual, StepKind::Worker,
        StepKind::Timer, StepKind::Approval, StepKind::Http};
    StepDefinition step{.name = "step-" + mark, .kind = dice.pick(kinds)};
    const bool isMachines =
        step.kind == StepKind::Builtin || step.kind == StepKind::Service || step.kind == StepKind::Worker;
    step.handler = isMachines ? "do-" + mark : "";
    step.delay = randomSpan(dice, 1'000'000);
    if (dice.chance(30))
        step.beforePromise = randomSpan(dice, 100'000'000);
    step.approvals = static_cast<std::uint8_t>(1 + dice.roll(3));
    if (dice.chance(30))
        step.target = randomSpan(dice, 1'000'000);
    if (dice.chance(40))
        step.cancelCodes = {dice.chance(50) ? std::string(anyCode) : std::string(rejectedCode)};
    step.compensation = dice.chance(45) ? "undo-" + mark : "";
    step.role = dice.pick(allRoles);
    step.retry.maxAttempts = static_cast<int>(1 + dice.roll(4));
    step.retry.initial = randomSpan(dice, 10'000);
    step.retry.factor = 1.0 + 9.0 * dice.unit();
    step.retry.max = step.retry.initial + randomSpan(dice, 1'000'000);
    if (dice.chance(50))
        step.retry.fatalCodes = {"fatal"};
    return step;
}

/// What would most likely bring the order on.
CommandBody fittingBody(Dice& dice, const Order& order, const Workflow& workflow, Timestamp& now)
{
    if (order.version == 0)
        return SubmitOrder{randomSummary(dice, workflow)};
    if (order.step.reservedUntil && dice.chance(30)) {
        now = std::max(now, *order.step.reservedUntil);
        return ExpireReservation{};
    }
    if (dice.chance(5))
        return randomCorrection(dice);
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
    switch (dice.roll(12)) {
    case 0: return SubmitOrder{summaryFor(workflow)};
    case 1:
        return randomReport(dice, anyStep(dice, order, workflow), static_cast<std::uint32_t>(dice.roll(6)));
    case 2: return MakeRetryDue{};
    case 3: return ExpireHold{anyHoldId(dice, order)};
    case 8: return ElapseTimer{};
    case 9: return ExpireReservation{};
    case 10: return randomCorrection(dice);
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
    Workflow workflow{.name = "random", .version = static_cast<int>(1 + dice.roll(9))};
    const auto count = 1 + dice.roll(8);
    for (std::uint64_t i = 0; i < count; ++i)
        workflow.steps.push_back(randomStep(dice, std::to_string(i)));
    if (dice.chance(60))
        workflow.steps[dice.roll(workflow.steps.size())].reserveFor =
            milliseconds(1) + randomSpan(dice, 3'000'000);
    return workflow;
}

Workflow relatedWorkflow(Dice& dice, const Workflow& workflow)
{
    Workflow related{
        .name = workflow.name, .version = workflow.version + 10 + static_cast<int>(dice.roll(90))};
    for (const StepDefinition& step : workflow.steps) {
        if (dice.chance(15))
            related.steps.push_back(
                randomStep(dice, "of-" + std::to_string(related.version) + "-" + step.name));
        if (dice.chance(15))
            continue;
        related.steps.push_back(step);
        if (dice.chance(15)) { // another does it, or another undoes it
            const StepDefinition other = randomStep(dice, "again-" + step.name);
            related.steps.back().kind = other.kind;
            related.steps.back().handler = other.handler;
            if (dice.chance(30))
                related.steps.back().compensation = other.compensation;
        }
    }
    if (related.steps.empty())
        related.steps.push_back(randomStep(dice, "only"));
    if (dice.chance(20))
        std::swap(
            related.steps[dice.roll(related.steps.size())], related.steps[dice.roll(related.steps.size())]);
    return related;
}

MigrateWorkflow randomMigration(Dice& dice, const Workflow& from, std::shared_ptr<const Workflow> to)
{
    MigrateWorkflow migration{};
    migration.reason = dice.chance(97) ? "because " + randomText(dice, 100) : "";
    for (const StepDefinition& step : to->steps)
        if (migration.notMeant.size() + 1 < to->steps.size() && dice.chance(10))
            migration.notMeant.push_back(step.name);
    if (dice.chance(30))
        migration.map.emplace(dice.pick(from.steps).name, dice.pick(to->steps).name);
    migration.to = std::move(to);
    return migration;
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
    const auto other = std::make_shared<const Workflow>(relatedWorkflow(dice, journal.workflow()));
    journal.submit();
    Timestamp now = journal.now();
    for (auto i = dice.roll(most); i-- > 0;) {
        if (dice.chance(8))
            (void)journal.send(randomMigration(dice, journal.workflow(), other));
        else
            (void)journal.send(randomCommand(dice, journal.order(), journal.workflow(), now, {}));
    }
    return {journal.order(), journal.events()};
}

} // namespace gantry::test
