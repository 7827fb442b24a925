// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/order_view.h"
#include "shared/protocol/order_codec.h"
#include "tests/shared/support/journal.h"

#include <QTest>

namespace gantry::console {

using test::Journal;

/// What gantryctl says of an order, read from what the daemon answers.
class TestOrderView : public QObject {
    Q_OBJECT

    static std::string said(const Journal& journal)
    {
        JsonWriter json;
        writeOrderRow(json, journal.order());
        JsonParser parser;
        return situationText(readOrderView(*parser.parse(json.text())));
    }

    static Workflow waitingWorkflow()
    {
        return {.name = "waiting",
            .steps = {{.name = "cool_down", .kind = StepKind::Timer, .delay = std::chrono::hours(1)},
                {.name = "review",
                    .kind = StepKind::Approval,
                    .role = Role::Support,
                    .approvals = 2,
                    .target = std::chrono::hours(2)},
                {.name = "label", .handler = "label", .target = std::chrono::minutes(5)}}};
    }

private Q_SLOTS:
    void saysWhatAnOrderWaitsFor()
    {
        Journal journal(waitingWorkflow());
        journal.submit();
        QCOMPARE(said(journal),
            std::string("It waits at cool_down, and goes on by itself at 2026-02-02T03:40:00.000Z."));
        journal.pass();
        QCOMPARE(said(journal),
            std::string("It waits for 2 approval(s) of review by support, which should be done by "
                        "2026-02-02T05:40:00.000Z."));
        journal.act(Action::Approve);
        QCOMPARE(said(journal),
            std::string("It waits for 1 approval(s) of review by support, which should be done by "
                        "2026-02-02T05:40:00.000Z. Approved already by tester."));
        QVERIFY(journal
                    .send({.at = journal.now(),
                        .actor = "ben",
                        .role = Role::Support,
                        .body = TakeAction{.action = Action::Approve, .reason = "fine"}})
                    .has_value());
        QCOMPARE(said(journal),
            std::string(
                "It goes on by itself with label, which should be done by 2026-02-02T03:45:00.000Z."));
    }

    void offersOnlyWhatIsPossible()
    {
        Journal failed;
        failed.submit().fail();
        QVERIFY(said(failed).ends_with("Retry it, override the step or cancel the order."));
        Journal undoing;
        undoing.submit().passTo("charge").act(Action::Cancel).fail("declined");
        QVERIFY(said(undoing).ends_with("Effects are left. Retry undoing it, or override it."));
    }
};

} // namespace gantry::console

QTEST_GUILESS_MAIN(gantry::console::TestOrderView)
#include "tst_order_view.moc"
