// SPDX-License-Identifier: GPL-3.0-or-later
// A retry by a person is believed only when the step has really come to an end again.
#include "shared/domain/retry_check.h"
#include "tests/shared/support/journal.h"
#include "tests/shared/support/printing.h"

#include <QTest>

namespace gantry {

using std::chrono::milliseconds;
using test::Journal;

class RetryCheckTest : public QObject {
    Q_OBJECT

private:
    /// At charge, failed for good with that code, and retried.
    static Journal retried(const std::string& code = "timeout")
    {
        Journal journal;
        journal.submit().passTo("charge").fail(code, true).advance(milliseconds(5000));
        journal.act(Action::Retry).advance(milliseconds(2000));
        return journal;
    }

    static const RetryCheck& checkOf(const Journal& journal) { return *journal.order().retry; }

private Q_SLOTS:
    void namesGoBothWays()
    {
        for (int i = 0; i <= static_cast<int>(RetryVerdict::Superseded); ++i) {
            const auto verdict = static_cast<RetryVerdict>(i);
            QVERIFY(verdictFromName(verdictName(verdict)) == verdict);
        }
        QVERIFY(!verdictFromName("success"));
    }

    void aRetryIsPendingWhateverItCleared()
    {
        const Journal journal = retried();
        const RetryCheck& check = checkOf(journal);
        QVERIFY(!journal.order().incident);
        QCOMPARE(check.verdict, RetryVerdict::Pending);
        QCOMPARE(check.step, std::string("charge"));
        QCOMPARE(check.code, std::string("timeout"));
        QCOMPARE(check.by, std::string("tester"));
        QCOMPARE(check.version, journal.order().version);
        QVERIFY(check.at == journal.events().back().at);
        QVERIFY(!check.decidedAt);
    }

    void theEndOfTheStepDecides_data()
    {
        QTest::addColumn<QString>("code");
        QTest::addColumn<QString>("verdict");
        QTest::newRow("done") << QString() << QStringLiteral("fixed");
        QTest::newRow("the same code") << QStringLiteral("timeout") << QStringLiteral("failed_again");
        QTest::newRow("another code") << QStringLiteral("refused") << QStringLiteral("failed_anew");
    }

    void theEndOfTheStepDecides()
    {
        QFETCH(QString, code);
        QFETCH(QString, verdict);
        Journal journal = retried();
        const std::uint32_t asked = checkOf(journal).version;
        if (code.isEmpty())
            journal.pass();
        else
            journal.fail(code.toStdString(), true);
        QCOMPARE(QByteArray(verdictName(checkOf(journal).verdict).data()), verdict.toUtf8());
        QVERIFY(checkOf(journal).decidedAt == journal.now());
        QCOMPARE(checkOf(journal).version, asked);
    }

    void attemptsThatFollowByThemselvesLeaveItPending()
    {
        Journal journal = retried();
        journal.fail("refused").retryDue();
        QCOMPARE(checkOf(journal).verdict, RetryVerdict::Pending);
        journal.fail("refused").retryDue();
        QCOMPARE(checkOf(journal).verdict, RetryVerdict::Pending);
        journal.fail("timeout"); // the third of three attempts
        QVERIFY(journal.order().incident);
        QCOMPARE(checkOf(journal).verdict, RetryVerdict::FailedAgain);
    }

    void aRetryBeforeTheNextAttemptHasTheLastFailureAsItsCause()
    {
        Journal journal;
        journal.submit().passTo("charge").fail("busy");
        QCOMPARE(journal.order().retryCode, std::string("busy"));
        journal.act(Action::Retry);
        QVERIFY(journal.order().retryCode.empty());
        QCOMPARE(checkOf(journal).code, std::string("busy"));
        journal.fail("busy", true);
        QCOMPARE(checkOf(journal).verdict, RetryVerdict::FailedAgain);
    }

    void theCodeIsKeptOnlyWhileItWaits()
    {
        Journal journal;
        journal.submit().passTo("charge").fail("busy").retryDue();
        QVERIFY(journal.order().retryCode.empty());
        journal.fail("busy", true);
        QVERIFY(journal.order().retryCode.empty());
    }

    void whatNobodyTakesIsTold()
    {
        Journal journal = retried();
        const std::uint32_t attempt = journal.order().attempt;
        QVERIFY(journal.send(ReportNotPickedUp{"charge", attempt - 1})->empty());
        QVERIFY(journal.send(ReportNotPickedUp{"reserve", attempt})->empty());
        QCOMPARE(journal.send(ReportNotPickedUp{"charge", attempt})->size(), std::size_t{1});
        QCOMPARE(checkOf(journal).verdict, RetryVerdict::NotPickedUp);
        QVERIFY(checkOf(journal).decidedAt == journal.now());
        // It stays due, and is said once.
        QVERIFY(isMachineDue(journal.order()));
        QCOMPARE(journal.order().attempt, attempt);
        QVERIFY(journal.send(ReportNotPickedUp{"charge", attempt})->empty());
    }

    void whatIsTakenLateIsJudgedByWhatComesOfIt()
    {
        Journal late = retried();
        const auto missed = ReportNotPickedUp{"charge", late.order().attempt};
        QVERIFY(late.send(missed));
        late.pass();
        QCOMPARE(checkOf(late).verdict, RetryVerdict::Fixed);
        Journal again = retried();
        QVERIFY(again.send(missed));
        again.fail("timeout");
        QCOMPARE(checkOf(again).verdict, RetryVerdict::Pending); // somebody is at it
        QVERIFY(!checkOf(again).decidedAt);
        again.retryDue().fail("declined");
        QCOMPARE(checkOf(again).verdict, RetryVerdict::FailedAnew);
    }

    void nothingIsMissedUnderAHold()
    {
        Journal journal = retried();
        journal.act(Action::Hold);
        QVERIFY(journal.send(ReportNotPickedUp{"charge", journal.order().attempt})->empty());
        QCOMPARE(checkOf(journal).verdict, RetryVerdict::Pending);
    }

    void aPersonWhoEndsItOtherwiseSupersedesIt()
    {
        Journal canceled = retried();
        canceled.act(Action::Cancel);
        QCOMPARE(checkOf(canceled).verdict, RetryVerdict::Superseded);
        canceled.pass(); // undone: that says nothing of the retry
        QCOMPARE(checkOf(canceled).verdict, RetryVerdict::Superseded);
        Journal overridden = retried();
        overridden.fail("busy").act(Action::Override);
        QCOMPARE(checkOf(overridden).verdict, RetryVerdict::Superseded);
    }

    void whatIsDecidedStays()
    {
        Journal journal = retried();
        journal.pass().fail("timeout", true); // the next step's failure is another matter
        QCOMPARE(checkOf(journal).verdict, RetryVerdict::Fixed);
        QCOMPARE(checkOf(journal).step, std::string("charge"));
        journal.act(Action::Override);
        QCOMPARE(checkOf(journal).verdict, RetryVerdict::Fixed);
    }

    void theNextRetryIsANewOne()
    {
        Journal journal = retried();
        journal.fail("refused", true).act(Action::Retry);
        QCOMPARE(checkOf(journal).verdict, RetryVerdict::Pending);
        QCOMPARE(checkOf(journal).code, std::string("refused"));
        QCOMPARE(checkOf(journal).version, journal.order().version);
    }

    void aRetriedCompensationIsFixedWhenItIsUndone()
    {
        Journal journal;
        journal.submit().passTo("reserve").act(Action::Cancel).fail("busy", true).act(Action::Retry);
        QCOMPARE(checkOf(journal).verdict, RetryVerdict::Pending);
        journal.pass();
        QCOMPARE(checkOf(journal).verdict, RetryVerdict::Fixed);
    }

    void anUnknownCauseIsTakenForTheSame()
    {
        auto check = std::make_shared<const RetryCheck>(RetryCheck{.step = "s"});
        QCOMPARE(judgedByFailure(check, "s", "any", true, {})->verdict, RetryVerdict::FailedAgain);
        QVERIFY(judgedByFailure(check, "other", "any", true, {}) == check);
        QVERIFY(!judgedByFailure({}, "s", "any", true, {}));
    }
};

} // namespace gantry

QTEST_GUILESS_MAIN(gantry::RetryCheckTest)
#include "tst_retry_check.moc"
