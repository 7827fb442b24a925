// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/history_check.h"
#include "tests/shared/support/journal.h"
#include "tests/shared/support/printing.h"
#include "tests/shared/support/random_orders.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <sstream>

namespace gantry::test {

/// What the cases have reached: a property that never sees a compensation fail proves nothing about it.
struct Coverage {
    std::set<OrderState> states;
    std::set<std::string_view> eventTypes;
    std::set<std::string_view> refusals;
    std::set<std::string_view> actionsTaken;
    bool timeRanBackwards = false;
    std::set<RetryVerdict> verdicts;
    bool canceledAfterMoving = false;
    bool attemptKept = false;
    bool attemptEnded = false;
    bool moveRefused = false;
    bool doneIsCarried = false;
    bool canceledAfterReturning = false;
    bool movedWhileReserved = false;
    bool moneyMismatched = false;
    bool correctedAfterTheEnd = false;
    bool refunded = false;
};

/// Versions of one workflow, related as versions are.
using Family = std::vector<std::shared_ptr<const Workflow>>;

inline Family randomFamily(Dice& dice)
{
    Family family{std::make_shared<const Workflow>(randomWorkflow(dice))};
    for (const std::uint64_t count = 1 + dice.roll(2); family.size() <= count;)
        family.push_back(std::make_shared<const Workflow>(relatedWorkflow(dice, *family.back())));
    return family;
}

using Token = std::pair<std::string, std::uint32_t>;

/// One order under a sequence of commands, watched at every event. Any breach of a promise ends the case.
class WatchedOrder {
public:
    WatchedOrder(Family family, Coverage& coverage)
        : m_family(std::move(family))
        , m_workflow(*m_family.front())
        , m_order{.id = OrderId::make(m_now, 1023, {3, 4})}
        , m_start(m_order)
        , m_coverage(coverage)
    {
    }

    void step(std::uint64_t seed)
    {
        Dice dice(seed);
        Command command = test::randomCommand(dice, m_order, m_workflow, m_now, m_past);
        if (m_order.version > 0 && dice.chance(m_order.step.reservedUntil ? 20 : 8))
            command.body = test::randomMigration(dice, m_workflow, dice.pick(m_family));
        else if (dice.chance(isRetryPending() || m_order.hasReturned ? 15 : 5))
            ask(command, dice); // rare things must come up, too
        const auto decided = decide(m_order, command, m_workflow);
        checkPure(command, decided);
        if (!decided)
            checkRefusal(decided.error(), std::holds_alternative<MigrateWorkflow>(command.body));
        else
            take(command, *decided);
        if (std::holds_alternative<ReportSuccess>(command.body)
            || std::holds_alternative<ReportFailure>(command.body))
            m_past.push_back(command.body);
        if (m_order.version > 0) {
            checkDueAttempt();
            checkAllowedActions();
            checkWayForward();
        }
    }

    void checkHistory() const
    {
        Order replayed = m_start;
        for (std::size_t i = 0; i < m_events.size(); ++i) {
            must(m_events[i].version == i + 1, "versions are 1, 2, 3, …");
            replayed = apply(std::move(replayed), m_events[i]);
        }
        must(replayed == m_order, "replaying the history gives the same order");
        must(digestOf(replayed) == digestOf(m_order), "equal orders have equal digests");
    }

    /// From wherever the order stands, what is asked for brings it to an end: no state is a trap.
    void bringToEnd()
    {
        std::size_t most =
            2 * m_workflow.steps.size() + 2; // each step done, each undone, and one thing in the way
        for (const StepDefinition& step : m_workflow.steps)
            most += step.approvals;
        for (std::size_t i = 0; i < most && m_order.version > 0 && m_order.outcome == Outcome::Open; ++i) {
            if (m_order.incident)
                demand(TakeAction{.action = Action::Retry, .reason = "mended"});
            if (!m_order.holds.empty())
                demand(TakeAction{.action = Action::Release, .reason = "looked at"});
            if (m_order.retryAt) {
                m_now = std::max(m_now, *m_order.retryAt);
                demand(MakeRetryDue{});
            }
            must(isMachineDue(m_order) || m_order.step.performer != Performer::Machine,
                "an order that nothing stands against is due");
            goOn();
        }
        must(m_order.version == 0 || m_order.outcome != Outcome::Open, "an order comes to an end");
    }

private:
    [[nodiscard]] bool isRetryPending() const
    {
        return m_order.retry && m_order.retry->verdict == RetryVerdict::Pending;
    }

    /// Makes the command one of an admin's that is allowed, if there is one.
    void ask(Command& command, Dice& dice) const
    {
        const auto allowed = allowedActions(m_order, Role::Admin);
        if (m_order.version == 0 || allowed.empty())
            return;
        command.role = Role::Admin;
        command.expectedVersion.reset();
        const bool rejects =
            m_order.step.isApproval() && isPossible(Action::Reject, m_order) && dice.chance(50);
        command.body = TakeAction{
            .action = rejects ? Action::Reject : dice.pick(allowed), .reason = "asked for", .holdId = {}};
    }

    void must(bool holds, const std::string& promise) const
    {
        if (holds)
            return;
        std::ostringstream story;
        story << "broken: " << promise << "\nat step " << m_order.step.name << " attempt " << m_order.attempt
              << ", state " << stateName(stateOf(m_order)) << "\nafter";
        for (const Event& event : m_events)
            story << ' ' << typeName(event.body);
        RC_FAIL(story.str());
    }

    void goOn()
    {
        if (isMachineDue(m_order))
            return demand(ReportSuccess{m_order.step.name, m_order.attempt, {}});
        if (m_order.step.performer == Performer::Clock) {
            m_now = std::max(m_now, m_order.step.dueAt.value_or(m_now));
            return demand(ElapseTimer{});
        }
        const Action action = m_order.step.isApproval() ? Action::Approve : Action::Complete;
        demand(TakeAction{.action = action, .reason = "done"});
    }

    void demand(CommandBody body)
    {
        const Command command{.at = m_now,
            .actor = "somebody " + std::to_string(m_order.version), // each approval is another person's
            .role = Role::Admin,
            .body = std::move(body)};
        const auto decided = decide(m_order, command, m_workflow);
        must(decided && !decided->empty(), "what brings an order on is taken");
        take(command, *decided);
    }

    void checkPure(const Command& command, const Result<std::vector<Event>>& decided) const
    {
        const auto again = decide(m_order, command, m_workflow);
        must(again.has_value() == decided.has_value(), "deciding twice says the same");
        if (!decided) {
            must(again.error() == decided.error(), "deciding twice refuses alike");
            return;
        }
        must(again->size() == decided->size(), "deciding twice gives as many events");
        for (std::size_t i = 0; i < decided->size(); ++i)
            must((*again)[i].body.index() == (*decided)[i].body.index(),
                "deciding twice gives the same events");
    }

    void checkRefusal(const Error& error, bool isMove)
    {
        constexpr std::array codes{ErrorCode::VersionMismatch, ErrorCode::ActionNotAllowed,
            ErrorCode::Forbidden, ErrorCode::StaleToken, ErrorCode::OrderExists, ErrorCode::InvalidValue,
            ErrorCode::NotFound};
        must(std::find(codes.begin(), codes.end(), error.code) != codes.end(),
            "a refusal has one of the documented codes, not " + std::string(codeName(error.code)));
        must(!error.message.empty(), "a refusal says why");
        m_coverage.refusals.insert(codeName(error.code));
        m_coverage.moveRefused |= isMove && error.code == ErrorCode::ActionNotAllowed;
    }

    void take(const Command& command, const std::vector<Event>& events)
    {
        if (!command.expectedVersion || *command.expectedVersion == m_order.version) {
            noteAnswer(command.body, !events.empty());
            if (const auto* taken = std::get_if<TakeAction>(&command.body))
                m_coverage.actionsTaken.insert(actionName(taken->action));
        } else {
            must(false, "a command for another version is refused");
        }
        for (const Event& event : events)
            takeEvent(command, event);
    }

    void takeEvent(const Command& command, const Event& event)
    {
        must(event.version == m_order.version + 1, "an event has the next version");
        must(event.at == command.at && event.actor == command.actor, "an event tells who and when");
        const bool isCorrection = std::holds_alternative<MoneyCorrected>(event.body);
        must(m_order.outcome == Outcome::Open || isCorrection,
            "nothing but corrections happens after a final state");
        m_coverage.correctedAfterTheEnd |= m_order.outcome != Outcome::Open;
        const auto impossible = checkNextEvent(m_order, event);
        must(!impossible,
            "what is decided is possible" + (impossible ? ", not: " + impossible->found : std::string()));
        checkMeaning(event);
        book(event);
        const OrderState from = stateOf(m_order);
        const bool first = m_order.version == 0;
        m_coverage.timeRanBackwards |= event.at < m_order.updatedAt;
        m_order = apply(std::move(m_order), event);
        m_events.push_back(event);
        must(m_order.money == m_books, "an order's money is the sum of its events");
        const OrderState to = stateOf(m_order);
        must(first ? to == OrderState::Received || to == OrderState::Waiting : isLegalTransition(from, to),
            "from " + std::string(stateName(from)) + " to " + std::string(stateName(to)) + " is legal");
        m_coverage.states.insert(to);
        m_coverage.eventTypes.insert(typeName(event.body));
        must(m_order.approvedBy.size() < std::max<std::size_t>(m_order.step.approvals, 1),
            "an order with all its approvals goes on");
        must(std::set(m_order.approvedBy.begin(), m_order.approvedBy.end()).size()
                == m_order.approvedBy.size(),
            "nobody approves twice");
        checkRetry();
    }

    /// Keeps books of its own, and holds them to what is promised of an order's.
    void book(const Event& event)
    {
        MoneyChange change;
        if (const auto* done = std::get_if<StepCompleted>(&event.body))
            change = done->money;
        else if (const auto* undone = std::get_if<StepCompensated>(&event.body))
            change = undone->money;
        else if (const auto* corrected = std::get_if<MoneyCorrected>(&event.body))
            change = corrected->money;
        else if (const auto* failed = std::get_if<StepFailed>(&event.body))
            m_coverage.moneyMismatched |= failed->code == moneyMismatchCode;
        m_books.authorized += change.authorized;
        m_books.captured += change.captured;
        m_books.refunded += change.refunded;
        m_coverage.refunded |= m_books.refunded > 0;
        must(0 <= m_books.refunded && m_books.refunded <= m_books.captured
                && m_books.captured <= m_books.authorized,
            "0 <= refunded <= captured <= authorized");
        m_wasCorrected |= std::holds_alternative<MoneyCorrected>(event.body);
        const MinorUnits total = m_order.summary ? m_order.summary->total : 0;
        must(m_wasCorrected || m_books.authorized <= total, "no step authorizes more than the order totals");
    }

    /// The verdict on the last retry, found out from the history alone: what really happened to the step since.
    void checkRetry()
    {
        const auto isRetry = [](const Event& e) { return std::holds_alternative<StepRetried>(e.body); };
        const auto asked = std::find_if(m_events.rbegin(), m_events.rend(), isRetry);
        must(
            (asked != m_events.rend()) == (m_order.retry != nullptr), "a retry is kept, and nothing else is");
        if (!m_order.retry)
            return;
        const RetryCheck& check = *m_order.retry;
        std::string before;
        for (auto e = asked; e != m_events.rend() && before.empty(); ++e)
            if (const auto* failed = std::get_if<StepFailed>(&e->body))
                before = failed->code;
        RetryVerdict verdict = RetryVerdict::Pending;
        bool isOver = false;
        for (auto e = asked.base(); e != m_events.end() && !isOver; ++e) {
            const auto* failed = std::get_if<StepFailed>(&e->body);
            const auto* moved = std::get_if<WorkflowMigrated>(&e->body);
            const bool isGone = moved && moved->step.name != check.step;
            const bool isBack = std::holds_alternative<ReservationExpired>(e->body);
            isOver = isGone || isBack || (failed && !failed->retryAt)
                || std::holds_alternative<CancelRequested>(e->body)
                || std::holds_alternative<StepOverridden>(e->body)
                || std::holds_alternative<StepCompleted>(e->body)
                || std::holds_alternative<StepCompensated>(e->body);
            if (failed && failed->retryAt)
                verdict = RetryVerdict::Pending;
            else if (failed)
                verdict = failed->code == before ? RetryVerdict::FailedAgain : RetryVerdict::FailedAnew;
            else if (std::holds_alternative<RetryNotPickedUp>(e->body))
                verdict = RetryVerdict::NotPickedUp;
            else if (isOver)
                verdict = isGone || isBack || std::holds_alternative<CancelRequested>(e->body)
                        || std::holds_alternative<StepOverridden>(e->body)
                    ? RetryVerdict::Superseded
                    : RetryVerdict::Fixed;
        }
        must(check.code == before && check.version == asked->version, "a retry knows its cause");
        must(check.verdict == verdict,
            "the verdict on a retry is " + std::string(verdictName(verdict)) + ", not "
                + std::string(verdictName(check.verdict)));
        must(check.decidedAt.has_value() == (verdict != RetryVerdict::Pending), "a verdict has its time");
        m_coverage.verdicts.insert(verdict);
    }

    /// What an event says must fit the workflow and what went before.
    void checkMeaning(const Event& event)
    {
        if (const auto* received = std::get_if<OrderReceived>(&event.body)) {
            m_path = pathOf(m_workflow, received->summary->skippedSteps);
            must(received->first.name == m_path.front().name, "an order begins at its first step");
        } else if (const auto* completed = std::get_if<StepCompleted>(&event.body)) {
            must(!m_canceling, "no forward step is completed after cancellation began");
            checkForward(completed->step, completed->next);
        } else if (const auto* overridden = std::get_if<StepOverridden>(&event.body)) {
            if (m_canceling)
                checkUndone(overridden->step);
            else
                checkForward(overridden->step, overridden->next);
        } else if (const auto* canceled = std::get_if<CancelRequested>(&event.body)) {
            must(!m_canceling, "cancellation begins once");
            m_coverage.canceledAfterMoving |= m_order.isMigrated;
            m_coverage.canceledAfterReturning |= m_reached > m_forward;
            m_canceling = true;
            m_toUndo = expectedUndo();
            must(canceled->undo == m_toUndo, "what is undone is what could have had effects, last first");
            m_ended.insert(m_wasDue.begin(), m_wasDue.end());
        } else if (const auto* undone = std::get_if<StepCompensated>(&event.body)) {
            must(m_canceling, "nothing is undone unless the order is canceled");
            checkUndone(undone->step);
        } else if (std::holds_alternative<OrderCanceled>(event.body)) {
            must(m_canceling && m_toUndo.empty(), "an order is canceled once everything is undone");
        } else if (const auto* migrated = std::get_if<WorkflowMigrated>(&event.body)) {
            checkMove(*migrated);
        } else if (const auto* expired = std::get_if<ReservationExpired>(&event.body)) {
            checkReturn(*expired, event);
        } else if (const auto* failed = std::get_if<StepFailed>(&event.body)) {
            must(failed->step == m_order.step.name, "the step that fails is the present one");
        } else if (std::holds_alternative<OrderCompleted>(event.body)) {
            must(!m_canceling && m_forward == m_path.size(), "an order is completed after its last step");
        }
    }

    /// It comes back to the step before, which has reserved, and what was begun since is over for good.
    void checkReturn(const ReservationExpired& expired, const Event& event)
    {
        must(!m_canceling, "what is being undone reserves nothing");
        must(m_order.step.reservedUntil && *m_order.step.reservedUntil <= event.at, "its time is over");
        must(m_forward > 0 && m_path[m_forward - 1].name == expired.step.name
                && m_path[m_forward - 1].reserveFor.count() > 0,
            "it comes back to the step that has reserved");
        must(expired.attempt == event.version, "under a number above all before");
        m_reached = m_forward;
        --m_forward;
        m_ended.insert(m_wasDue.begin(), m_wasDue.end());
    }

    /// What was promised under the old definition is kept under the new one.
    void checkMove(const WorkflowMigrated& moved)
    {
        must(!m_canceling, "what is being undone moves nowhere");
        const auto to = std::find_if(m_family.begin(), m_family.end(),
            [&](const auto& each) { return each->version == moved.version; });
        must(to != m_family.end(), "an order moves to a definition that there is");
        const StepDefinition was = m_path[m_forward];
        const bool hasComeBack = m_reached > m_forward;
        const StepDefinition* left = hasComeBack ? &m_path[m_reached] : nullptr;
        must(!left || (left->compensation.empty() && !isOutside(*left)),
            "what it may have done before it came back is not forgotten");
        must(!moved.step.reservedUntil || moved.step.reservedUntil == m_order.step.reservedUntil,
            "the time of a reservation goes on");
        m_coverage.movedWhileReserved |= moved.step.reservedUntil.has_value();
        m_reached = 0;
        const std::vector<StepDefinition> done(
            m_path.begin(), m_path.begin() + static_cast<std::ptrdiff_t>(m_forward));
        m_path = pathOf(**to, moved.skippedSteps);
        const auto place = indexIn(m_path, moved.step.name);
        must(place < m_path.size(), "it stands at a step that is for it");
        const StepDefinition& becomes = m_path[place];
        for (std::size_t i = 0; i < m_path.size(); ++i) {
            must((indexIn(done, m_path[i].name) < done.size()) == (i < place),
                "behind it stands what was done and nothing else, before it nothing that was");
            must(!m_doneBefore.contains(m_path[i].name), "what an earlier version did is not done again");
        }
        std::size_t last = 0;
        for (const StepDefinition& step : done) {
            must(step.compensation.empty() || canUndo(step.name, place), "what had an effect can be undone");
            const auto index = indexIn(m_path, step.name);
            if (index >= place) {
                m_doneBefore.insert(step.name);
                continue;
            }
            const StepDefinition& now = m_path[index];
            must(step.handler == now.handler || step.compensation == now.compensation,
                "what was done is undone by what goes with it");
            must(now.compensation.empty() || index >= last, "what was done first is undone last");
            last = now.compensation.empty() ? last : index;
        }
        must(std::set(moved.doneSteps.begin(), moved.doneSteps.end()) == m_doneBefore,
            "it is told what was done that the new version does not tell");
        must(was.compensation.empty() || canUndo(becomes.name, place + 1), "so can what may have had one");
        must(!isOutside(was) || was.name == becomes.name, "an attempt outside keeps its key");
        const bool isSame = was.name == becomes.name && was.kind == becomes.kind
            && was.handler == becomes.handler
            && (was.kind != StepKind::Approval
                || (was.approvals == becomes.approvals && was.role == becomes.role));
        must(isSame == (moved.attempt == m_order.attempt), "an attempt counts while the same does the step");
        const bool isUntried = m_order.incident && m_order.incident->code == noHandlerCode;
        must(isSame || !isOutside(was) || was.compensation.empty() || isUntried,
            "what may have had an effect is not done by another as well");
        if (!isSame)
            m_ended.insert(m_wasDue.begin(), m_wasDue.end());
        (isSame ? m_coverage.attemptKept : m_coverage.attemptEnded) = true;
        m_coverage.doneIsCarried |= !m_doneBefore.empty() && m_order.isMigrated;
        m_forward = place;
        m_workflow = **to;
    }

    static bool isOutside(const StepDefinition& step)
    {
        return step.kind == StepKind::Service || step.kind == StepKind::Http || step.kind == StepKind::Worker;
    }

    [[nodiscard]] bool canUndo(const std::string& step, std::size_t before) const
    {
        const auto index = indexIn(m_path, step);
        return index < before && !m_path[index].compensation.empty();
    }

    static std::size_t indexIn(const std::vector<StepDefinition>& steps, const std::string& name)
    {
        const auto found =
            std::find_if(steps.begin(), steps.end(), [&](const auto& step) { return step.name == name; });
        return static_cast<std::size_t>(found - steps.begin());
    }

    static std::vector<StepDefinition> pathOf(
        const Workflow& workflow, const std::vector<std::string>& skipped)
    {
        std::vector<StepDefinition> path = workflow.steps;
        std::erase_if(path, [&skipped](const StepDefinition& step) {
            return std::find(skipped.begin(), skipped.end(), step.name) != skipped.end();
        });
        return path;
    }

    void checkForward(const std::string& step, const std::optional<StepEntry>& next)
    {
        must(m_forward < m_path.size() && m_path[m_forward].name == step,
            "steps are done once and in sequence");
        ++m_forward;
        const bool last = m_forward == m_path.size();
        must(last ? !next : next && next->name == m_path[m_forward].name, "the next step follows");
    }

    void checkUndone(const std::string& step)
    {
        must(!m_toUndo.empty() && m_toUndo.front() == step, "steps are undone once each and in reverse");
        m_toUndo.erase(m_toUndo.begin());
    }

    [[nodiscard]] std::vector<std::string> expectedUndo() const
    {
        std::vector<std::string> undo;
        for (std::size_t i = 0; i <= std::max(m_forward, m_reached) && i < m_path.size(); ++i)
            if (!m_path[i].compensation.empty())
                undo.insert(undo.begin(), m_path[i].name);
        return undo;
    }

    /// An attempt that was answered is over for good.
    void noteAnswer(const CommandBody& body, bool changedSomething)
    {
        Token token;
        if (const auto* success = std::get_if<ReportSuccess>(&body))
            token = {success->step, success->attempt};
        else if (const auto* failure = std::get_if<ReportFailure>(&body))
            token = {failure->step, failure->attempt};
        else
            return;
        must(changedSomething, "a result is recorded or refused");
        must(m_ended.insert(token).second, "one attempt has one result, and none after it was superseded");
    }

    /// The attempt due now was never due in another meaning: or a late result of then would be taken for one of now.
    void checkDueAttempt()
    {
        if (!isMachineDue(m_order))
            return;
        const Token token{m_order.step.name, m_order.attempt};
        must(!m_ended.contains(token), "an attempt that is over never becomes due again");
        m_wasDue.insert(token);
    }

    /// allowedActions() and decide() agree, for every action and role, in both directions.
    void checkAllowedActions() const
    {
        for (const Role role : {Role::Viewer, Role::Warehouse, Role::Support, Role::Admin}) {
            const auto allowed = allowedActions(m_order, role);
            for (const Action action : allActions) {
                const bool isAllowed = std::find(allowed.begin(), allowed.end(), action) != allowed.end();
                const Command command{.at = m_now,
                    .actor = "somebody",
                    .role = role,
                    .body = TakeAction{.action = action,
                        .reason = "because",
                        .holdId = action == Action::Hold ? "unheard-of" : ""}};
                const auto decided = decide(m_order, command, m_workflow);
                must(decided.has_value() == isAllowed,
                    std::string(actionName(action)) + " by " + std::string(roleName(role))
                        + " is taken exactly if it is allowed");
                must(!decided || !decided->empty(), "an action that is taken has an effect");
            }
        }
    }

    void checkWayForward() const
    {
        if (m_order.outcome != Outcome::Open)
            return;
        const bool timer = m_order.retryAt.has_value() || m_order.step.performer == Performer::Clock;
        const auto allowed = allowedActions(m_order, Role::Admin);
        // Holding is no way forward, and canceling is not the one that an order came for.
        const bool person = std::any_of(allowed.begin(), allowed.end(),
            [](Action action) { return action != Action::Hold && action != Action::Cancel; });
        must(isMachineDue(m_order) || timer || person, "an open order has a way forward");
    }

    Family m_family;
    Workflow m_workflow; ///< of the family, the one that it is on
    std::vector<StepDefinition> m_path; ///< the steps that are for the order
    Timestamp m_now = fromMillis(1'770'000'000'000);
    Order m_order;
    Order m_start;
    Coverage& m_coverage;
    std::vector<Event> m_events;
    std::vector<CommandBody> m_past; ///< reports that were sent, taken or not
    std::set<Token> m_wasDue;
    std::set<Token> m_ended; ///< answered, or superseded by cancellation
    std::vector<std::string> m_toUndo;
    std::set<std::string> m_doneBefore; ///< under a definition before, and not told by the present one
    std::size_t m_forward = 0; ///< steps done
    std::size_t m_reached = 0; ///< how many were when a reservation was over
    bool m_canceling = false;
    OrderMoney m_books;
    bool m_wasCorrected = false;
};

} // namespace gantry::test
