// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/situation.h"

#include "tests/console/support/manual_clock.h"
#include "tests/console/support/order_generator.h"
#include "tests/shared/support/journal.h"

#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using namespace Qt::StringLiterals;
using std::chrono::minutes;
using std::chrono::seconds;

class TestSituation : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void eachStateTellsWhatIsGoingOn()
    {
        ManualClock clock(testNow);
        FakeDaemon daemon(clock, 1);
        OrderGenerator generator(1);
        const Timestamp start = testNow - minutes(30);
        const OrderId id = daemon.submit(generator.document(start), start);
        QCOMPARE(situationOf(daemon.order(id), testNow), u"Received 30 min ago; validate comes first."_s);

        daemon.succeed(id, start + minutes(1));
        QCOMPARE(situationOf(daemon.order(id), testNow), u"Pay is being done, attempt 1, for 29 min."_s);

        daemon.fail(id, start + minutes(2), "timeout", "No answer within 10 s", false);
        QVERIFY(situationOf(daemon.order(id), start + minutes(2))
                    .startsWith(u"Attempt 1 of pay failed; the next one "_s));
        QCOMPARE(
            situationOf(daemon.order(id), testNow), u"Attempt 1 of pay failed; the next one is due now."_s);

        QVERIFY(daemon.run(id, {.at = start + minutes(4), .actor = "system", .body = MakeRetryDue{}}));
        daemon.fail(id, start + minutes(5), "declined", "The bank declined", true);
        QCOMPARE(situationOf(daemon.order(id), testNow),
            u"Pay failed 25 min ago, after 2 attempts. The bank declined (declined)."_s);

        QVERIFY(daemon.act(id, Action::Override, start + minutes(6), "ann", "Paid by invoice"));
        daemon.succeed(id, start + minutes(7));
        QCOMPARE(situationOf(daemon.order(id), testNow), u"Waiting for warehouse to do pick, for 23 min."_s);

        QVERIFY(
            daemon.act(id, Action::Hold, start + minutes(10), "ben", "Fraud check", testNow + minutes(5)));
        QCOMPARE(situationOf(daemon.order(id), testNow),
            u"Held before pick by ben for 20 min: Fraud check. It ends by itself in 5 min."_s);

        QVERIFY(daemon.act(id, Action::Cancel, start + minutes(11), "ben", "Fraud"));
        QCOMPARE(situationOf(daemon.order(id), testNow), u"Being canceled: pay is being undone."_s);

        daemon.fail(id, start + minutes(12), "voided", "Refund refused", true);
        QCOMPARE(situationOf(daemon.order(id), testNow),
            u"Undoing pay failed 18 min ago, after 1 attempt. Refund refused (voided)."_s);
    }

    void timesAndApprovalsAreTold()
    {
        Journal journal(Workflow{.name = "waiting",
            .steps = {{.name = "cool_down", .kind = StepKind::Timer, .delay = minutes(60)},
                {.name = "review",
                    .kind = StepKind::Approval,
                    .role = Role::Support,
                    .approvals = 3,
                    .target = minutes(30)},
                {.name = "label", .handler = "label", .target = minutes(5)}}});
        const auto told = [&](minutes later) { return situationOf(journal.order(), journal.now() + later); };
        const auto approve = [&](const char* person) {
            const Command command{.at = journal.now(),
                .actor = person,
                .role = Role::Support,
                .body = TakeAction{.action = Action::Approve, .reason = "looked at"}};
            QVERIFY(journal.send(command).has_value());
        };
        journal.submit();
        QCOMPARE(told(minutes(20)), u"Cool down: the order goes on by itself in 40 min."_s);
        QCOMPARE(told(minutes(60)), u"Cool down: the order goes on by itself, now."_s);
        journal.pass();
        QCOMPARE(told(minutes(10)),
            u"Waiting for 3 of support to approve review, for 10 min. It should be done in 20 min."_s);
        approve("ann");
        approve("ben");
        QCOMPARE(told(minutes(40)),
            u"Waiting for one of support to approve review, for 40 min. ann and ben approved already. It "
            u"should "
            "have been done 10 min ago."_s);
        approve("cho");
        QCOMPARE(
            told(minutes(1)), u"Label is being done, attempt 1, for 1 min. It should be done in 4 min."_s);
    }

    void everyRefusalHasAReasonAndOnlyRefusalsDo()
    {
        ManualClock clock(testNow);
        FakeDaemon daemon(clock, 2);
        OrderGenerator generator(2);
        generator.fill(daemon, 300, testNow);
        for (const OrderId& id : daemon.openIds())
            for (const Role role : {Role::Viewer, Role::Warehouse, Role::Support, Role::Admin}) {
                const auto allowed = allowedActions(daemon.order(id), role);
                for (const Action action : allActions) {
                    const bool isAllowed = std::ranges::find(allowed, action) != allowed.end();
                    QCOMPARE(refusalOf(action, daemon.order(id), role).isEmpty(), isAllowed);
                    QVERIFY(!consequenceOf(action, daemon.order(id)).isEmpty());
                }
            }
    }
};

QTEST_GUILESS_MAIN(TestSituation)
#include "tst_situation.moc"
