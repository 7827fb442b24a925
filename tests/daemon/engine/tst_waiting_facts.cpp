// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/engine/worker_world.h"

#include <QTest>

using namespace gantry;
using namespace gantry::test;
using engine::WaitingFacts;
using engine::WaitingStage;

namespace {

Result<WaitingFacts> factsOf(WorkerWorld& world, const OrderId& id)
{
    Result<WaitingFacts> facts = failure(ErrorCode::Internal, "no answer came");
    world.send(engine::WaitingFactsRequest{id, [&facts](const auto& answer) { facts = answer; }});
    return facts;
}

void standAndWait(WorkerWorld& world, const std::string& worker)
{
    engine::ClaimRequest claim;
    claim.worker = std::make_shared<const std::string>(worker);
    claim.tasks = {"ship"};
    claim.max = 1;
    claim.wait = seconds(20);
    claim.reply = [](auto) { return true; };
    world.send(std::move(claim));
}

} // namespace

class WaitingFactsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tellsWhatAnOrderWaitsFor()
    {
        WorkerWorld world;
        const OrderId id = world.take("1");
        world.take("2");
        auto facts = factsOf(world, id);
        QVERIFY(facts.has_value());
        QCOMPARE(facts->order->id, id);
        QVERIFY(facts->stage == WaitingStage::ForWorker);
        QCOMPARE(facts->handler, std::string("payment.authorize"));
        QCOMPARE(facts->othersWaiting, std::size_t{1});
        QCOMPARE(facts->workersAsking, std::size_t{0});
        QVERIFY(!facts->lastAsked && !facts->lastSuccess && !facts->pause && !facts->limit);

        const Timestamp asked = world.clock.now();
        const LeasedTask task = world.claimOne();
        world.clock.advance(seconds(2));
        facts = factsOf(world, task.token.order);
        QVERIFY(facts->stage == WaitingStage::WithWorker);
        QCOMPARE(facts->worker, std::string("w1"));
        QVERIFY(facts->leaseLeft == seconds(28));
        QVERIFY(facts->lastAsked == asked);
        QCOMPARE(facts->othersWaiting, std::size_t{1});

        QVERIFY(world.complete(task.token).has_value());
        const Timestamp done = world.clock.now();
        world.clock.advance(seconds(5));
        const OrderId other = task.token.order == id ? world.claimOne().token.order : id;
        QVERIFY(factsOf(world, other)->lastSuccess == done);
        QCOMPARE(factsOf(world, task.token.order)->handler, std::string("pack"));
    }

    void countsWhoAsks()
    {
        Workflow workflow = workerWorkflow();
        workflow.steps.erase(workflow.steps.begin(), workflow.steps.begin() + 2);
        workflow.steps[0].limit = StepLimit{parseTextField("channel"), 1};
        WorkerWorld world(workflow);
        const OrderId first = world.take("1");
        const LeasedTask task = [&] { return world.claimOne(); }();
        QCOMPARE(task.token.order, first);
        const OrderId second = world.take("2");
        world.send(engine::PauseCommand{PauseScope::Worker, "w3", false, "ann", "r", {}});
        standAndWait(world, "w2");
        standAndWait(world, "w3");
        const auto facts = factsOf(world, second);
        QCOMPARE(facts->workersAsking, std::size_t{1});
        QCOMPARE(facts->pausedWorkersAsking, std::size_t{1});
        QVERIFY(facts->limit.has_value());
        QVERIFY(!facts->limit->hasRoom);
        QCOMPARE(facts->limit->value, std::string("test"));
        QCOMPARE(facts->limit->inHand, 1U);
        QCOMPARE(facts->limit->waiting, std::size_t{1});
    }

    void tellsWhichPauseHoldsIt()
    {
        WorkerWorld world;
        const OrderId id = world.take("1");
        world.send(engine::PauseCommand{PauseScope::Channel, "test", false, "ann", "stocktaking", {}});
        const auto facts = factsOf(world, id);
        QVERIFY(facts->stage == WaitingStage::Paused);
        QCOMPARE(facts->pause->pause.reason, std::string("stocktaking"));
        QCOMPARE(facts->pause->waiting, std::size_t{1});
        QCOMPARE(facts->handler, std::string("payment.authorize"));
        world.send(engine::PauseCommand{PauseScope::Channel, "test", true, "ann", "counted", {}});
        world.pass(seconds(1));
        QVERIFY(factsOf(world, id)->stage == WaitingStage::ForWorker);
    }

    void knowsServicesAndPersons()
    {
        WorkerWorld world(standardWorkflow());
        world.maxInHand = 1;
        world.restart();
        const OrderId first = world.take("1");
        world.clock.advance(seconds(1));
        const OrderId second = world.take("2");
        QVERIFY(factsOf(world, first)->stage == WaitingStage::WithService);
        const auto facts = factsOf(world, second);
        QVERIFY(facts->stage == WaitingStage::ForService);
        QCOMPARE(facts->handler, std::string("payment.capture"));
        QCOMPARE(facts->othersWaiting, std::size_t{0});
        world.succeed();
        QVERIFY(factsOf(world, second)->lastSuccess == world.clock.now());
        const auto person = factsOf(world, first);
        QVERIFY(person->stage == WaitingStage::NotDue);
        QVERIFY(person->handler.empty());
    }

    void countsWhoFailedForTheSameCause()
    {
        WorkerWorld world;
        OrderId last;
        for (const char* name : {"1", "2", "3"}) {
            last = world.take(name);
            QVERIFY(world.failTask(world.claimOne().token, "refused").has_value());
        }
        QCOMPARE(factsOf(world, last)->othersWaiting, std::size_t{2});
        QVERIFY(world.act(last, Action::Retry).has_value());
        QCOMPARE(factsOf(world, last)->othersWaiting, std::size_t{0});
    }

    void refusesWhatIsNotOpen()
    {
        WorkerWorld world;
        QVERIFY(
            factsOf(world, OrderId::make(world.clock.now(), 1, {1, 2})).error().code == ErrorCode::NotFound);
    }
};

QTEST_GUILESS_MAIN(WaitingFactsTest)
#include "tst_waiting_facts.moc"
