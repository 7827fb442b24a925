// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/actions.h"
#include "tests/shared/support/journal.h"
#include "tests/shared/support/printing.h"

#include <QTest>
#include <functional>

namespace gantry {

using test::Journal;

/// One step, which two of the support have to approve; refused, it stays.
static Workflow approvedWorkflow()
{
    return {.name = "approved",
        .steps = {{.name = "review", .kind = StepKind::Approval, .role = Role::Support, .approvals = 2}}};
}

/// One step, a minute of waiting.
static Workflow timedWorkflow()
{
    return {.name = "timed",
        .steps = {{.name = "cool_down", .kind = StepKind::Timer, .delay = std::chrono::minutes(1)}}};
}

/// A situation that an order can be in, and what each role may do there.
struct Situation {
    const char* name;
    std::function<void(Journal&)> reach;
    OrderState state;
    const char* warehouse;
    const char* support;
    const char* admin;
};

// The viewer may do nothing anywhere. pick is the warehouse's step, ship the support's.
const Situation situations[] = {
    {"received", [](Journal& j) { j.submit(); }, OrderState::Received, //
        "hold", "hold cancel", "hold cancel"},
    {"running", [](Journal& j) { j.submit().pass(); }, OrderState::Running, //
        "hold", "hold cancel", "hold cancel"},
    {"waiting for the next attempt", [](Journal& j) { j.submit().pass().fail(); }, OrderState::Waiting, //
        "hold", "retry hold cancel override", "retry hold cancel override"},
    {"next attempt due", [](Journal& j) { j.submit().pass().fail().retryDue(); }, OrderState::Running, //
        "hold", "hold cancel", "hold cancel"},
    {"machine step held", [](Journal& j) { j.submit().pass().hold("h"); }, OrderState::Waiting, //
        "hold", "hold release cancel override", "hold release cancel override"},
    {"held and waiting for the next attempt", [](Journal& j) { j.submit().pass().fail().hold("h"); },
        OrderState::Waiting, //
        "hold", "retry hold release cancel override", "retry hold release cancel override"},
    {"incident", [](Journal& j) { j.submit().fail(); }, OrderState::Failed, //
        "hold", "retry hold cancel override", "retry hold cancel override"},
    {"held incident", [](Journal& j) { j.submit().fail().hold("h"); }, OrderState::Failed, //
        "hold", "retry hold release cancel override", "retry hold release cancel override"},
    {"waiting for the warehouse", [](Journal& j) { j.submit().passTo("pick"); }, OrderState::Waiting, //
        "hold complete", "hold cancel override", "hold cancel override complete"},
    {"waiting for the warehouse, held", [](Journal& j) { j.submit().passTo("pick").hold("h"); },
        OrderState::Waiting, //
        "hold", "hold release cancel override", "hold release cancel override"},
    {"waiting for the support", [](Journal& j) { j.submit().passTo("ship"); }, OrderState::Waiting, //
        "hold", "hold cancel override complete", "hold cancel override complete"},
    {"undoing", [](Journal& j) { j.submit().passTo("ship").act(Action::Cancel); },
        OrderState::Compensating, //
        "", "", ""},
    {"undoing, waiting for the next attempt",
        [](Journal& j) { j.submit().passTo("charge").act(Action::Cancel).fail(); },
        OrderState::Compensating, //
        "", "retry", "retry"},
    {"undoing failed", [](Journal& j) { j.submit().passTo("charge").act(Action::Cancel).fail("declined"); },
        OrderState::CompensationFailed, //
        "", "retry override", "retry override"},
    {"waiting for an approval of the support",
        [](Journal& j) { j = Journal(approvedWorkflow()), j.submit(); }, OrderState::Waiting, //
        "hold", "hold cancel approve reject", "hold cancel override approve reject"},
    {"waiting for an approval, held",
        [](Journal& j) { j = Journal(approvedWorkflow()), j.submit().hold("h"); },
        OrderState::Waiting, //
        "hold", "hold release cancel", "hold release cancel override"},
    {"rejected", [](Journal& j) { j = Journal(approvedWorkflow()), j.submit().act(Action::Reject); },
        OrderState::Failed, //
        "hold", "retry hold cancel", "retry hold cancel override"},
    {"waiting for its time", [](Journal& j) { j = Journal(timedWorkflow()), j.submit(); },
        OrderState::Waiting, //
        "hold", "hold cancel override", "hold cancel override"},
    {"completed", [](Journal& j) { j.submit().passTo("ship").pass(); }, OrderState::Completed, //
        "", "", ""},
    {"canceled", [](Journal& j) { j.submit().act(Action::Cancel); }, OrderState::Canceled, //
        "", "", ""},
};

class ActionsTest : public QObject {
    Q_OBJECT

private:
    static std::string textOf(const std::vector<Action>& actions)
    {
        std::string text;
        for (const Action action : actions)
            text += (text.empty() ? "" : " ") + std::string(actionName(action));
        return text;
    }

private Q_SLOTS:
    void allowsExactlyTheTable_data()
    {
        QTest::addColumn<int>("index");
        for (std::size_t i = 0; i < std::size(situations); ++i)
            QTest::newRow(situations[i].name) << static_cast<int>(i);
    }

    void allowsExactlyTheTable()
    {
        QFETCH(int, index);
        const Situation& situation = situations[index];
        Journal journal;
        situation.reach(journal);
        QCOMPARE(stateOf(journal.order()), situation.state);
        const std::pair<Role, std::string> expected[] = {{Role::Viewer, ""},
            {Role::Warehouse, situation.warehouse}, {Role::Support, situation.support},
            {Role::Admin, situation.admin}};
        for (const auto& [role, actions] : expected)
            QCOMPARE(textOf(allowedActions(journal.order(), role)), actions);
    }

    void tableHasEveryState()
    {
        for (std::size_t i = 0; i < orderStateCount; ++i)
            QVERIFY(std::any_of(std::begin(situations), std::end(situations),
                [&](const Situation& situation) { return situation.state == static_cast<OrderState>(i); }));
    }

    void viewerNeverActs()
    {
        // A workflow file may name any role for a step; that does not make a viewer more than one.
        Workflow workflow = test::sampleWorkflow();
        workflow.steps = {{.name = "look", .kind = StepKind::Manual, .role = Role::Viewer}};
        Journal journal(workflow);
        journal.submit();
        QVERIFY(allowedActions(journal.order(), Role::Viewer).empty());
        QCOMPARE(textOf(allowedActions(journal.order(), Role::Admin)),
            std::string("hold cancel override complete"));
    }

    void namesGoBothWays()
    {
        for (const Action action : allActions)
            QCOMPARE(actionFromName(actionName(action)), std::optional(action));
        for (const std::string_view unknown : {"", "Retry", "retry ", "delete"})
            QVERIFY(!actionFromName(unknown));
    }
};

} // namespace gantry

QTEST_GUILESS_MAIN(gantry::ActionsTest)
#include "tst_actions.moc"
