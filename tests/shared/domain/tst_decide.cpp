// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/shared/support/journal.h"
#include "tests/shared/support/printing.h"

#include <QTest>
#include <cmath>
#include <limits>

namespace gantry {

using std::chrono::hours;
using std::chrono::milliseconds;
using test::Journal;

class DecideTest : public QObject {
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

private Q_SLOTS:
    void submissionEntersTheFirstStep()
    {
        Journal journal;
        const auto received =
            only<OrderReceived>(journal.send(SubmitOrder{test::summaryFor(journal.workflow())}));
        QCOMPARE(received.first, (StepEntry{"check", Performer::Machine, Role::Admin}));
        QCOMPARE(journal.events().front().version, 1U);
        QCOMPARE(journal.events().front().actor, std::string("tester"));
        QCOMPARE(journal.events().front().at, journal.now());
        QCOMPARE(stateOf(journal.order()), OrderState::Received);
    }

    void submissionOfAKnownOrderIsRefused()
    {
        Journal journal;
        journal.submit();
        QCOMPARE(codeOf(journal.send(SubmitOrder{test::summaryFor(journal.workflow())})),
            std::string("order_exists"));
    }

    void nothingHappensToAnOrderThatDoesNotExist()
    {
        for (const CommandBody& body :
            {CommandBody(ReportSuccess{"", 1, {}}), CommandBody(ReportFailure{"", 1, "timeout", "", false}),
                CommandBody(MakeRetryDue{}), CommandBody(ExpireHold{"h"}),
                CommandBody(request(Action::Cancel)), CommandBody(request(Action::Hold))}) {
            Journal journal;
            QCOMPARE(codeOf(journal.send(body)), std::string("not_found"));
        }
    }

    void skippedStepsArePassedBy()
    {
        Journal journal;
        OrderSummary summary = *test::summaryFor(journal.workflow());
        summary.skippedSteps = {"check", "reserve", "ship"};
        const auto received =
            only<OrderReceived>(journal.send(SubmitOrder{std::make_shared<const OrderSummary>(summary)}));
        QCOMPARE(received.first.name, std::string("charge"));
        journal.pass();
        QCOMPARE(journal.order().step.name, std::string("pick"));
        Journal toBeCanceled = journal;
        toBeCanceled.act(Action::Cancel);
        const auto& requested = std::get<CancelRequested>(toBeCanceled.events().back().body);
        QCOMPARE(requested.undo, (std::vector<std::string>{"charge"})); // nothing was reserved
        journal.pass();
        QCOMPARE(stateOf(journal.order()), OrderState::Completed);
    }

    void anOrderWithoutAnyStepIsRefused()
    {
        Journal journal;
        OrderSummary summary = *test::summaryFor(journal.workflow());
        for (const StepDefinition& step : journal.workflow().steps)
            summary.skippedSteps.push_back(step.name);
        QCOMPARE(codeOf(journal.send(SubmitOrder{std::make_shared<const OrderSummary>(summary)})),
            std::string("internal"));
        QCOMPARE(journal.order().version, 0U);
    }

    void anotherWorkflowIsRefused()
    {
        Journal journal;
        journal.submit().passTo("pick");
        Workflow other = journal.workflow();
        other.version = 4;
        const Command command{
            .at = journal.now(), .actor = "a", .role = Role::Admin, .body = request(Action::Complete)};
        QCOMPARE(codeOf(decide(journal.order(), command, other)), std::string("internal"));
        other = journal.workflow();
        other.name = "another";
        QCOMPARE(codeOf(decide(journal.order(), command, other)), std::string("internal"));
        QVERIFY(decide(journal.order(), command, journal.workflow()));

        Journal empty(Workflow{.name = "empty"});
        QCOMPARE(
            codeOf(empty.send(SubmitOrder{test::summaryFor(empty.workflow())})), std::string("internal"));
        QCOMPARE(codeOf(Journal().send(SubmitOrder{})), std::string("internal"));
    }

    void successGoesOnToTheNextStep()
    {
        Journal journal;
        journal.submit();
        const auto completed = only<StepCompleted>(journal.send(ReportSuccess{"check", 1, R"({"ok":true})"}));
        QCOMPARE(completed.step, std::string("check"));
        QCOMPARE(completed.result, std::string(R"({"ok":true})"));
        QCOMPARE(completed.next, (std::optional<StepEntry>{{"charge", Performer::Machine, Role::Admin}}));
        QCOMPARE(journal.order().step.name, std::string("charge"));
    }

    void lastStepCompletesTheOrder()
    {
        Journal journal;
        journal.submit().passTo("ship").pass();
        QCOMPARE(journal.story(),
            std::string("order_received step_completed step_completed step_completed step_completed "
                        "step_completed order_completed"));
        QCOMPARE(stateOf(journal.order()), OrderState::Completed);
        QCOMPARE(journal.order().step.name, std::string("ship"));
    }

    void resultOfAnotherAttemptIsStale_data()
    {
        QTest::addColumn<QString>("step");
        QTest::addColumn<unsigned>("attempt");
        QTest::newRow("earlier attempt") << "charge" << 1U;
        QTest::newRow("later attempt") << "charge" << 3U;
        QTest::newRow("attempt zero") << "charge" << 0U;
        QTest::newRow("step done") << "check" << 1U;
        QTest::newRow("step to come") << "reserve" << 1U;
        QTest::newRow("unknown step") << "dance" << 2U;
        QTest::newRow("no step") << "" << 2U;
    }

    void resultOfAnotherAttemptIsStale()
    {
        QFETCH(QString, step);
        QFETCH(unsigned, attempt);
        Journal journal;
        journal.submit().passTo("charge").fail().retryDue();
        QCOMPARE(journal.order().attempt, 2U);
        QCOMPARE(
            codeOf(journal.send(ReportSuccess{step.toStdString(), attempt, {}})), std::string("stale_token"));
        QCOMPARE(codeOf(journal.send(ReportFailure{step.toStdString(), attempt, "timeout", "", false})),
            std::string("stale_token"));
        QVERIFY(journal.send(ReportSuccess{"charge", 2, {}}));
    }

    void resultIsStaleWhereNoAttemptIsDue()
    {
        const auto isStale = [](Journal& journal) {
            const Order& order = journal.order();
            return codeOf(journal.send(ReportSuccess{order.step.name, order.attempt, {}})) == "stale_token"
                && codeOf(journal.send(ReportFailure{order.step.name, order.attempt, "x", "", false}))
                == "stale_token";
        };
        Journal waitsForRetry;
        QVERIFY(isStale(waitsForRetry.submit().passTo("charge").fail()));
        Journal hasIncident;
        QVERIFY(isStale(hasIncident.submit().fail()));
        Journal waitsForPerson;
        QVERIFY(isStale(waitsForPerson.submit().passTo("pick")));
        Journal isCompleted(test::singleStepWorkflow());
        QVERIFY(isStale(isCompleted.submit().pass()));
        Journal isCanceled;
        QVERIFY(isStale(isCanceled.submit().act(Action::Cancel)));
    }

    void resultIsTakenWhileHeld()
    {
        Journal journal;
        journal.submit().passTo("charge").act(Action::Hold);
        QVERIFY(journal.send(ReportSuccess{"charge", 1, {}}));
        QCOMPARE(journal.order().step.name, std::string("reserve"));
        QVERIFY(!isMachineDue(journal.order()));
    }

    void lateResultOfDoingIsNotOneOfUndoing()
    {
        Journal journal;
        journal.submit().passTo("charge").act(Action::Cancel);
        QCOMPARE(journal.order().step.name, std::string("charge"));
        QCOMPARE(codeOf(journal.send(ReportSuccess{"charge", 1, {}})), std::string("stale_token"));
        QCOMPARE(stateOf(journal.order()), OrderState::Compensating);
        QVERIFY(journal.send(ReportSuccess{"charge", journal.order().attempt, {}}));
        QCOMPARE(stateOf(journal.order()), OrderState::Canceled);
    }

    void failureWaitsForTheNextAttempt()
    {
        Journal journal;
        journal.submit().passTo("charge");
        const auto failed =
            only<StepFailed>(journal.send(ReportFailure{"charge", 1, "timeout", "No answer.", false}));
        QVERIFY(failed.retryAt);
        QVERIFY(*failed.retryAt > journal.now() && *failed.retryAt <= journal.now() + milliseconds(1000));
        QCOMPARE(stateOf(journal.order()), OrderState::Waiting);
        QCOMPARE(journal.order().attemptsSpent, 1U);
        QVERIFY(!journal.order().incident);
    }

    void failureIsRecordedWhateverItSays()
    {
        Journal journal;
        journal.submit().passTo("charge");
        const std::string garbage("\xff\0<html>\r\n", 10);
        const auto failed = only<StepFailed>(
            journal.send(ReportFailure{"charge", 1, garbage, garbage + std::string(5000, 'x'), false}));
        QCOMPARE(failed.code, std::string("\xef\xbf\xbd <html>  "));
        QCOMPARE(failed.message, failed.code + std::string(1000 - failed.code.size(), 'x'));
        journal.retryDue();
        QCOMPARE(only<StepFailed>(journal.send(ReportFailure{"charge", 2, "", "", false})).code,
            std::string("unknown"));
    }

    void failureHonorsRetryAfter()
    {
        Journal journal;
        journal.submit().passTo("charge");
        ReportFailure failure{"charge", 1, "busy", "", false};
        failure.retryAfter = milliseconds(90'000);
        QCOMPARE(*only<StepFailed>(journal.send(failure)).retryAt, journal.now() + milliseconds(90'000));
    }

    void failureBecomesAnIncident_data()
    {
        QTest::addColumn<int>("failuresBefore");
        QTest::addColumn<QString>("code");
        QTest::addColumn<bool>("fatal");
        QTest::newRow("last attempt") << 2 << "timeout" << false;
        QTest::newRow("fatal code") << 0 << "declined" << false;
        QTest::newRow("said to be fatal") << 0 << "timeout" << true;
    }

    void failureBecomesAnIncident()
    {
        QFETCH(int, failuresBefore);
        QFETCH(QString, code);
        QFETCH(bool, fatal);
        Journal journal;
        journal.submit().passTo("charge");
        for (int i = 0; i < failuresBefore; ++i)
            journal.fail().retryDue();
        journal.fail(code.toStdString(), fatal);
        QCOMPARE(stateOf(journal.order()), OrderState::Failed);
        QCOMPARE(*journal.order().incident,
            (Incident{"charge", code.toStdString(), "It did not work.", journal.now(), "charge"}));
        QVERIFY(!journal.order().retryAt);
        QVERIFY(journal.send(MakeRetryDue{})->empty());
    }

    void retryBecomesDueInTime()
    {
        Journal journal;
        journal.submit().passTo("charge").fail();
        const Timestamp due = *journal.order().retryAt;
        const auto at = [&](Timestamp time) {
            return Command{.at = time, .actor = "system", .body = MakeRetryDue{}};
        };
        QVERIFY(journal.send(at(due - milliseconds(1)))->empty());
        QCOMPARE(only<RetryDue>(journal.send(at(due))).attempt, 2U);
        QVERIFY(isMachineDue(journal.order()));
        QVERIFY2(journal.send(at(due))->empty(), "the timer fires again, or late");
    }

    void backOffStaysInItsBounds()
    {
        const RetryPolicy policy{.initial = milliseconds(1000), .factor = 2.0, .max = milliseconds(10'000)};
        const double almostOne = 0x1.fffffffffffffp-1;
        const std::int64_t ceilings[] = {1000, 2000, 4000, 8000, 10'000, 10'000};
        for (std::uint32_t spent = 1; spent <= 6; ++spent) {
            QCOMPARE(backOff(policy, spent, 0.0, {}).count(), std::int64_t{1});
            QCOMPARE(backOff(policy, spent, 0.5, {}).count(), ceilings[spent - 1] / 2 + 1);
            QCOMPARE(backOff(policy, spent, almostOne, {}).count(), ceilings[spent - 1]);
        }
        QCOMPARE(backOff(policy, 4'000'000'000U, almostOne, {}).count(), std::int64_t{10'000});
    }

    void backOffHonorsTheService()
    {
        const RetryPolicy policy{.initial = milliseconds(1000), .max = milliseconds(1000)};
        QCOMPARE(backOff(policy, 1, 0.5, milliseconds(5000)).count(), std::int64_t{5000});
        QCOMPARE(backOff(policy, 1, 0.5, milliseconds(5)).count(), std::int64_t{501});
        QCOMPARE(backOff(policy, 1, 0.5, milliseconds(-5000)).count(), std::int64_t{501});
        QCOMPARE(backOff(policy, 1, 0.5, milliseconds::max()), milliseconds(hours(24)));
    }

    void backOffSurvivesAnyPolicy()
    {
        constexpr double infinite = std::numeric_limits<double>::infinity();
        for (const std::int64_t initial : {std::int64_t{-1000}, std::int64_t{0}, milliseconds::max().count()})
            for (const double factor : {-2.0, 0.0, 1e300, infinite, std::nan("")})
                for (const std::int64_t max :
                    {std::int64_t{-1}, std::int64_t{0}, milliseconds::max().count()})
                    for (const double chance : {0.0, 0.999999}) {
                        const RetryPolicy policy{
                            .initial = milliseconds(initial), .factor = factor, .max = milliseconds(max)};
                        for (const std::uint32_t spent : {1U, 2U, 1000U}) {
                            const auto wait = backOff(policy, spent, chance, {});
                            QVERIFY(wait >= milliseconds(1) && wait <= hours(24 * 366));
                        }
                    }
    }
};

} // namespace gantry

QTEST_GUILESS_MAIN(gantry::DecideTest)
#include "tst_decide.moc"
