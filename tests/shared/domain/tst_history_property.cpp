// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/shared/domain/watched_order.h"

#include <QTest>

namespace gantry {

using test::Coverage;
using test::Dice;
using test::Family;
using test::WatchedOrder;

class HistoryPropertyTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void keepsItsPromisesUnderAnyCommands()
    {
        constexpr int cases = 4000; // so that what is rare is reached in every run
        Coverage coverage;
        QVERIFY(test::holds(
            "an order keeps its promises under any sequence of commands",
            [&](std::uint64_t workflowSeed, const std::vector<std::uint64_t>& script) {
                Dice dice(workflowSeed);
                WatchedOrder order(randomFamily(dice), coverage);
                for (const std::uint64_t seed : script)
                    order.step(seed);
                order.checkHistory();
                order.bringToEnd();
                order.checkHistory();
            },
            cases));
        if (test::propertyCases(cases) < cases)
            return; // too few to reach everything
        QCOMPARE(coverage.states.size(), orderStateCount);
        QCOMPARE(coverage.eventTypes.size(), std::variant_size_v<EventBody>);
        QCOMPARE(coverage.actionsTaken.size(), allActions.size());
        QVERIFY(coverage.timeRanBackwards);
        for (const RetryVerdict verdict :
            {RetryVerdict::Pending, RetryVerdict::Fixed, RetryVerdict::FailedAgain, RetryVerdict::FailedAnew,
                RetryVerdict::NotPickedUp, RetryVerdict::Superseded})
            QVERIFY2(coverage.verdicts.contains(verdict), std::string(verdictName(verdict)).c_str());
        QVERIFY(coverage.canceledAfterMoving);
        QVERIFY(coverage.attemptKept);
        QVERIFY(coverage.attemptEnded);
        QVERIFY(coverage.moveRefused);
        QVERIFY(coverage.doneIsCarried);
        QVERIFY(coverage.canceledAfterReturning);
        QVERIFY(coverage.movedWhileReserved);
        QVERIFY(coverage.moneyMismatched);
        QVERIFY(coverage.correctedAfterTheEnd);
        QVERIFY(coverage.refunded);
        for (const ErrorCode code :
            {ErrorCode::VersionMismatch, ErrorCode::ActionNotAllowed, ErrorCode::Forbidden,
                ErrorCode::StaleToken, ErrorCode::OrderExists, ErrorCode::InvalidValue, ErrorCode::NotFound})
            QVERIFY2(coverage.refusals.contains(codeName(code)), std::string(codeName(code)).c_str());
    }
};

} // namespace gantry

QTEST_GUILESS_MAIN(gantry::HistoryPropertyTest)
#include "tst_history_property.moc"
