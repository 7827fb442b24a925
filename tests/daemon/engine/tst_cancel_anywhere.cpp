// SPDX-License-Identifier: GPL-3.0-or-later
// Canceling at every point of an order's life: exactly what happened is undone, in reverse, once; and nothing of anybody else's.
#include "tests/daemon/engine/shop_world.h"
#include "tests/shared/support/printing.h"

#include <QTest>
#include <algorithm>

using namespace gantry;
using namespace gantry::test;

namespace {

/// How an order stands at its step when it is canceled.
enum class Situation {
    Due, ///< it waits there: for a worker, a person, or its time
    Taken, ///< a worker or a service is at it, without effect so far
    Effected, ///< … and its effect has happened, but it has not told
    Retrying, ///< an attempt failed and the next one waits
    RetryingEffected, ///< … though it had its effect
    Incident,
    IncidentEffected,
    Held,
    HeldTaken, ///< a hold was placed while somebody was at it
    PartlyApproved,
    Paused,
    Killed, ///< the daemon was killed after the effect, before the report came
    WorkerGone, ///< the worker died after the effect; its lease is not over
};

constexpr std::array names{"due", "taken", "effected", "retrying", "retrying, effected", "incident",
    "incident, effected", "held", "held, taken", "partly approved", "paused", "killed", "worker gone"};

/// What befalls the undoing.
enum class Trouble { None, KilledAtOnce, KilledEachTime, UndoingFails };
constexpr std::array troubles{"", ", killed at once", ", killed at each step back", ", undoing fails first"};

/// Whether a trouble is worth a case of its own there: a kill forgets how most situations came about.
bool isTold(Situation situation, std::size_t trouble)
{
    return trouble == 0 || situation == Situation::Due || situation == Situation::Effected
        || situation == Situation::IncidentEffected || situation == Situation::Paused;
}

bool isOutside(const StepDefinition& step)
{
    return step.kind == StepKind::Worker || step.kind == StepKind::Service;
}

bool occurs(const StepDefinition& step, Situation situation)
{
    switch (situation) {
    case Situation::Due: return step.kind != StepKind::Builtin && step.kind != StepKind::Service;
    case Situation::Held: return step.kind != StepKind::Builtin;
    case Situation::Paused: return performerOf(step.kind) != Performer::Person;
    case Situation::PartlyApproved: return step.kind == StepKind::Approval;
    case Situation::Incident: return isOutside(step) || step.handler == "allocate";
    case Situation::Taken:
    case Situation::Effected:
    case Situation::Retrying:
    case Situation::RetryingEffected:
    case Situation::IncidentEffected:
    case Situation::HeldTaken:
    case Situation::Killed: return isOutside(step);
    case Situation::WorkerGone: return step.kind == StepKind::Worker;
    }
    return false;
}

/// One order brought to a point of its life, and canceled there.
class CanceledOrder {
public:
    CanceledOrder(ShopWorld& world, std::string step, Situation situation)
        : m_world(world)
        , m_step(std::move(step))
        , m_situation(situation)
    {
    }

    /// Brings it there. False: it never came there.
    bool arrive()
    {
        const bool runsOut = m_step == "allocate" && m_situation == Situation::Incident;
        OrderDocument document = sampleOrder("canceled", runsOut ? "rare" : "plain");
        if (runsOut)
            m_world.setStock("rare", 0);
        if (m_situation == Situation::Paused
            && !m_world.changePause(PauseScope::Step, m_step, false).has_value())
            return false;
        id = m_world.submit(document)->order->id;
        if (!m_world.goTo(id, m_step) || !stand())
            return false;
        const auto order = m_world.open(id);
        const bool fits = m_situation != Situation::Incident || order->incident;
        return fits && order->step.name == m_step;
    }

    /// The daemon is killed and started again. What its own calls bring finds nobody any more.
    void kill()
    {
        m_call.reset();
        m_world.restart();
    }

    /// Whatever was in somebody's hands comes to its end, and so does the pause.
    void letGo()
    {
        if (m_situation == Situation::Paused)
            static_cast<void>(m_world.changePause(PauseScope::Step, m_step, true));
        if (m_task && m_situation != Situation::WorkerGone && m_situation != Situation::Killed)
            static_cast<void>(m_world.complete(m_task->token));
        if (m_call)
            m_call->done({.succeeded = true});
        static_cast<void>(m_world.run());
        m_task.reset();
        m_call.reset();
    }

    OrderId id;

private:
    bool takeInHand()
    {
        m_task = m_world.claimFor(id);
        m_call = m_world.callFor(id);
        return m_task || m_call;
    }

    void effect()
    {
        m_world.outside.perform(
            m_task ? engine::idempotencyKeyOf(*m_task->order) : m_call->task.idempotencyKey);
    }

    bool fail(bool isFatal)
    {
        if (m_task)
            return m_world.failTask(m_task->token, "no_answer", isFatal).has_value();
        m_call->done({.code = "no_answer", .message = "no", .fatal = isFatal});
        return m_world.run().has_value();
    }

    bool failAfter(bool isEffected, bool isFatal)
    {
        if (!takeInHand())
            return false;
        if (isEffected)
            effect();
        const bool failed = fail(isFatal);
        m_task.reset();
        m_call.reset();
        return failed;
    }

    bool stand()
    {
        const bool isMachines = isOutside(m_world.stepOf(*m_world.open(id)));
        switch (m_situation) {
        case Situation::Due: return true;
        case Situation::Paused:
            while (m_step == "cool-off" && m_world.clock.now() < *m_world.open(id)->step.dueAt)
                m_world.pass(seconds(1)); // its time is over, and it waits behind the pause
            return true;
        case Situation::Incident: return !isMachines || failAfter(false, true);
        case Situation::IncidentEffected: return failAfter(true, true);
        case Situation::Retrying: return failAfter(false, false);
        case Situation::RetryingEffected: return failAfter(true, false);
        case Situation::PartlyApproved:
            return m_world.act(id, Action::Approve, Role::Support, "one").has_value();
        case Situation::Held: return m_world.act(id, Action::Hold).has_value();
        case Situation::Taken: return takeInHand();
        case Situation::HeldTaken: return takeInHand() && m_world.act(id, Action::Hold).has_value();
        case Situation::Effected:
        case Situation::Killed:
        case Situation::WorkerGone: break;
        }
        if (!takeInHand())
            return false;
        effect();
        if (m_situation == Situation::Killed)
            kill();
        return true;
    }

    ShopWorld& m_world;
    std::string m_step;
    Situation m_situation;
    std::optional<LeasedTask> m_task;
    std::optional<FakeService::Call> m_call;
};

/// What is to be undone of an order that is canceled at that step: what was done, and the step itself, for nobody knows; the last first.
std::vector<std::string> expectedUndo(const Workflow& workflow, const std::string& step)
{
    std::vector<std::string> undo;
    for (std::size_t i = *workflow.indexOf(step) + 1; i-- > 0;)
        if (!workflow.steps[i].compensation.empty())
            undo.push_back(workflow.steps[i].name);
    return undo;
}

/// Where an order can be seen to stand: that step, or the next one that is not over at once.
std::string placeToStand(const Workflow& workflow, const std::string& step)
{
    std::size_t index = *workflow.indexOf(step);
    while (workflow.steps[index].kind == StepKind::Builtin)
        ++index;
    return workflow.steps[index].name;
}

} // namespace

class CancelAnywhereTest : public QObject {
    Q_OBJECT

    static bool isUndoable(const ShopWorld& world, const std::string& step)
    {
        return !world.workflow().steps[*world.workflow().indexOf(step)].compensation.empty();
    }

    /// What the history says was undone, in its sequence.
    static std::vector<std::string> recordedUndo(ShopWorld& world, const OrderId& id)
    {
        std::vector<std::string> steps;
        const auto events = world.reader->readEventsOfOrder(id, 0, 1'000);
        for (const auto& record : *events)
            if (const auto* undone = std::get_if<StepCompensated>(&record.logged.event.body))
                steps.push_back(undone->step);
        return steps;
    }

    /// The first attempt of each undoing fails.
    static void failUndoing(ShopWorld& world, const OrderId& id)
    {
        const auto order = world.open(id);
        if (!order || !order->compensating || !isMachineDue(*order) || order->attemptsSpent > 0)
            return;
        if (auto call = world.callFor(id))
            call->done({.code = "no_answer"});
        else if (const auto task = world.claimFor(id))
            static_cast<void>(world.failTask(task->token, "no_answer"));
        static_cast<void>(world.run());
    }

private Q_SLOTS:
    void undoesExactlyWhatHappened_data()
    {
        QTest::addColumn<QByteArray>("step");
        QTest::addColumn<int>("situation");
        QTest::addColumn<int>("trouble");
        for (const StepDefinition& step : ShopWorld::shopWorkflow().steps)
            for (std::size_t situation = 0; situation < names.size(); ++situation)
                for (std::size_t trouble = 0; trouble < troubles.size(); ++trouble)
                    if (occurs(step, static_cast<Situation>(situation))
                        && isTold(static_cast<Situation>(situation), trouble))
                        QTest::newRow((step.name + ": " + names[situation] + troubles[trouble]).c_str())
                            << QByteArray::fromStdString(step.name) << int(situation) << int(trouble);
    }
    void undoesExactlyWhatHappened()
    {
        QFETCH(QByteArray, step);
        QFETCH(int, situation);
        QFETCH(int, trouble);
        const std::string name = step.toStdString();
        ShopWorld world;
        // Somebody else's order stands at the same point, and has nothing to do with it.
        const OrderId other = world.submit(sampleOrder("other"))->order->id;
        const std::string place = placeToStand(world.workflow(), name);
        QVERIFY(world.goTo(other, place));
        CanceledOrder canceled(world, name, static_cast<Situation>(situation));
        QVERIFY(canceled.arrive());
        const OrderId id = canceled.id;
        const auto before = world.open(id);

        QVERIFY(world.act(id, Action::Cancel).has_value());
        QCOMPARE(codeOf(world.act(id, Action::Cancel)), std::string("action_not_allowed")); // once
        QCOMPARE(world.open(other)->step.name, place);
        const auto isForward = [&world, &id](const engine::Task& task) {
            return task.order->id == id && !task.order->compensating;
        };
        bool isInvokedAgain = false; // a step, once undoing began
        world.service->onStart = [&](const engine::Task& task) { isInvokedAgain |= isForward(task); };
        if (trouble == int(Trouble::KilledAtOnce))
            canceled.kill();
        canceled.letGo();
        for (int i = 0; i < 60 && world.open(id); ++i) {
            if (trouble == int(Trouble::KilledEachTime))
                world.restart();
            if (trouble == int(Trouble::UndoingFails))
                failUndoing(world, id);
            if (world.open(id) && !world.goOn(id))
                world.pass(seconds(5)); // a worker that is gone keeps its lease until it is over
            QVERIFY(!isInvokedAgain);
        }

        QCOMPARE(stateOf(world.stored(id)), OrderState::Canceled);
        QVERIFY(world.replayed(id) == world.stored(id));
        const auto undo = expectedUndo(world.workflow(), name);
        QCOMPARE(recordedUndo(world, id), undo); // each once, the last first
        for (const std::string& undone : world.outside.undone(id))
            QVERIFY(std::find(undo.begin(), undo.end(), undone) != undo.end());
        for (const StepDefinition& each : world.workflow().steps)
            if (world.outside.wasDone(id, each.name) && isUndoable(world, each.name))
                QVERIFY2(world.outside.wasUndone(id, each.name), each.name.c_str());
        QVERIFY(world.outside.tooLate().empty());
        QVERIFY(before->version < world.stored(id).version);

        // The other one comes to its own end.
        QVERIFY(world.finish(other));
        QCOMPARE(stateOf(world.stored(other)), OrderState::Completed);
        QVERIFY(world.outside.undone(other).empty());
    }

    void manyAtOnce()
    {
        // One order at each step, all canceled in one batch, as a bulk action does it.
        ShopWorld world;
        std::vector<std::pair<OrderId, std::string>> orders;
        for (const StepDefinition& step : world.workflow().steps) {
            if (step.kind == StepKind::Builtin)
                continue; // nobody ever sees an order there
            const OrderId id = world.submit(sampleOrder(step.name))->order->id;
            QVERIFY(world.goTo(id, step.name));
            orders.emplace_back(id, step.name);
        }
        std::vector<engine::Message> messages;
        std::size_t taken = 0;
        for (auto& [id, step] : orders) {
            step = world.open(id)->step.name; // a timer may have gone on meanwhile
            engine::OrderCommand command{id, {}};
            command.command.actor = "tester";
            command.command.role = Role::Support;
            command.command.body = TakeAction{Action::Cancel, "a recall"};
            command.reply = [&taken](const auto& answer) { taken += answer ? 1 : 0; };
            messages.emplace_back(std::move(command));
        }
        QVERIFY(world.run(std::move(messages)).has_value());
        QCOMPARE(taken, orders.size());
        for (const auto& [id, step] : orders) {
            QVERIFY2(world.finish(id), step.c_str());
            QCOMPARE(stateOf(world.stored(id)), OrderState::Canceled);
            QCOMPARE(recordedUndo(world, id), expectedUndo(world.workflow(), step));
        }
        QVERIFY(world.outside.tooLate().empty());
    }

    void whatHasEndedIsNotCanceled()
    {
        ShopWorld world;
        const OrderId id = world.take();
        QVERIFY(world.finish(id));
        QCOMPARE(codeOf(world.act(id, Action::Cancel)), std::string("action_not_allowed"));
        QVERIFY(world.outside.undone(id).empty());
    }
};

QTEST_GUILESS_MAIN(CancelAnywhereTest)
#include "tst_cancel_anywhere.moc"
