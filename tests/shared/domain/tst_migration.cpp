// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/migration.h"

#include "tests/shared/support/journal.h"
#include "tests/shared/support/printing.h"

#include <QTest>
#include <functional>

namespace gantry {

namespace {

using test::Journal;
using Change = std::function<void(Workflow&)>;
using Way = std::function<void(Journal&)>;

std::string joined(const std::vector<std::string>& names)
{
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : " ") + name;
    return text;
}

/// A plan, or why there is none, on one line.
std::string textOf(const Result<MigrationPlan>& plan)
{
    if (!plan)
        return plan.error().message;
    std::string text = plan->step.name + ", " + std::string(attemptFateName(plan->attempt)) + ", skips ["
        + joined(plan->skippedSteps) + "], past [" + joined(plan->passedSteps) + "]";
    if (!plan->doneSteps.empty())
        text += ", done [" + joined(plan->doneSteps) + "]";
    for (const ChangedCompensation& each : plan->changedCompensations)
        text += ", " + each.step + " undone by [" + each.after + "] for [" + each.before + "]";
    return text;
}

/// sampleWorkflow() (check, charge, reserve, pick, ship) as its next version.
Workflow nextVersion(const Change& change)
{
    Workflow to = test::sampleWorkflow();
    ++to.version;
    if (change)
        change(to);
    return to;
}

StepDefinition& stepIn(Workflow& workflow, std::string_view name)
{
    return workflow.steps[*workflow.indexOf(name)];
}

/// An order at the step after `reserve`, whose stock is reserved for that time.
Journal reservedFor(std::chrono::minutes time, const Change& change = {})
{
    Workflow workflow = test::sampleWorkflow();
    stepIn(workflow, "reserve").reserveFor = time;
    if (change)
        change(workflow);
    Journal journal(std::move(workflow));
    journal.submit().passTo("reserve");
    (void)journal.send(ReportSuccess{"reserve", journal.order().attempt, {}, true});
    return journal;
}

Change insert(std::size_t at, StepDefinition step)
{
    return [at, step](
               Workflow& to) { to.steps.insert(to.steps.begin() + static_cast<std::ptrdiff_t>(at), step); };
}

Change remove(std::string name)
{
    return [name](Workflow& to) {
        std::erase_if(to.steps, [&](const StepDefinition& step) { return step.name == name; });
    };
}

Change rename(std::string old, std::string name)
{
    return [old, name](Workflow& to) { stepIn(to, old).name = name; };
}

Change handle(std::string name, std::string handler)
{
    return [name, handler](Workflow& to) { stepIn(to, name).handler = handler; };
}

Change undo(std::string name, std::string compensation)
{
    return [name, compensation](Workflow& to) { stepIn(to, name).compensation = compensation; };
}

/// Another does a step, and something else undoes it.
Change replace(std::string name)
{
    return [name](Workflow& to) {
        stepIn(to, name).handler = "other";
        stepIn(to, name).compensation = "undo-other";
    };
}

Change swap(std::size_t a, std::size_t b)
{
    return [a, b](Workflow& to) { std::swap(to.steps[a], to.steps[b]); };
}

Change noCompensation(std::string name)
{
    return [name](Workflow& to) { stepIn(to, name).compensation.clear(); };
}

Way at(std::string step)
{
    return [step](Journal& journal) { journal.submit().passTo(step); };
}

const StepDefinition weigh{.name = "weigh", .kind = StepKind::Manual, .role = Role::Warehouse};

/// One planned move: how the order came to where it is, what the next version changes, and what is said of it.
struct Case {
    const char* name;
    Way way;
    Change change;
    std::string expected;
    std::vector<std::string> notMeant{};
    StepMap map{};
};

std::vector<Case> movesThatArePossible()
{
    return {
        {"nothing changed", at("charge"), {}, "charge, kept, skips [], past []"},
        {"at the first step", at("check"), handle("charge", "charge-2"), "check, kept, skips [], past []"},
        {"a new step behind", at("pick"), insert(1, weigh), "pick, kept, skips [weigh], past [weigh]"},
        {"a new step ahead", at("pick"), insert(4, weigh), "pick, kept, skips [], past []"},
        {"a new step behind, not for it anyhow", at("pick"), insert(1, weigh),
            "pick, kept, skips [weigh], past []", {"weigh"}},
        {"a step ahead is not for it", at("charge"), {}, "charge, kept, skips [pick], past []", {"pick"}},
        {"what was done is gone and had no effect", at("pick"), remove("check"),
            "pick, kept, skips [], past [], done [check]"},
        {"what was done would not be for it now", at("pick"), {}, "pick, kept, skips [], past []",
            {"charge"}},
        {"what was done stands ahead and had no effect", at("charge"), swap(0, 1),
            "charge, kept, skips [check], past [], done [check]"},
        {"what was done can be undone now", at("pick"), undo("check", "uncheck"),
            "pick, kept, skips [], past [], check undone by [uncheck] for []"},
        {"another undoes what was done", at("pick"), undo("charge", "refund-2"),
            "pick, kept, skips [], past [], charge undone by [refund-2] for [refund]"},
        {"another undoes what may be in hand", at("charge"), undo("charge", "refund-2"),
            "charge, kept, skips [], past [], charge undone by [refund-2] for [refund]"},
        {"what was done is done by another from now on", at("pick"), handle("charge", "charge-2"),
            "pick, kept, skips [], past []"},
        {"a step ahead is replaced", at("check"), replace("charge"), "check, kept, skips [], past []"},
        {"a person's step by another role", at("pick"),
            [](Workflow& to) { stepIn(to, "pick").role = Role::Support; }, "pick, kept, skips [], past []"},
        {"a person's step becomes a worker's", at("pick"),
            [](Workflow& to) { stepIn(to, "pick").kind = StepKind::Worker; },
            "pick, renewed, skips [], past []"},
        {"a person's step has another name", at("pick"), rename("pick", "gather"),
            "gather, renewed, skips [], past []", {}, {{"pick", "gather"}}},
        {"mapped to a step further on", at("pick"), remove("pick"), "ship, renewed, skips [], past []", {},
            {{"pick", "ship"}}},
        {"mapped past others", at("pick"), insert(4, weigh),
            "ship, renewed, skips [pick weigh], past [pick weigh]", {}, {{"pick", "ship"}}},
        {"the step is not for it: on to the next", at("pick"), insert(4, weigh),
            "weigh, renewed, skips [pick], past []", {"pick"}},
        {"nobody was there to do it, and another does it now",
            [](Journal& journal) { journal.submit().passTo("charge").fail("no_handler", true); },
            handle("charge", "charge-2"), "charge, renewed, skips [], past []"},
        {"failed in hand of the same", [](Journal& journal) { journal.submit().passTo("charge").fail(); },
            handle("check", "check-2"), "charge, kept, skips [], past []"},
        {"in the daemon, waits for its next attempt",
            [](Journal& journal) { journal.submit().passTo("reserve").fail(); },
            handle("reserve", "reserve-2"), "reserve, renewed, skips [], past []"},
    };
}

void retriedInVain(Journal& journal)
{
    journal.submit().passTo("charge").fail("lost", true).act(Action::Retry).fail("no_handler", true);
}

std::vector<Case> movesThatAreRefused()
{
    const std::string undone = " has nothing that undoes it";
    return {
        {"its step is gone", at("pick"), remove("pick"), "It stands at step pick, which version 4 has not."},
        {"what had an effect is gone", at("pick"), remove("charge"),
            "Step charge has been done, and version 4" + undone},
        {"what had an effect is not undone any more", at("pick"), noCompensation("charge"),
            "Step charge has been done, and version 4" + undone},
        {"what may have had an effect is not undone any more", at("ship"), noCompensation("ship"),
            "Step ship may have had its effect, and version 4" + undone},
        {"what had an effect stands ahead", at("pick"), swap(1, 4),
            "Step charge has been done, and version 4 has it after step pick: it would be done again."},
        {"may be in hand, and another does it", at("charge"), handle("charge", "charge-2"),
            "An attempt of step charge may be in hand"},
        {"has failed, which does not tell whether it had its effect",
            [](Journal& journal) { journal.submit().passTo("charge").fail("declined", true); },
            handle("charge", "charge-2"), "An attempt of step charge has been made"},
        {"waits for its next attempt, and another would make it",
            [](Journal& journal) { journal.submit().passTo("charge").fail(); }, handle("charge", "charge-2"),
            "An attempt of step charge has been made"},
        {"nobody was there at the second attempt",
            [](Journal& journal) {
                journal.submit().passTo("charge").fail().retryDue().fail("no_handler", true);
            },
            handle("charge", "charge-2"), "An attempt of step charge has been made"},
        {"nobody was there once a person had retried it", retriedInVain, handle("charge", "charge-2"),
            "An attempt of step charge has been made"},
        {"what was done would be undone by what goes with another", at("pick"), replace("charge"),
            "Step charge has been done by charge, and by version 4 it would be undone by undo-other"},
        {"what had no effect would be undone by what goes with another", at("pick"), replace("check"),
            "Step check has been done by check, and by version 4 it would be undone by undo-other"},
        {"what was done would be undone in another sequence", at("pick"), swap(1, 2),
            "Step charge has been done before step reserve, and version 4 has them the other way round"},
        {"another workflow", at("pick"), [](Workflow& to) { to.name = "other"; },
            "The order goes by sample, and other is another workflow."},
        {"may be in hand under another name", at("charge"), rename("charge", "bill"),
            "An attempt of step charge may have been made, under a key that names charge", {},
            {{"charge", "bill"}}},
        {"may be in hand, and is not for it", at("charge"), {}, "Step charge may have been begun",
            {"charge"}},
        {"mapped to what was done", at("pick"), {},
            "Step check, to which pick is mapped, has been done already.", {}, {{"pick", "check"}}},
        {"nothing is left for it", at("pick"), remove("ship"), "No step of version 4 is left for this order.",
            {"pick"}},
        {"held while it may be in hand",
            [](Journal& journal) { journal.submit().passTo("charge").act(Action::Hold); },
            handle("charge", "charge-2"), "An attempt of step charge may be in hand"},
        {"is being undone", [](Journal& journal) { journal.submit().passTo("pick").act(Action::Cancel); }, {},
            "What was done is being undone"},
        {"has ended", [](Journal& journal) { journal.submit().act(Action::Cancel); }, {},
            "The order has ended."},
        {"is there already", at("pick"), [](Workflow& to) { --to.version; },
            "The order is on version 3 already."},
    };
}

void addRows(const std::vector<Case>& cases)
{
    QTest::addColumn<const void*>("row");
    for (const Case& each : cases)
        QTest::newRow(each.name) << static_cast<const void*>(&each);
}

Result<MigrationPlan> planOf(const Case& row, Journal& journal)
{
    row.way(journal);
    return planMigration(
        journal.order(), journal.workflow(), nextVersion(row.change), {row.notMeant, row.map, journal.now()});
}

} // namespace

class MigrationTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void moves_data()
    {
        static const auto cases = movesThatArePossible();
        addRows(cases);
    }
    void moves()
    {
        QFETCH(const void*, row);
        const Case& given = *static_cast<const Case*>(row);
        Journal journal;
        QCOMPARE(textOf(planOf(given, journal)), given.expected);
        // What is planned is what happens.
        const auto decided =
            journal.send(MigrateWorkflow{std::make_shared<const Workflow>(nextVersion(given.change)),
                given.notMeant, given.map, "because"});
        QVERIFY(decided.has_value());
        QVERIFY(given.expected.starts_with(journal.order().step.name + ", "));
        QCOMPARE(journal.order().summary->workflowVersion, 4);
        QVERIFY(journal.order().isMigrated);
    }

    void refuses_data()
    {
        static const auto cases = movesThatAreRefused();
        addRows(cases);
    }
    void refuses()
    {
        QFETCH(const void*, row);
        const Case& given = *static_cast<const Case*>(row);
        Journal journal;
        const auto plan = planOf(given, journal);
        QVERIFY2(!plan, textOf(plan).c_str());
        QCOMPARE(codeOf(plan), std::string("action_not_allowed"));
        QVERIFY2(plan.error().message.starts_with(given.expected), plan.error().message.c_str());
        const auto before = journal.order();
        const auto decided =
            journal.send(MigrateWorkflow{std::make_shared<const Workflow>(nextVersion(given.change)),
                given.notMeant, given.map, "because"});
        QCOMPARE(codeOf(decided), std::string("action_not_allowed"));
        QVERIFY(journal.order() == before);
    }

    void whatMayBeInHandIsRevokedIfNothingUndoesIt()
    {
        Workflow from = test::sampleWorkflow();
        stepIn(from, "charge").compensation.clear();
        Journal journal(from);
        journal.submit().passTo("charge").fail().retryDue();
        const std::uint32_t attempt = journal.order().attempt;
        Workflow to = nextVersion(handle("charge", "charge-2"));
        QCOMPARE(textOf(planMigration(journal.order(), from, to, {{}, {}, journal.now()})),
            std::string("charge, revoked, skips [], past [], charge undone by [refund] for []"));
        journal.migrate(to);
        QVERIFY(journal.order().attempt > attempt);
        QCOMPARE(journal.order().attemptsSpent, 0U);
        QCOMPARE(codeOf(journal.send(ReportSuccess{"charge", attempt, {}})), std::string("stale_token"));
        journal.pass();
        QCOMPARE(journal.order().step.name, std::string("reserve"));
    }

    void whatHasFailedIsRenewedIfNothingUndoesIt()
    {
        Workflow from = test::sampleWorkflow();
        stepIn(from, "charge").compensation.clear();
        Journal journal(from);
        journal.submit().passTo("charge").fail();
        Workflow to = from;
        to.version = 4;
        stepIn(to, "charge").handler = "charge-2";
        QCOMPARE(textOf(planMigration(journal.order(), from, to, {{}, {}, journal.now()})),
            std::string("charge, renewed, skips [], past []"));
    }

    void aSecondMoveKnowsWhatWasDoneBeforeTheFirst()
    {
        Journal journal;
        Workflow second = nextVersion(remove("check"));
        journal.submit().passTo("pick").migrate(second);
        QCOMPARE(joined(journal.order().summary->doneSteps), std::string("check"));
        // It comes back, ahead and with a compensation: it was done, is not done again, and nobody undoes what another version did.
        Workflow third = second;
        third.version = 5;
        StepDefinition check = test::sampleWorkflow().steps.front();
        check.compensation = "uncheck";
        third.steps.push_back(check);
        QCOMPARE(textOf(planMigration(journal.order(), second, third, {{}, {}, journal.now()})),
            std::string("pick, kept, skips [check], past [], done [check]"));
        journal.migrate(third);
        Workflow fourth = test::sampleWorkflow(); // and behind
        fourth.version = 6;
        QCOMPARE(textOf(planMigration(journal.order(), third, fourth, {{}, {}, journal.now()})),
            std::string("pick, kept, skips [check], past [], done [check]"));
        const auto back =
            planMigration(journal.order(), third, fourth, {{}, {{"pick", "check"}}, journal.now()});
        QVERIFY2(!back && back.error().message.find("has been done already") != std::string::npos,
            textOf(back).c_str());
        journal.migrate(fourth).pass().pass();
        QCOMPARE(journal.order().outcome, Outcome::Completed);
        for (const Event& event : journal.events())
            if (const auto* done = std::get_if<StepCompleted>(&event.body); done && event.version > 2)
                QVERIFY(done->step != "check");
    }

    void aResultOfAnAttemptThatIsKeptIsTaken()
    {
        Journal journal;
        journal.submit().passTo("charge").fail().retryDue();
        journal.migrate(nextVersion(insert(0, weigh)));
        QCOMPARE(journal.order().attempt, 2U);
        QCOMPARE(journal.order().attemptsSpent, 1U);
        QVERIFY(journal.send(ReportSuccess{"charge", 2, {}}).has_value());
        // The next step begins under a number that the order has not used.
        QCOMPARE(journal.order().attempt, journal.order().version);
    }

    void holdsIncidentAndRetryTimeStay()
    {
        Journal journal;
        journal.submit().passTo("reserve").fail();
        const auto retryAt = journal.order().retryAt;
        journal.migrate(nextVersion(handle("reserve", "reserve-2")));
        QVERIFY(journal.order().retryAt == retryAt);
        QCOMPARE(stateOf(journal.order()), OrderState::Waiting);
        journal.retryDue().pass().hold("hold-1").migrate([] {
            Workflow to = nextVersion({});
            to.version = 5;
            return to;
        }());
        QCOMPARE(journal.order().holds.size(), std::size_t{1});

        Journal failed;
        failed.submit().fail(); // check has one attempt
        failed.migrate(nextVersion(rename("check", "verify")), {{"check", "verify"}});
        QVERIFY(failed.order().incident.has_value());
        QCOMPARE(failed.order().incident->step, std::string("verify"));
        QCOMPARE(stateOf(failed.order()), OrderState::Failed);
        failed.act(Action::Retry).pass();
        QCOMPARE(failed.order().step.name, std::string("charge"));
    }

    void aMachinesRetryTimeEndsWhereAPersonTakesOver()
    {
        Journal journal;
        journal.submit().passTo("reserve").fail();
        QVERIFY(journal.order().retryAt.has_value());
        journal.migrate(nextVersion([](Workflow& to) { stepIn(to, "reserve").kind = StepKind::Manual; }));
        QVERIFY(!journal.order().retryAt.has_value());
        QCOMPARE(journal.order().step.performer, Performer::Person);
        journal.pass();
        QCOMPARE(journal.order().step.name, std::string("pick"));
    }

    void whatItIsPastIsNeitherRunNorUndone()
    {
        Journal journal;
        StepDefinition insure = weigh;
        insure.name = "insure";
        insure.compensation = "uninsure";
        journal.submit().passTo("pick").migrate(nextVersion(insert(1, insure))).act(Action::Cancel);
        const auto& canceled = std::get<CancelRequested>(journal.events().back().body);
        QCOMPARE(joined(canceled.undo), std::string("reserve charge"));
    }

    void theNewDefinitionSaysWhatUndoes()
    {
        Journal journal;
        const auto change = [](Workflow& to) { stepIn(to, "check").compensation = "uncheck"; };
        journal.submit().passTo("pick").migrate(nextVersion(change)).act(Action::Cancel);
        const auto& canceled = std::get<CancelRequested>(journal.events().back().body);
        QCOMPARE(joined(canceled.undo), std::string("reserve charge check"));
    }

    void aTimerDoesNotBeginAnew()
    {
        Workflow from = test::sampleWorkflow();
        from.steps[0] = {.name = "wait", .kind = StepKind::Timer, .delay = std::chrono::hours(2)};
        Journal journal(from);
        journal.submit();
        const Timestamp since = journal.now();
        journal.advance(std::chrono::hours(1));
        Workflow to = from;
        to.version = 4;
        to.steps[0].delay = std::chrono::hours(3);
        journal.migrate(to);
        QVERIFY(journal.order().step.dueAt == since + std::chrono::hours(3));
        QCOMPARE(journal.order().attempt, 1U);
        // What fails does not slip away by itself.
        Journal failed;
        failed.submit().fail();
        const auto plan =
            planMigration(failed.order(), failed.workflow(), to, {{}, {{"check", "wait"}}, journal.now()});
        QVERIFY2(!plan && plan.error().message.starts_with("It has an incident"), textOf(plan).c_str());
    }

    void approvalsCountWhereTheyAreAskedForAlike()
    {
        Workflow from = test::sampleWorkflow();
        from.steps[0] = {.name = "agree", .kind = StepKind::Approval, .role = Role::Support, .approvals = 2};
        for (const bool isAlike : {true, false}) {
            Journal journal(from);
            journal.submit().act(Action::Approve);
            QCOMPARE(journal.order().approvedBy.size(), std::size_t{1});
            Workflow to = from;
            to.version = 4;
            to.steps[0].approvals = isAlike ? 2 : 3;
            journal.migrate(to);
            QCOMPARE(journal.order().approvedBy.size(), std::size_t{isAlike ? 1U : 0U});
            QCOMPARE(int{journal.order().step.approvals}, isAlike ? 2 : 3);
        }
    }

    void onlyAnAdminMovesAndSaysWhy()
    {
        const auto to = std::make_shared<const Workflow>(nextVersion({}));
        for (const Role role : {Role::Viewer, Role::Warehouse, Role::Support}) {
            Journal journal;
            journal.submit();
            QCOMPARE(
                codeOf(journal.send(MigrateWorkflow{to, {}, {}, "because"}, role)), std::string("forbidden"));
        }
        Journal journal;
        journal.submit();
        for (const std::string& reason : {std::string(), std::string("two\nlines"), std::string(1001, 'x')})
            QCOMPARE(codeOf(journal.send(MigrateWorkflow{to, {}, {}, reason})), std::string("invalid_value"));
        QVERIFY(journal.send(MigrateWorkflow{to, {}, {}, "because"}).has_value());
        QCOMPARE(journal.story(), std::string("order_received workflow_migrated"));
        QCOMPARE(stateOf(journal.order()), OrderState::Running);
    }

    void theTimeOfAReservationGoesOn()
    {
        Journal journal = reservedFor(std::chrono::minutes(10));
        const auto until = journal.order().step.reservedUntil;
        QVERIFY(until == journal.now() + std::chrono::minutes(10));
        Workflow shorter = journal.workflow();
        ++shorter.version;
        stepIn(shorter, "reserve").reserveFor = std::chrono::minutes(1);
        journal.advance(std::chrono::minutes(9)).migrate(shorter);
        QVERIFY(journal.order().step.reservedUntil == until); // what was promised
        QVERIFY(journal.send(ExpireReservation{})->empty());
        QCOMPARE(journal.advance(std::chrono::minutes(1)).send(ExpireReservation{})->size(), std::size_t{1});
        QCOMPARE(journal.order().step.name, std::string("reserve"));
        QCOMPARE(journal.order().attempt, journal.order().version);
    }

    void withoutAStepToComeBackToAReservationHasNoEnd()
    {
        Journal journal = reservedFor(std::chrono::minutes(10));
        Workflow to = journal.workflow();
        ++to.version;
        stepIn(to, "reserve").reserveFor = {};
        journal.migrate(to).advance(std::chrono::minutes(60));
        QVERIFY(!journal.order().step.reservedUntil);
        QVERIFY(journal.send(ExpireReservation{})->empty());
    }

    void whatCameBackMovesOnceItIsPastTheStepThatItLeft()
    {
        Journal journal = reservedFor(std::chrono::minutes(10), [](Workflow& workflow) {
            stepIn(workflow, "pick").kind = StepKind::Worker;
            stepIn(workflow, "pick").handler = "pick";
        });
        QCOMPARE(journal.advance(std::chrono::minutes(10)).send(ExpireReservation{})->size(), std::size_t{1});
        const auto to = std::make_shared<Workflow>(journal.workflow());
        ++to->version;
        const auto moved = journal.send(MigrateWorkflow{to, {}, {}, "because"});
        QVERIFY(!moved && moved.error().message.find("while it stood at step pick") != std::string::npos);
        journal.passTo("pick");
        QVERIFY(journal.send(MigrateWorkflow{to, {}, {}, "because"}).has_value());
        QVERIFY(!journal.order().hasReturned);
    }

    void aMapNamesStepsThatThereAre()
    {
        const Workflow from = test::sampleWorkflow();
        const Workflow to = nextVersion(rename("pick", "gather"));
        QVERIFY(!checkStepMap(from, to, {{"pick", "gather"}}));
        const auto noOld = checkStepMap(from, to, {{"gather", "pick"}});
        QVERIFY(noOld.has_value());
        QCOMPARE(noOld->fields.front().pointer, std::string("/map/gather"));
        QVERIFY(checkStepMap(from, to, {{"pick", "pick"}}).has_value());
    }

    void anotherDefinitionThanItsOwnIsRefused()
    {
        Journal journal;
        journal.submit();
        QCOMPARE(codeOf(planMigration(
                     journal.order(), nextVersion({}), test::sampleWorkflow(), {{}, {}, journal.now()})),
            std::string("internal"));
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::MigrationTest)
#include "tst_migration.moc"
