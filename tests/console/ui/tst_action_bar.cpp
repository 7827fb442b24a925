// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/action_bar.h"
#include "console/ui/theme.h"
#include "tests/shared/support/journal.h"

#include <QApplication>
#include <QTest>

namespace gantry::console {

using namespace Qt::StringLiterals;
using test::Journal;

class TestActionBar : public QObject {
    Q_OBJECT

    static std::shared_ptr<const Order> atApproval(Action then = Action::Approve)
    {
        Journal journal(Workflow{.name = "reviewed",
            .steps = {
                {.name = "review", .kind = StepKind::Approval, .role = Role::Support, .approvals = 2}}});
        journal.submit();
        if (then != Action::Approve)
            journal.act(then);
        return std::make_shared<const Order>(journal.order());
    }

    static std::shared_ptr<const Order> atPick()
    {
        Journal journal;
        journal.submit().passTo("pick");
        return std::make_shared<const Order>(journal.order());
    }

    /// The words of the buttons that are there and on, in the sequence of the actions; a star at the one that is pointed out.
    static QString offered(ActionBar& bar)
    {
        QStringList words;
        for (const Action action : allActions) {
            const QPushButton& button = bar.button(action);
            if (button.isVisibleTo(&bar) && button.isEnabled())
                words << button.text().section(u' ', 0, 0)
                        + (button.property("primary").toBool() ? u"*"_s : QString());
        }
        return words.join(u' ');
    }

private Q_SLOTS:
    void approvalsAreAnsweredWhereTheyStand()
    {
        ActionBar bar;
        bar.setOrders({atApproval()}, Role::Support, {});
        QCOMPARE(offered(bar), u"Hold Cancel Approve* Reject"_s);
        QVERIFY(!bar.button(Action::Complete).isVisibleTo(&bar));
        bar.setOrders({atApproval(), atApproval()}, Role::Support, {});
        QCOMPARE(offered(bar), u"Hold Cancel Approve Reject"_s);
        bar.setOrders({atApproval()}, Role::Warehouse, {});
        QCOMPARE(offered(bar), u"Hold"_s);
        QVERIFY(!bar.button(Action::Approve).toolTip().isEmpty()); // says why not
    }

    void whatElseIsWrongComesFirst()
    {
        ActionBar bar;
        bar.setOrders({atApproval(Action::Hold)}, Role::Support, {});
        QCOMPARE(offered(bar), u"Hold Release* Cancel"_s);
        bar.setOrders({atApproval(Action::Reject)}, Role::Support, {});
        QCOMPARE(offered(bar), u"Retry* Hold Cancel"_s);
    }

    void othersSeeNothingOfApprovals()
    {
        ActionBar bar;
        bar.setOrders({atPick()}, Role::Warehouse, {});
        QCOMPARE(offered(bar), u"Hold Complete*"_s);
        bar.setOrders({atPick(), atApproval()}, Role::Admin, {});
        QVERIFY(!bar.button(Action::Approve).isVisibleTo(&bar));
        bar.setOrders({}, Role::Admin, {});
        QVERIFY(!bar.button(Action::Approve).isVisibleTo(&bar));
        QVERIFY(offered(bar).isEmpty());
    }

    void noTwoShareAPlace()
    {
        ActionBar bar;
        bar.resize(360, 80);
        for (const auto& orders : {std::vector{atPick()}, std::vector{atApproval()}}) {
            bar.setOrders(orders, Role::Admin, {});
            bar.show();
            QList<QRect> seen;
            for (const Action action : allActions) {
                const QPushButton& button = bar.button(action);
                if (!button.isVisibleTo(&bar))
                    continue;
                for (const QRect& other : seen)
                    QVERIFY(!other.intersects(button.geometry()));
                seen << button.geometry();
            }
            QCOMPARE(seen.size(), 6);
        }
    }
};

} // namespace gantry::console

QTEST_MAIN(gantry::console::TestActionBar)
#include "tst_action_bar.moc"
