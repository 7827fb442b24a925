// SPDX-License-Identifier: GPL-3.0-or-later
// Steps that wait for a time or for approvals, targets, and failures that cancel an order by themselves.
#include "tests/shared/support/journal.h"
#include "tests/shared/support/printing.h"

#include <QTest>

namespace gantry {

namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using test::Journal;

/// pay (undone by refund; declined and no answer cancel the order), wait (an hour), review (two of the support), pick.
Workflow waitingWorkflow()
{
    return Workflow{.name = "waiting",
        .steps = {
            {.name = "pay",
                .kind = StepKind::Service,
                .handler = "capture",
                .compensation = "refund",
                .retry = {.maxAttempts = 2, .initial = milliseconds(1000), .fatalCodes = {"declined"}},
                .target = minutes(5),
                .cancelCodes = {"declined", "no_answer"}},
            {.name = "wait", .kind = StepKind::Timer, .delay = hours(1)},
            {.name = "review",
                .kind = StepKind::Approval,
                .role = Role::Support,
                .approvals = 2,
                .target = minutes(30),
                .cancelCodes = {std::string(rejectedCode)}},
            {.name = "pick", .kind = StepKind::Manual, .role = Role::Warehouse},
        }};
}

Command byPerson(const Journal& journal, const std::string& name, Action action, Role role = Role::Support)
{
    return {.at = journal.now(),
        .actor = name,
        .role = role,
        .body = TakeAction{.action = action, .reason = "looked at"}};
}

/// An order at the timer of a workflow whose timer goes by the promise.
Journal atPromisedTimer(std::optional<Timestamp> promise, milliseconds lead)
{
    Workflow workflow = waitingWorkflow();
    workflow.steps[1].delay = {};
    workflow.steps[1].beforePromise = lead;
    Journal journal(workflow);
    OrderSummary summary = *test::summaryFor(workflow);
    summary.promiseAt = promise;
    static_cast<void>(journal.send(SubmitOrder{std::make_shared<const OrderSummary>(summary)}));
    journal.pass();
    return journal;
}

} // namespace

class WaitingStepsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void timerGoesOnWhenItsTimeHasCome()
    {
        Journal journal(waitingWorkflow());
        journal.submit().pass();
        QCOMPARE(journal.order().step.dueAt, std::optional(journal.now() + hours(1)));
        QCOMPARE(stateOf(journal.order()), OrderState::Waiting);
        journal.advance(hours(1) - milliseconds(1));
        QVERIFY(journal.send(ElapseTimer{})->empty()); // too early
        journal.advance(milliseconds(1));
        QCOMPARE(journal.send(ElapseTimer{})->size(), std::size_t{1});
        QCOMPARE(journal.order().step.name, std::string("review"));
        QVERIFY(journal.send(ElapseTimer{})->empty()); // and once only
    }

    void timerDoesNotGoOnUnderAHold()
    {
        Journal journal(waitingWorkflow());
        journal.submit().pass().hold("h").advance(hours(2));
        QVERIFY(journal.send(ElapseTimer{})->empty());
        journal.act(Action::Release);
        QCOMPARE(journal.send(ElapseTimer{})->size(), std::size_t{1});
    }

    void timerGoesByThePromise()
    {
        const Timestamp start = Journal(waitingWorkflow()).now();
        const auto due = [&](std::optional<Timestamp> promise) {
            return atPromisedTimer(promise, hours(2)).order().step.dueAt.value();
        };
        QCOMPARE(due(start + hours(10)), start + hours(8));
        QCOMPARE(due(start + hours(1)), start); // that time is over
        QCOMPARE(due(std::nullopt), start); // nothing is promised
    }

    void canceledTimerUndoesWhatWasDoneBefore()
    {
        Journal journal(waitingWorkflow());
        journal.submit().pass().act(Action::Cancel);
        QCOMPARE(journal.order().step, (StepEntry{"pay", Performer::Machine, Role::Admin}));
        QVERIFY(journal.send(ElapseTimer{})->empty());
    }

    void targetsStandInTheStep()
    {
        Journal journal(waitingWorkflow());
        journal.submit();
        QCOMPARE(journal.order().step.dueAt, std::optional(journal.now() + minutes(5)));
        QVERIFY(isMachineDue(journal.order()));
        journal.pass().passTo("review");
        QCOMPARE(journal.order().step.dueAt, std::optional(journal.now() + minutes(30)));
        QVERIFY(journal.send(ElapseTimer{})->empty()); // a target is no timer
        journal.advance(hours(5));
        QVERIFY(journal.send(ElapseTimer{})->empty());
    }

    void approvalNeedsSeveralPersons()
    {
        Journal journal(waitingWorkflow());
        journal.submit().passTo("review");
        QCOMPARE(journal.send(byPerson(journal, "ann", Action::Approve))->size(), std::size_t{1});
        QCOMPARE(journal.order().approvedBy, (std::vector<std::string>{"ann"}));
        QCOMPARE(journal.order().step.name, std::string("review"));
        const auto again = journal.send(byPerson(journal, "ann", Action::Approve));
        QCOMPARE(codeOf(again), std::string("action_not_allowed"));
        QVERIFY(again.error().message.find("somebody else") != std::string::npos);
        QVERIFY(journal.send(byPerson(journal, "ben", Action::Approve)).has_value());
        QCOMPARE(journal.order().step.name, std::string("pick"));
        QVERIFY(journal.order().approvedBy.empty());
        QVERIFY(journal.story().ends_with("approval_given step_completed"));
        const auto& last = std::get<StepCompleted>(journal.events().back().body);
        QCOMPARE(last.reason, std::string("looked at"));
        QCOMPARE(journal.events().back().actor, std::string("ben"));
    }

    void approvalIsForItsRoleAndNotToBeGotAround()
    {
        Journal journal(waitingWorkflow());
        journal.submit().passTo("review");
        for (const Action action : {Action::Approve, Action::Reject})
            QCOMPARE(codeOf(journal.send(byPerson(journal, "wim", action, Role::Warehouse))),
                std::string("forbidden"));
        QCOMPARE(codeOf(journal.send(byPerson(journal, "ann", Action::Override))), std::string("forbidden"));
        QCOMPARE(codeOf(journal.send(byPerson(journal, "ann", Action::Complete))),
            std::string("action_not_allowed"));
        QVERIFY(journal.send(byPerson(journal, "root", Action::Override, Role::Admin)).has_value());
    }

    void refusalCancelsTheOrder()
    {
        Journal journal(waitingWorkflow());
        journal.submit().passTo("review");
        QVERIFY(journal.send(byPerson(journal, "ann", Action::Reject)).has_value());
        QVERIFY(journal.story().ends_with("step_failed cancel_requested"));
        QCOMPARE(stateOf(journal.order()), OrderState::Compensating);
        QCOMPARE(journal.order().step.name, std::string("pay"));
        journal.pass();
        QCOMPARE(stateOf(journal.order()), OrderState::Canceled);
    }

    void refusalMayWaitForAPerson()
    {
        Workflow workflow = waitingWorkflow();
        workflow.steps[2].cancelCodes.clear();
        Journal journal(workflow);
        journal.submit().passTo("review");
        QVERIFY(journal.send(byPerson(journal, "ann", Action::Approve)).has_value());
        QVERIFY(journal.send(byPerson(journal, "ben", Action::Reject)).has_value());
        QCOMPARE(stateOf(journal.order()), OrderState::Failed);
        QCOMPARE(journal.order().incident->code, std::string("rejected"));
        QCOMPARE(journal.order().incident->service, std::string());
        // Asked anew, nobody's word of before counts.
        journal.act(Action::Retry);
        QVERIFY(journal.order().approvedBy.empty());
        QVERIFY(journal.send(byPerson(journal, "ann", Action::Approve)).has_value());
        QCOMPARE(journal.order().step.name, std::string("review"));
    }

    void lastFailureMayCancel()
    {
        Journal declined(waitingWorkflow());
        declined.submit().fail("declined");
        QCOMPARE(declined.story(), std::string("order_received step_failed cancel_requested"));
        const auto& canceled = std::get<CancelRequested>(declined.events().back().body);
        QCOMPARE(canceled.reason, std::string("step pay failed with declined"));
        QCOMPARE(
            canceled.undo, (std::vector<std::string>{"pay"})); // it may have had its effect without telling

        Journal silent(waitingWorkflow());
        silent.submit().fail("no_answer");
        QVERIFY(silent.order().retryAt); // as long as another attempt follows
        silent.retryDue().fail("no_answer");
        QCOMPARE(stateOf(silent.order()), OrderState::Compensating);

        Journal other(waitingWorkflow());
        other.submit().fail("broken", true);
        QCOMPARE(stateOf(other.order()), OrderState::Failed);
        QCOMPARE(other.order().incident->service, std::string("capture"));
    }

    void anyCodeMayCancelAndNothingIsLeftToUndo()
    {
        Workflow workflow = test::singleStepWorkflow();
        workflow.steps[0].cancelCodes = {std::string(anyCode)};
        Journal journal(workflow);
        journal.submit().fail("whatever", true);
        QCOMPARE(journal.story(), std::string("order_received step_failed cancel_requested order_canceled"));
    }

    void failedUndoingIsAStateOfItsOwn()
    {
        Journal journal(waitingWorkflow());
        journal.submit().pass().act(Action::Cancel).fail("declined");
        QCOMPARE(stateOf(journal.order()), OrderState::CompensationFailed);
        QCOMPARE(journal.order().incident->service, std::string("refund"));
        QVERIFY(!isMachineDue(journal.order()));
        journal.act(Action::Retry);
        QCOMPARE(stateOf(journal.order()), OrderState::Compensating);
        journal.fail("declined").act(Action::Override);
        QCOMPARE(stateOf(journal.order()), OrderState::Canceled);
    }
};

} // namespace gantry

QTEST_GUILESS_MAIN(gantry::WaitingStepsTest)
#include "tst_waiting_steps.moc"
