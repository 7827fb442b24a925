// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/shared/support/journal.h"
#include "tests/shared/support/printing.h"

#include <QTest>

namespace gantry {

using std::chrono::hours;
using std::chrono::milliseconds;
using test::Journal;

class DecideActionTest : public QObject {
    Q_OBJECT

private:
    template <typename T>
    static T only(const Result<std::vector<Event>>& decided)
    {
        if (!decided || decided->size() != 1 || !std::holds_alternative<T>(decided->front().body))
            qFatal("The decision was not the one event expected.");
        return std::get<T>(decided->front().body);
    }

    static TakeAction request(Action action)
    {
        return {.action = action, .reason = "asked for", .holdId = action == Action::Hold ? "h" : ""};
    }

    static std::string codeAndPointer(const Result<std::vector<Event>>& decided)
    {
        if (decided || decided.error().fields.size() != 1)
            return codeOf(decided);
        return codeOf(decided) + ' ' + decided.error().fields.front().pointer;
    }

private Q_SLOTS:
    void retriesHaveAFreshBudgetAfterAPerson()
    {
        Journal journal;
        journal.submit().passTo("charge").fail("declined");
        const auto retried = only<StepRetried>(journal.send(request(Action::Retry)));
        QCOMPARE(retried.attempt, 2U);
        QCOMPARE(retried.reason, std::string("asked for"));
        QCOMPARE(journal.order().attemptsSpent, 0U);
        QVERIFY(isMachineDue(journal.order()));
        journal.fail().retryDue().fail().retryDue().fail();
        QCOMPARE(stateOf(journal.order()), OrderState::Failed);
        QCOMPARE(journal.order().attempt, 4U);
    }

    void holdStopsAndReleaseGoesOn()
    {
        Journal journal;
        journal.submit();
        TakeAction hold = request(Action::Hold);
        hold.expiresAt = journal.now() + hours(1);
        const auto placed = only<HoldPlaced>(journal.send(hold));
        QCOMPARE(placed.holdId, std::string("h"));
        QCOMPARE(placed.expiresAt, hold.expiresAt);
        QCOMPARE(stateOf(journal.order()), OrderState::Waiting);
        QCOMPARE(
            journal.order().holds.front(), (Hold{"h", "tester", "asked for", journal.now(), hold.expiresAt}));
        QCOMPARE(only<HoldReleased>(journal.send(request(Action::Release))).holdId, std::string("h"));
        QVERIFY(isMachineDue(journal.order()));
    }

    void releaseTakesOneOrAll()
    {
        Journal journal;
        journal.submit().hold("a").hold("b").hold("c");
        TakeAction one = request(Action::Release);
        one.holdId = "b";
        QCOMPARE(only<HoldReleased>(journal.send(one)).holdId, std::string("b"));
        QCOMPARE(codeAndPointer(journal.send(one)), std::string("invalid_value /hold_id"));
        QCOMPARE(journal.send(request(Action::Release))->size(), std::size_t{2});
        QVERIFY(journal.order().holds.empty());
        QCOMPARE(codeOf(journal.send(request(Action::Release))), std::string("action_not_allowed"));
    }

    void holdExpiresInTime()
    {
        Journal journal;
        journal.submit().hold("for ever");
        TakeAction hold = request(Action::Hold);
        hold.expiresAt = journal.now() + milliseconds(500);
        QVERIFY(journal.send(hold));
        QVERIFY(journal.send(ExpireHold{"h"})->empty());
        journal.advance(milliseconds(500));
        QVERIFY(journal.send(ExpireHold{"for ever"})->empty());
        QVERIFY(journal.send(ExpireHold{"unknown"})->empty());
        QCOMPARE(only<HoldReleased>(journal.send(ExpireHold{"h"})).reason, std::string("expired"));
        QVERIFY(journal.send(ExpireHold{"h"})->empty());
        QCOMPARE(journal.order().holds.size(), std::size_t{1});
    }

    void holdDoesNotOutliveTheOrder()
    {
        Journal journal(test::singleStepWorkflow());
        TakeAction hold = request(Action::Hold);
        hold.expiresAt = journal.now() + milliseconds(500);
        journal.submit();
        QVERIFY(journal.send(hold));
        journal.pass();
        QCOMPARE(stateOf(journal.order()), OrderState::Completed);
        QVERIFY(journal.order().holds.empty());
        journal.advance(milliseconds(500));
        QVERIFY(journal.send(ExpireHold{"h"})->empty());
    }

    void unsoundRequestIsRefused_data()
    {
        QTest::addColumn<QString>("reason");
        QTest::addColumn<QString>("holdId");
        QTest::addColumn<int>("expiresIn");
        QTest::addColumn<QString>("refusal");
        QTest::newRow("no reason") << ""
                                   << "new" << 1000 << "invalid_value /reason";
        QTest::newRow("reason on two lines") << "a\nb"
                                             << "new" << 1000 << "invalid_value /reason";
        QTest::newRow("long reason") << QString(1001, QLatin1Char('x')) << "new" << 1000
                                     << "invalid_value /reason";
        QTest::newRow("reason of 1,000 bytes") << QString(1000, QLatin1Char('x')) << "new" << 1000 << "";
        QTest::newRow("no hold id") << "why"
                                    << "" << 1000 << "invalid_value /hold_id";
        QTest::newRow("hold id taken") << "why"
                                       << "taken" << 1000 << "invalid_value /hold_id";
        QTest::newRow("expires now") << "why"
                                     << "new" << 0 << "invalid_value /expires_at";
        QTest::newRow("expired before") << "why"
                                        << "new" << -1 << "invalid_value /expires_at";
        QTest::newRow("sound") << "why"
                               << "new" << 1 << "";
    }

    void unsoundRequestIsRefused()
    {
        QFETCH(QString, reason);
        QFETCH(QString, holdId);
        QFETCH(int, expiresIn);
        QFETCH(QString, refusal);
        Journal journal;
        journal.submit().hold("taken");
        const auto decided = journal.send(TakeAction{.action = Action::Hold,
            .reason = reason.toStdString(),
            .holdId = holdId.toStdString(),
            .expiresAt = journal.now() + milliseconds(expiresIn)});
        QCOMPARE(codeAndPointer(decided), refusal.toStdString());
    }

    void everyActionNeedsAReason()
    {
        for (const Action action : allActions) {
            Journal journal;
            journal.submit().passTo("pick");
            if (action == Action::Release)
                journal.hold("h");
            if (action == Action::Retry)
                journal = Journal(), journal.submit().fail();
            if (action == Action::Approve || action == Action::Reject)
                journal = Journal(
                    Workflow{.name = "asked", .steps = {{.name = "ask", .kind = StepKind::Approval}}}),
                journal.submit();
            TakeAction silent = request(action);
            silent.reason.clear();
            silent.holdId = action == Action::Hold ? "new" : "";
            QCOMPARE(codeAndPointer(journal.send(silent)), std::string("invalid_value /reason"));
        }
    }

    void completingRecordsWhyAndWhat()
    {
        Journal journal;
        journal.submit().passTo("pick");
        TakeAction complete = request(Action::Complete);
        complete.result = R"({"short":0})";
        const auto completed = only<StepCompleted>(journal.send(complete));
        QCOMPARE(completed.step, std::string("pick"));
        QCOMPARE(completed.result, complete.result);
        QCOMPARE(completed.reason, complete.reason);
        QCOMPARE(journal.order().step.name, std::string("ship"));
    }

    void overridingGoesOn()
    {
        Journal journal;
        journal.submit().passTo("charge").fail("declined");
        const auto overridden = only<StepOverridden>(journal.send(request(Action::Override)));
        QCOMPARE(overridden.step, std::string("charge"));
        QCOMPARE(overridden.reason, std::string("asked for"));
        QCOMPARE(overridden.next->name, std::string("reserve"));
        QVERIFY(!journal.order().incident);
        QCOMPARE(journal.order().attempt, 1U);
    }

    void overridingTheLastStepCompletes()
    {
        Journal journal;
        journal.submit().passTo("ship");
        QCOMPARE(journal.send(request(Action::Override))->size(), std::size_t{2});
        QCOMPARE(stateOf(journal.order()), OrderState::Completed);
    }

    void actionOnAnotherStepIsRefused()
    {
        Journal journal;
        journal.submit().passTo("ship");
        TakeAction complete = request(Action::Complete);
        complete.step = "pick"; // what the person still saw
        QCOMPARE(codeOf(journal.send(complete)), std::string("action_not_allowed"));
        complete.step = "ship";
        QVERIFY(journal.send(complete));
    }

    void refusalsComeInSequence()
    {
        Journal journal;
        journal.submit();
        const auto codeFor = [&](std::optional<std::uint32_t> version, Role role, Action action) {
            const Command command{.at = journal.now(),
                .actor = "a",
                .role = role,
                .expectedVersion = version,
                .body = TakeAction{.action = action}};
            return codeOf(decide(journal.order(), command, journal.workflow()));
        };
        QCOMPARE(codeFor(2, Role::Viewer, Action::Retry), std::string("version_mismatch"));
        QCOMPARE(codeFor(0, Role::Viewer, Action::Retry), std::string("version_mismatch"));
        QCOMPARE(codeFor(1, Role::Viewer, Action::Retry), std::string("forbidden"));
        QCOMPARE(codeFor(1, Role::Support, Action::Retry), std::string("action_not_allowed"));
        QCOMPARE(codeFor(1, Role::Support, Action::Cancel), std::string("invalid_value"));
    }

    void roleIsTheLeastUnlessGiven()
    {
        Journal journal;
        journal.submit();
        const Command command{.at = journal.now(), .actor = "a", .body = request(Action::Cancel)};
        QCOMPARE(codeOf(journal.send(command)), std::string("forbidden"));
    }

    void cancelingUndoesInReverse()
    {
        Journal journal;
        journal.submit().passTo("ship").hold("h");
        const auto requested = only<CancelRequested>(journal.send(request(Action::Cancel)));
        QCOMPARE(requested.undo, (std::vector<std::string>{"ship", "reserve", "charge"}));
        QVERIFY(journal.order().holds.empty());
        for (const std::string step : {"ship", "reserve", "charge"}) {
            QCOMPARE(stateOf(journal.order()), OrderState::Compensating);
            QCOMPARE(journal.order().step, (StepEntry{step, Performer::Machine, Role::Admin}));
            QVERIFY(isMachineDue(journal.order()));
            journal.pass();
        }
        QCOMPARE(stateOf(journal.order()), OrderState::Canceled);
        QCOMPARE(typeName(journal.events().back().body), std::string_view("order_canceled"));
    }

    void cancelingWithNothingToUndoEndsAtOnce()
    {
        Journal journal;
        journal.submit();
        QCOMPARE(journal.send(request(Action::Cancel))->size(), std::size_t{2});
        QCOMPARE(stateOf(journal.order()), OrderState::Canceled);
    }

    void undoingIsRetriedAndOverriddenLikeDoing()
    {
        Journal journal;
        journal.submit().passTo("reserve").act(Action::Cancel).fail().retryDue().fail();
        QCOMPARE(stateOf(journal.order()), OrderState::CompensationFailed);
        QCOMPARE(journal.order().incident->step, std::string("reserve"));
        journal.act(Action::Retry).fail("declined").retryDue().fail();
        QCOMPARE(stateOf(journal.order()), OrderState::CompensationFailed);
        journal.act(Action::Override);
        QCOMPARE(journal.order().step.name, std::string("charge"));
        QCOMPARE(stateOf(journal.order()), OrderState::Compensating);
        journal.fail("declined").act(Action::Override);
        QCOMPARE(stateOf(journal.order()), OrderState::Canceled);
    }

    void nothingIsPossibleAfterTheEnd()
    {
        Journal completed(test::singleStepWorkflow());
        completed.submit().pass();
        Journal canceled;
        canceled.submit().act(Action::Cancel);
        for (Journal* journal : {&completed, &canceled}) {
            for (const Action action : allActions)
                QCOMPARE(codeOf(journal->send(request(action))), std::string("action_not_allowed"));
            QVERIFY(journal->send(MakeRetryDue{})->empty());
        }
    }
};

} // namespace gantry

QTEST_GUILESS_MAIN(gantry::DecideActionTest)
#include "tst_decide_action.moc"
