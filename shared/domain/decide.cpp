// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/decide.h"

#include "shared/domain/migration.h"
#include "shared/util/text.h"

#include <algorithm>
#include <cmath>

namespace gantry {

namespace {

/// When a step that the order comes to at `at` is due, if that can be said.
std::optional<Timestamp> dueTime(const StepDefinition& step, const OrderSummary& summary, Timestamp at)
{
    if (step.kind != StepKind::Timer)
        return step.target.count() > 0 ? std::optional(at + step.target) : std::nullopt;
    if (!step.beforePromise)
        return at + step.delay;
    return summary.promiseAt ? std::max(*summary.promiseAt - *step.beforePromise, at) : at;
}

} // namespace

StepEntry entryOf(const StepDefinition& step, const OrderSummary& summary, Timestamp at)
{
    const std::uint8_t approvals = step.kind == StepKind::Approval ? step.approvals : 0;
    return {step.name, performerOf(step.kind), step.role, approvals, dueTime(step, summary, at)};
}

namespace {

bool isSkipped(const OrderSummary& summary, std::string_view step)
{
    const auto& skipped = summary.skippedSteps;
    return std::find(skipped.begin(), skipped.end(), step) != skipped.end();
}

/// The first step from that place on that is for the order, which comes to it at `at`.
std::optional<StepEntry> entryFrom(
    const Workflow& workflow, std::size_t index, const OrderSummary& summary, Timestamp at)
{
    for (; index < workflow.steps.size(); ++index)
        if (!isSkipped(summary, workflow.steps[index].name))
            return entryOf(workflow.steps[index], summary, at);
    return std::nullopt;
}

std::optional<StepEntry> entryAfter(
    const Workflow& workflow, std::string_view step, const OrderSummary& summary, Timestamp at)
{
    const auto index = workflow.indexOf(step);
    return index ? entryFrom(workflow, *index + 1, summary, at) : std::nullopt;
}

/// Which steps are to be undone when the order is canceled where it stands, last first. The present step counts: an attempt of it may have had
/// its effect without telling. So does the one after it in an order that came back from there to reserve anew.
std::vector<std::string> stepsToUndo(const Workflow& workflow, const Order& order)
{
    std::vector<std::string> undo;
    const OrderSummary& summary = *order.summary;
    auto last = workflow.indexOf(order.step.name);
    if (!last)
        return undo;
    if (order.hasReturned && workflow.steps[*last].reserveFor.count() > 0)
        if (const auto after = entryAfter(workflow, order.step.name, summary, order.stepSince))
            last = workflow.indexOf(after->name);
    for (std::size_t i = *last + 1; i-- > 0;)
        if (!workflow.steps[i].compensation.empty() && !isSkipped(summary, workflow.steps[i].name))
            undo.push_back(workflow.steps[i].name);
    return undo;
}

/// Whether an order of that summary runs on that workflow. By another one it could be completed with steps undone, or canceled with
/// effects left.
bool isMeantFor(const OrderSummary* summary, const Workflow& workflow)
{
    return summary && summary->workflow == workflow.name && summary->workflowVersion == workflow.version
        && !workflow.steps.empty();
}

/// Decides one command for one order; one overload a command, one function an action.
class Decision {
public:
    Decision(const Order& order, const Command& command, const Workflow& workflow)
        : m_order(order)
        , m_command(command)
        , m_workflow(workflow)
    {
    }

    Result<std::vector<Event>> operator()(const SubmitOrder& submit)
    {
        if (m_order.version != 0)
            return failure(ErrorCode::OrderExists, "The order " + m_order.id.text() + " exists already.");
        auto first = entryFrom(m_workflow, 0, *submit.summary, m_command.at);
        if (!first)
            return failure(ErrorCode::Internal,
                "The workflow " + m_workflow.name + " has no step for the order " + m_order.id.text()
                    + ". Nothing was taken in; tell the developers.");
        add(OrderReceived{submit.summary, std::move(*first)});
        return take();
    }

    Result<std::vector<Event>> operator()(const ReportSuccess& report)
    {
        if (auto stale = checkPresent(report.step, report.attempt))
            return tl::unexpected(std::move(*stale));
        if (auto wrong = checkMoney(report.money)) {
            add(mismatch(report, *wrong));
            return take();
        }
        if (m_order.compensating) {
            add(StepCompensated{report.step, report.attempt, report.result, report.money});
            cancelIfUndone();
        } else {
            completeStep(report.step, report.attempt, report.result, report.money, {}, report.reserves);
        }
        return take();
    }

    Result<std::vector<Event>> operator()(const ReportFailure& report)
    {
        if (auto stale = checkPresent(report.step, report.attempt))
            return tl::unexpected(std::move(*stale));
        std::string code = toPlainText(report.code, CommandLimits::code);
        if (code.empty())
            code = "unknown";
        failStep({report.step, report.attempt, std::move(code),
            toPlainText(report.message, CommandLimits::message), nextAttemptAt(report), presentHandler()});
        return take();
    }

    Result<std::vector<Event>> operator()(const MakeRetryDue&)
    {
        if (m_order.outcome == Outcome::Open && m_order.retryAt && *m_order.retryAt <= m_command.at)
            add(RetryDue{m_order.step.name, m_order.attempt + 1});
        return take();
    }

    Result<std::vector<Event>> operator()(const ElapseTimer&)
    {
        const bool isDue = m_order.outcome == Outcome::Open && m_order.step.performer == Performer::Clock
            && m_order.holds.empty() && m_order.step.dueAt.value_or(m_command.at) <= m_command.at;
        if (isDue)
            completeStep(m_order.step.name, m_order.attempt, {}, {});
        return take();
    }

    Result<std::vector<Event>> operator()(const ExpireHold& expire)
    {
        const auto hold = std::find_if(m_order.holds.begin(), m_order.holds.end(),
            [&](const Hold& each) { return each.id == expire.holdId; });
        if (hold != m_order.holds.end() && hold->expiresAt && *hold->expiresAt <= m_command.at)
            add(HoldReleased{hold->id, "expired"});
        return take();
    }

    Result<std::vector<Event>> operator()(const ExpireReservation&)
    {
        const auto& until = m_order.step.reservedUntil;
        const bool isOver =
            m_order.outcome == Outcome::Open && !m_order.compensating && until && *until <= m_command.at;
        const StepDefinition* reserving =
            isOver ? m_workflow.reservingBefore(m_order.step.name, m_order.summary->skippedSteps) : nullptr;
        if (reserving)
            add(ReservationExpired{entryOf(*reserving, *m_order.summary, m_command.at), m_order.version + 1});
        return take();
    }

    Result<std::vector<Event>> operator()(const ReportNotPickedUp& report)
    {
        const RetryCheckPointer& retry = m_order.retry;
        const bool isWaitedFor = retry && retry->verdict == RetryVerdict::Pending && isMachineDue(m_order)
            && retry->step == report.step && m_order.step.name == report.step
            && m_order.attempt == report.attempt;
        if (isWaitedFor)
            add(RetryNotPickedUp{report.step, report.attempt});
        return take();
    }

    Result<std::vector<Event>> operator()(const TakeAction& request)
    {
        if (auto refused = checkAction(request))
            return tl::unexpected(std::move(*refused));
        return act(request);
    }

    Result<std::vector<Event>> operator()(const CorrectMoney& request)
    {
        if (auto refused = refusalOf(Right::CorrectMoney, request.money, m_order, m_command.role))
            return tl::unexpected(std::move(*refused));
        if (auto wrong = checkReason(request.reason))
            return tl::unexpected(std::move(*wrong));
        if (request.money.isNothing())
            return tl::unexpected(invalid("", "A correction of nothing corrects nothing. Give an amount."));
        if (const auto wrong = checkCorrection(m_order.money, request.money, m_order.summary->currency))
            return tl::unexpected(invalid("",
                "The correction would leave books of order " + m_order.id.text() + " that do not balance: "
                    + *wrong + ". Read the order's money and correct the amounts."));
        add(MoneyCorrected{request.money, request.reason});
        return take();
    }

    Result<std::vector<Event>> operator()(const MigrateWorkflow& request)
    {
        if (!m_command.role->find(Right::Manage))
            return failure(ErrorCode::Forbidden,
                "The role " + std::string(roleName(m_command.role))
                    + " may not move orders to another version of a workflow. Ask an admin.");
        if (auto wrong = checkReason(request.reason))
            return tl::unexpected(std::move(*wrong));
        auto plan =
            planMigration(m_order, m_workflow, *request.to, {request.notMeant, request.map, m_command.at});
        if (!plan)
            return tl::unexpected(std::move(plan.error()));
        // A number above all before: each attempt so far was due by an event of its own.
        const auto attempt = plan->attempt == AttemptFate::Kept ? m_order.attempt : m_order.version + 1;
        add(WorkflowMigrated{request.to->name, request.to->version, std::move(plan->skippedSteps),
            std::move(plan->step), attempt, request.reason, std::move(plan->doneSteps)});
        return take();
    }

private:
    /// Why an action can't be taken: first what the caller may, then what the order lets through, then what the request says.
    [[nodiscard]] std::optional<Error> checkAction(const TakeAction& request) const
    {
        if (auto refused = refusalOf(request.action, m_order, m_command.role))
            return refused;
        const Right right = rightFor(request.action, m_order.step);
        if (auto refused = refusalOf(right, request.money, m_order, m_command.role))
            return refused;
        if (!isPossible(request.action, m_order))
            return Error{ErrorCode::ActionNotAllowed,
                "The order " + m_order.id.text() + " is " + std::string(stateName(stateOf(m_order)))
                    + " at step " + m_order.step.name + "; " + std::string(actionName(request.action))
                    + " is not possible there. Read its allowed actions and choose again."};
        if (!request.step.empty() && request.step != m_order.step.name)
            return Error{ErrorCode::ActionNotAllowed,
                "The order " + m_order.id.text() + " stands at step " + m_order.step.name + ", not at "
                    + request.step + ". Look at it again before you act."};
        if (auto wrong = checkReason(request.reason))
            return wrong;
        if (auto wrong = checkMoney(request.money))
            return invalid("/result/money",
                "The order " + m_order.id.text() + " can't book that money: " + *wrong
                    + ". Look at what the step really did, and say that.");
        if (request.action == Action::Hold)
            return checkHold(request);
        return request.action == Action::Approve ? checkApproval() : std::nullopt;
    }

    /// Why what a step did can't stand in the order's books, if so.
    [[nodiscard]] std::optional<std::string> checkMoney(const MoneyChange& money) const
    {
        const OrderSummary& summary = *m_order.summary;
        return checkStepMoney(m_order.money, money, summary.total, summary.currency);
    }

    /// What is recorded of a machine's success that the books have no room for: somebody has to look, whatever the definition says.
    [[nodiscard]] StepFailed mismatch(const ReportSuccess& report, const std::string& wrong) const
    {
        const auto amount = [&](MinorUnits units) { return formatAmount(units, m_order.summary->currency); };
        std::string message = "The step reports success, but its money can't be booked (authorized "
            + amount(report.money.authorized) + ", captured " + amount(report.money.captured) + ", refunded "
            + amount(report.money.refunded) + "): " + wrong
            + ". See what the service really did, correct the order's money if need be, and override the "
              "step.";
        return {report.step, report.attempt, std::string(moneyMismatchCode),
            toPlainText(message, CommandLimits::message), {}, presentHandler()};
    }

    [[nodiscard]] std::optional<Error> checkApproval() const
    {
        const auto& approved = m_order.approvedBy;
        if (std::find(approved.begin(), approved.end(), m_command.actor) == approved.end())
            return std::nullopt;
        return Error{ErrorCode::ActionNotAllowed,
            m_command.actor + " has approved step " + m_order.step.name + " of order " + m_order.id.text()
                + " already. The next approval must come from somebody else."};
    }

    [[nodiscard]] static std::optional<Error> checkReason(const std::string& reason)
    {
        if (reason.empty())
            return invalid("/reason", "An action needs a reason. Say why, in a few words.");
        if (reason.size() > CommandLimits::reason || hasControlCharacter(reason))
            return invalid("/reason",
                "A reason has at most 1000 bytes and no control characters. Say it shorter, on one line.");
        return std::nullopt;
    }

    [[nodiscard]] std::optional<Error> checkHold(const TakeAction& request) const
    {
        const bool isTaken = std::any_of(m_order.holds.begin(), m_order.holds.end(),
            [&](const Hold& hold) { return hold.id == request.holdId; });
        if (request.holdId.empty() || isTaken)
            return invalid("/hold_id", "A hold needs an id that no other hold of the order has.");
        if (request.expiresAt && *request.expiresAt <= m_command.at)
            return invalid(
                "/expires_at", "The hold would have expired already. Choose a later time, or none.");
        return std::nullopt;
    }

    static Error invalid(std::string pointer, std::string message)
    {
        return {ErrorCode::InvalidValue, message, {{std::move(pointer), ErrorCode::InvalidValue, message}}};
    }

    Result<std::vector<Event>> act(const TakeAction& request)
    {
        switch (request.action) {
        case Action::Retry: add(StepRetried{m_order.step.name, m_order.attempt + 1, request.reason}); break;
        case Action::Hold: add(HoldPlaced{request.holdId, request.reason, request.expiresAt}); break;
        case Action::Release: return release(request);
        case Action::Cancel: cancel(request.reason); break;
        case Action::Override: overrideStep(request); break;
        case Action::Complete:
            completeStep(m_order.step.name, m_order.attempt, request.result, request.money, request.reason);
            break;
        case Action::Approve: approve(request); break;
        case Action::Reject:
            failStep({m_order.step.name, m_order.attempt, std::string(rejectedCode), request.reason, {}, {}});
            break;
        }
        return take();
    }

    void approve(const TakeAction& request)
    {
        if (m_order.approvedBy.size() + 1 < m_order.step.approvals)
            add(ApprovalGiven{m_order.step.name, request.reason});
        else
            completeStep(m_order.step.name, m_order.attempt, request.result, request.money, request.reason);
    }

    Result<std::vector<Event>> release(const TakeAction& request)
    {
        for (const Hold& hold : m_order.holds)
            if (request.holdId.empty() || request.holdId == hold.id)
                add(HoldReleased{hold.id, request.reason});
        if (m_events.empty())
            return tl::unexpected(invalid("/hold_id",
                "The order " + m_order.id.text() + " has no hold " + request.holdId
                    + ". Read its holds and choose again."));
        return take();
    }

    void cancel(std::string reason)
    {
        auto undo = stepsToUndo(m_workflow, m_order);
        const bool nothingToUndo = undo.empty();
        add(CancelRequested{std::move(reason), std::move(undo)});
        if (nothingToUndo)
            add(OrderCanceled{});
    }

    /// Records a failure; the last one of a step may cancel the order, as its definition says.
    void failStep(StepFailed failed)
    {
        const auto index = m_workflow.indexOf(failed.step);
        const bool cancels = index && !failed.retryAt && !m_order.compensating
            && isListed(m_workflow.steps[*index].cancelCodes, failed.code);
        std::string reason = cancels ? "step " + failed.step + " failed with " + failed.code : std::string();
        add(std::move(failed));
        if (cancels)
            cancel(std::move(reason));
    }

    static bool isListed(const std::vector<std::string>& codes, std::string_view code)
    {
        return std::any_of(codes.begin(), codes.end(),
            [code](const std::string& each) { return each == code || each == anyCode; });
    }

    /// What does the present step, or undoes it; empty for a person.
    [[nodiscard]] std::string presentHandler() const
    {
        const auto index = m_workflow.indexOf(m_order.step.name);
        return index ? m_workflow.steps[*index].handlerFor(m_order.compensating) : std::string();
    }

    void overrideStep(const TakeAction& request)
    {
        const auto next = m_order.compensating
            ? std::nullopt
            : entryAfter(m_workflow, m_order.step.name, *m_order.summary, m_command.at);
        add(StepOverridden{m_order.step.name, request.reason, next});
        if (m_order.compensating)
            cancelIfUndone();
        else if (!next)
            add(OrderCompleted{});
    }

    void completeStep(const std::string& step, std::uint32_t attempt, const std::string& result,
        const MoneyChange& money, const std::string& reason = {}, bool reserves = false)
    {
        auto next = entryAfter(m_workflow, step, *m_order.summary, m_command.at);
        const auto index = m_workflow.indexOf(step);
        if (next && reserves && index && m_workflow.steps[*index].reserveFor.count() > 0)
            next->reservedUntil = m_command.at + m_workflow.steps[*index].reserveFor;
        add(StepCompleted{step, attempt, result, next, reason, money});
        if (!next)
            add(OrderCompleted{});
    }

    void cancelIfUndone()
    {
        if (m_order.toCompensate.empty())
            add(OrderCanceled{});
    }

    /// Why a result can't be taken, if it is not for the attempt that is due.
    [[nodiscard]] std::optional<Error> checkPresent(const std::string& step, std::uint32_t attempt) const
    {
        const bool present = m_order.outcome == Outcome::Open && m_order.step.performer == Performer::Machine
            && !m_order.incident && !m_order.retryAt && m_order.step.name == step
            && m_order.attempt == attempt;
        if (present)
            return std::nullopt;
        return Error{ErrorCode::StaleToken,
            "Attempt " + std::to_string(attempt) + " of step " + step
                + " is no longer the present one of order " + m_order.id.text()
                + ". Its result was not recorded; drop it."};
    }

    [[nodiscard]] std::optional<Timestamp> nextAttemptAt(const ReportFailure& report) const
    {
        const auto index = m_workflow.indexOf(report.step);
        if (!index || report.fatal)
            return std::nullopt;
        const RetryPolicy& policy = m_workflow.steps[*index].retry;
        const auto& fatal = policy.fatalCodes;
        const std::uint32_t spent = m_order.attemptsSpent + 1;
        if (std::find(fatal.begin(), fatal.end(), report.code) != fatal.end()
            || spent >= static_cast<std::uint32_t>(policy.maxAttempts))
            return std::nullopt;
        return m_command.at + backOff(policy, spent, m_command.chance, report.retryAfter);
    }

    void add(EventBody body)
    {
        const auto version = m_order.version + static_cast<std::uint32_t>(m_events.size()) + 1;
        m_events.push_back({version, m_command.at, m_command.actor, std::move(body)});
    }

    std::vector<Event> take() { return std::move(m_events); }

    const Order& m_order;
    const Command& m_command;
    const Workflow& m_workflow;
    std::vector<Event> m_events;
};

} // namespace

namespace {

/// Whether somebody asks for something who must not know that there is such an order.
bool isHiddenFrom(const Command& command, const Order& order)
{
    const bool isAsked = std::holds_alternative<TakeAction>(command.body)
        || std::holds_alternative<CorrectMoney>(command.body);
    return isAsked && !command.role.sees(order.summary->channel);
}

} // namespace

Result<std::vector<Event>> decide(const Order& order, const Command& command, const Workflow& workflow)
{
    const auto* submit = std::get_if<SubmitOrder>(&command.body);
    if (!submit && (order.version == 0 || isHiddenFrom(command, order)))
        return failure(ErrorCode::NotFound, "There is no order " + order.id.text() + ". Check the id.");
    const OrderSummary* summary = submit ? submit->summary.get() : order.summary.get();
    if (order.outcome == Outcome::Open && !isMeantFor(summary, workflow))
        return failure(ErrorCode::Internal,
            "The order " + order.id.text() + " was judged by workflow " + workflow.name + ' '
                + std::to_string(workflow.version)
                + ", which is not its own. Nothing was changed; tell the developers.");
    if (command.expectedVersion && *command.expectedVersion != order.version)
        return failure(ErrorCode::VersionMismatch,
            "The order " + order.id.text() + " is at version " + std::to_string(order.version) + ", not "
                + std::to_string(*command.expectedVersion) + ". Read it again before you act.");
    return std::visit(Decision(order, command, workflow), command.body);
}

std::chrono::milliseconds backOff(const RetryPolicy& policy, std::uint32_t spent, double chance,
    std::optional<std::chrono::milliseconds> retryAfter)
{
    constexpr std::chrono::milliseconds longest = std::chrono::hours(24 * 365);
    const double exponential = static_cast<double>(policy.initial.count())
        * std::pow(policy.factor, static_cast<double>(spent) - 1.0);
    const double ceiling = static_cast<double>(std::min(policy.max, longest).count());
    // Written so that a policy that makes no sense (not a number, negative) means: at once.
    const double bounded = exponential > 0.0 ? std::max(0.0, std::min(exponential, ceiling)) : 0.0;
    const auto wait = std::chrono::milliseconds(static_cast<std::int64_t>(bounded * chance) + 1);
    return retryAfter
        ? std::max(wait, std::min(*retryAfter, std::chrono::milliseconds(std::chrono::hours(24))))
        : wait;
}

} // namespace gantry
