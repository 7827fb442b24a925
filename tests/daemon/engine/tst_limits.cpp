// SPDX-License-Identifier: GPL-3.0-or-later
// Limits by key as a partition keeps them: for workers and services, over restarts, cancels and lost leases.
#include "tests/daemon/engine/worker_world.h"

#include <QTest>
#include <map>
#include <set>

using namespace gantry;
using namespace gantry::test;

namespace {

Workflow limited(StepLimit limit)
{
    Workflow made = workerWorkflow();
    made.steps[0].limit = std::move(limit);
    return made;
}

StepLimit byAccount(std::uint32_t concurrency, std::uint32_t rate = 0)
{
    return {parseTextField("metadata.carrier_account"), concurrency, rate, seconds(1)};
}

OrderDocument orderFor(const std::string& id, const std::string& account)
{
    OrderDocument document = sampleOrder(id);
    document.metadata = {{"carrier_account", account}};
    return document;
}

std::map<std::string, int> byAccounts(const std::vector<LeasedTask>& tasks)
{
    std::map<std::string, int> counts;
    for (const LeasedTask& task : tasks)
        for (const char* account : {"\"a\"", "\"b\""})
            counts[account] += task.document->find(account) != std::string::npos ? 1 : 0;
    return counts;
}

} // namespace

class LimitsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void noMoreThanTheLimitAtOnceForEachKey()
    {
        WorkerWorld world(limited(byAccount(2)));
        std::vector<OrderDocument> documents;
        for (int i = 0; i < 5; ++i)
            documents.push_back(orderFor("a" + std::to_string(i), "a"));
        documents.push_back(orderFor("b", "b"));
        world.submit(documents);
        auto first = world.claim(100);
        QCOMPARE(byAccounts(first), (std::map<std::string, int>{{"\"a\"", 2}, {"\"b\"", 1}}));
        QVERIFY(world.claim(100).empty());
        const LeasedTask& done = first[0];
        const bool isA = done.document->find("\"a\"") != std::string::npos;
        QVERIFY(world.complete(done.token).has_value());
        QCOMPARE(world.claim(100, {"payment.authorize"}).size(), isA ? std::size_t{1} : std::size_t{0});
    }

    void aWaitingClaimGetsTheSlotThatComesBack()
    {
        WorkerWorld world(limited({{}, 1}));
        world.take("1");
        world.take("2");
        const LeasedTask task = world.claimOne();
        std::vector<LeasedTask> got;
        engine::ClaimRequest standing;
        standing.worker = std::make_shared<const std::string>("w2");
        standing.tasks = {"payment.authorize"};
        standing.max = 10;
        standing.isStanding = true;
        standing.reply = [&got](auto answer) {
            got.insert(got.end(), answer->begin(), answer->end());
            return true;
        };
        world.send(std::move(standing));
        QVERIFY(got.empty());
        QVERIFY(world.failTask(task.token, "refused").has_value());
        QCOMPARE(got.size(), std::size_t{1});
    }

    void everyWayOutGivesTheSlotBack()
    {
        WorkerWorld world(limited({{}, 1}));
        for (int i = 0; i < 5; ++i)
            world.take(std::to_string(i));
        LeasedTask task = world.claimOne();
        world.send(engine::ReleaseLeases{{task.token}}); // given back undone
        task = world.claimOne();
        QVERIFY(world.failTask(task.token, "no").has_value());
        task = world.claimOne();
        world.pass(seconds(31)); // its lease ran out
        task = world.claimOne();
        QVERIFY(world.act(task.token.order, Action::Cancel).has_value());
        QVERIFY(world.claim(10, {"payment.authorize"}).empty()); // its worker is still at it
        QVERIFY(!world.complete(task.token).has_value());
        QCOMPARE(world.claim(10, {"payment.authorize"}).size(), std::size_t{1});
    }

    void whoIsGoneKeepsNoSlot()
    {
        WorkerWorld world(limited({{}, 1, 1, std::chrono::hours(1)}));
        world.take("1");
        QCOMPARE(world.claim(1, allTasks, false).size(), std::size_t{1}); // nobody received it
        QCOMPARE(world.claim(1).size(), std::size_t{1}); // neither slot nor token is gone
    }

    void aRateIsKeptAndWakesThePartition()
    {
        WorkerWorld world(limited({{}, 0, 2, seconds(1)}));
        for (int i = 0; i < 5; ++i)
            world.take(std::to_string(i));
        QCOMPARE(world.claim(100).size(), std::size_t{2});
        QVERIFY(world.claim(100).empty());
        QVERIFY(world.partition->nextTimer() == world.clock.now() + milliseconds(500));
        world.clock.advance(milliseconds(500));
        QCOMPARE(world.claim(100).size(), std::size_t{1});
    }

    void holdsForServicesToo()
    {
        Workflow workflow = standardWorkflow();
        workflow.steps[1].limit = StepLimit{parseTextField("channel"), 1};
        EngineWorld world(1, workflow);
        OrderDocument other = sampleOrder("3");
        other.channel = "pos";
        world.submit({sampleOrder("1"), sampleOrder("2"), other});
        QCOMPARE(world.service->waiting(), std::size_t{2});
        std::set<std::string> channels;
        std::vector<FakeService::Call> calls;
        for (int i = 0; i < 2; ++i) {
            calls.push_back(world.service->take());
            channels.insert(calls.back().task.order->summary->channel);
        }
        QCOMPARE(channels, (std::set<std::string>{"pos", "test"}));
        for (auto& call : calls)
            if (call.task.order->summary->channel == "test")
                call.done({.succeeded = true});
        QVERIFY(world.run().has_value());
        QCOMPARE(world.service->waiting(), std::size_t{1});
    }

    void aRateOfAServiceGoesOnByItself()
    {
        Workflow workflow = standardWorkflow();
        workflow.steps[1].limit = StepLimit{{}, 0, 1, seconds(2)};
        EngineWorld world(1, workflow);
        world.submit({sampleOrder("1"), sampleOrder("2")});
        QCOMPARE(world.service->waiting(), std::size_t{1});
        world.clock.advance(seconds(1));
        QVERIFY(world.run().has_value());
        QCOMPARE(world.service->waiting(), std::size_t{1});
        world.clock.advance(seconds(1));
        QVERIFY(world.run().has_value()); // nothing has come in: the clock alone
        QCOMPARE(world.service->waiting(), std::size_t{2});
    }

    void whatAWorkerTakesOnAgainCounts()
    {
        WorkerWorld world(limited({{}, 1}));
        world.take("1");
        world.take("2");
        const LeasedTask task = world.claimOne();
        world.restart();
        QVERIFY(world.extend(task.token).has_value());
        QVERIFY(world.claim(10).empty());
        QVERIFY(world.complete(task.token).has_value());
        QCOMPARE(world.claim(10, {"payment.authorize"}).size(), std::size_t{1});
    }

    void theKeyIsKnownAfterARestart()
    {
        WorkerWorld world(limited(byAccount(1)));
        world.submit({orderFor("1", "a"), orderFor("2", "a"), orderFor("3", "b")});
        world.restart();
        QCOMPARE(byAccounts(world.claim(10)), (std::map<std::string, int>{{"\"a\"", 1}, {"\"b\"", 1}}));
    }

    void theBestRankGoesFirst()
    {
        WorkerWorld world(limited({{}, 1}));
        OrderDocument late = sampleOrder("late");
        late.priority = 9;
        OrderDocument urgent = sampleOrder("urgent");
        urgent.priority = 1;
        OrderDocument promised = sampleOrder("promised");
        promised.priority = 9;
        promised.promiseAt = world.clock.now() + std::chrono::minutes(5);
        world.submit({late, urgent, promised});
        for (const char* expected : {"promised", "urgent", "late"}) {
            const auto tasks = world.claim(10, {"payment.authorize"});
            QCOMPARE(tasks.size(), std::size_t{1});
            QCOMPARE(tasks[0].order->summary->externalId, std::string(expected));
            QVERIFY(world.complete(tasks[0].token).has_value());
        }
    }
};

QTEST_GUILESS_MAIN(LimitsTest)
#include "tst_limits.moc"
