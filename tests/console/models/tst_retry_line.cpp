// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/retry_line.h"

#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace Qt::StringLiterals;
using std::chrono::minutes;
using std::chrono::seconds;

class TestRetryLine : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void anOrderWithoutARetryHasNone() { QVERIFY(retryLineOf(Order{}, Timestamp{}).isEmpty()); }

    void eachVerdictHasItsWords()
    {
        const Timestamp asked = fromMillis(1'770'000'000'000);
        const std::pair<RetryVerdict, QString> rows[] = {
            {RetryVerdict::Pending, u"not known yet; the step has not come to an end"_s},
            {RetryVerdict::Fixed, u"fixed after 2 min"_s},
            {RetryVerdict::FailedAgain, u"failed again the same way (timeout) after 2 min"_s},
            {RetryVerdict::FailedAnew, u"failed in a new way after 2 min; before it was timeout"_s},
            {RetryVerdict::NotPickedUp, u"nobody has taken it within 2 min; look whether its workers run"_s},
            {RetryVerdict::Superseded, u"overridden or canceled after 2 min, before it was known"_s}};
        for (const auto& [verdict, words] : rows) {
            Order order;
            RetryCheck check{.step = "pay", .code = "timeout", .version = 4, .at = asked, .by = "ann"};
            check.verdict = verdict;
            if (verdict != RetryVerdict::Pending)
                check.decidedAt = asked + minutes(2);
            order.retry = std::make_shared<const RetryCheck>(check);
            QCOMPARE(
                retryLineOf(order, asked + minutes(5)), u"Retry of pay by ann 5 min ago: "_s + words + u'.');
        }
    }

    void aHoldIsNamed()
    {
        Order order;
        order.retry = std::make_shared<const RetryCheck>(RetryCheck{.step = "pay", .by = "ann"});
        order.holds.resize(1);
        QVERIFY(retryLineOf(order, Timestamp{}).contains(u"a hold stands in the way"_s));
    }
};

QTEST_GUILESS_MAIN(TestRetryLine)
#include "tst_retry_line.moc"
