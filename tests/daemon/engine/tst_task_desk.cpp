// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/task_desk.h"

#include <QTest>

using namespace gantry;
using namespace gantry::engine;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

class ManualClock final : public Clock {
public:
    [[nodiscard]] Timestamp now() const override { return wall; }
    [[nodiscard]] milliseconds monotonic() const override { return ticks; }
    Timestamp wall = fromMillis(1'770'000'000'000);
    milliseconds ticks{5'000'000};
};

constexpr std::uint64_t epoch = 3;

OrderId id(std::uint64_t number)
{
    return OrderId::make(fromMillis(1'770'000'000'000 + static_cast<std::int64_t>(number)), 1, {1, 2});
}

std::shared_ptr<Order> order(std::uint64_t number, std::uint8_t priority = 5)
{
    auto made = std::make_shared<Order>();
    made->id = id(number);
    made->version = 1;
    OrderSummary summary{"web", "1", "Ann", *Currency::fromCode("EUR")};
    summary.priority = priority;
    made->summary = std::make_shared<const OrderSummary>(std::move(summary));
    made->step.name = "pay";
    return made;
}

/// A desk with a clock and somebody who claims.
struct Desk {
    ManualClock clock;
    LimitBook limits{clock};
    TaskDesk desk{clock, epoch, limits};
    std::vector<std::vector<LeasedTask>> answers;
    std::vector<Error> refusals;
    std::vector<std::string> failed;
    bool isCallerThere = true;
    std::optional<Error> documentError;

    void offer(const std::shared_ptr<const Order>& made, std::string_view task = "pay")
    {
        desk.update(made, DueTask{task, seconds(30)});
    }

    ClaimRequest request(std::uint32_t max = 1, milliseconds wait = milliseconds(0))
    {
        ClaimRequest claim;
        claim.worker = std::make_shared<const std::string>("w1");
        claim.tasks = {"pay"};
        claim.max = max;
        claim.wait = wait;
        claim.reply = [this](Result<std::vector<LeasedTask>> tasks) {
            if (!tasks)
                refusals.push_back(tasks.error());
            else
                answers.push_back(std::move(*tasks));
            return isCallerThere;
        };
        return claim;
    }

    void serve()
    {
        desk.serve(
            [this](const OrderId&) -> Result<std::shared_ptr<const std::string>> {
                if (documentError)
                    return tl::unexpected(*documentError);
                return std::make_shared<const std::string>("{}");
            },
            [this](
                const Order& which, const std::string&, const Error&) { failed.push_back(which.id.text()); });
        desk.endWaits();
    }

    std::vector<LeasedTask> claim(std::uint32_t max = 1)
    {
        answers.clear();
        desk.claim(request(max));
        serve();
        return answers.empty() ? std::vector<LeasedTask>{} : answers.front();
    }

    void pass(milliseconds time)
    {
        for (; time.count() > 0; time -= seconds(1)) {
            clock.ticks += seconds(1);
            clock.wall += seconds(1);
            desk.advance();
        }
    }
};

} // namespace

class TaskDeskTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void handsOutByPriorityThenAge();
    void choosesTheBestOfSeveralTasks();
    void waitsUntilSomethingIsDue();
    void aWaitComesToItsEnd();
    void aStandingClaimIsCredit();
    void servesOneAfterTheOther();
    void takesBackWhatNobodyReceived();
    void aClaimCanBeWithdrawn();
    void waitersAreBounded();
    void givesNothingOutOnceItIsStopped();
    void aLeaseEndsWhenItsTimeIsOver();
    void anExtensionStartsItAnew();
    void clockJumpsTakeNoLeaseAway();
    void onlyTheLatestLeaseMayReport();
    void anEarlierEpochMayReportUntilSomebodyElseHasIt();
    void anEarlierEpochCanBeTakenOnAgain();
    void whatIsRevokedBlocksWhatFollows();
    void anOrderThatIsNoLongerDueLeavesItsQueue();
    void aDocumentThatCannotBeReadIsToldOnce();
    void neverLeasesTwiceWhateverHappens();
};

void TaskDeskTest::handsOutByPriorityThenAge()
{
    Desk world;
    world.offer(order(4, 5));
    world.offer(order(2, 5));
    world.offer(order(9, 0));
    world.offer(order(1, 9));
    const auto tasks = world.claim(10);
    QCOMPARE(tasks.size(), std::size_t{4});
    QVERIFY(tasks[0].order->id == id(9));
    QVERIFY(tasks[1].order->id == id(2));
    QVERIFY(tasks[2].order->id == id(4));
    QVERIFY(tasks[3].order->id == id(1));
    QCOMPARE(*tasks[0].task, std::string("pay"));
    QCOMPARE(tasks[0].lease, milliseconds(30'000));
    QVERIFY(tasks[0].leaseUntil == world.clock.wall + seconds(30));
    QCOMPARE(world.desk.leased(), std::size_t{4});
    QCOMPARE(world.desk.due(), std::size_t{0});
}

void TaskDeskTest::choosesTheBestOfSeveralTasks()
{
    Desk world;
    world.offer(order(3), "pay");
    world.offer(order(1), "ship");
    world.offer(order(2), "else");
    auto request = world.request(10);
    request.tasks = {"ship", "nothing", "pay", "ship"};
    world.desk.claim(std::move(request));
    world.serve();
    QCOMPARE(world.answers.front().size(), std::size_t{2});
    QVERIFY(world.answers.front()[0].order->id == id(1));
    QVERIFY(world.answers.front()[1].order->id == id(3));
}

void TaskDeskTest::waitsUntilSomethingIsDue()
{
    Desk world;
    world.desk.claim(world.request(10, seconds(10)));
    world.serve();
    QVERIFY(world.answers.empty());
    QCOMPARE(world.desk.waitingClaims(), std::size_t{1});
    world.offer(order(1)); // a task that the claim could not know of
    world.serve();
    QCOMPARE(world.answers.size(), std::size_t{1});
    QCOMPARE(world.answers.front().size(), std::size_t{1});
    QCOMPARE(world.desk.waitingClaims(), std::size_t{0});
}

void TaskDeskTest::aWaitComesToItsEnd()
{
    Desk world;
    world.desk.claim(world.request(1, seconds(10)));
    world.desk.claim(world.request(1, seconds(3600))); // cut to the limit
    world.serve();
    QVERIFY(world.desk.next() == milliseconds(10'000));
    world.pass(seconds(9));
    world.serve();
    QVERIFY(world.answers.empty());
    world.pass(seconds(1));
    world.serve();
    QCOMPARE(world.answers.size(), std::size_t{1});
    QVERIFY(world.answers.front().empty());
    QVERIFY(world.desk.next() == WorkerLimits::wait - seconds(10));
    world.pass(WorkerLimits::wait);
    world.serve();
    QCOMPARE(world.answers.size(), std::size_t{2});
    QVERIFY(!world.desk.next().has_value());
}

void TaskDeskTest::aStandingClaimIsCredit()
{
    Desk world;
    auto request = world.request(3);
    request.isStanding = true;
    world.desk.claim(std::move(request));
    world.serve();
    QVERIFY(world.answers.empty());
    QVERIFY(!world.desk.next().has_value());
    world.offer(order(1));
    world.serve();
    world.offer(order(2));
    world.offer(order(3));
    world.offer(order(4));
    world.serve();
    QCOMPARE(world.answers.size(), std::size_t{2});
    QCOMPARE(world.answers[0].size(), std::size_t{1});
    QCOMPARE(world.answers[1].size(), std::size_t{2});
    QCOMPARE(world.desk.waitingClaims(), std::size_t{0});
    QCOMPARE(world.desk.due(), std::size_t{1});
}

void TaskDeskTest::servesOneAfterTheOther()
{
    Desk world;
    std::vector<int> served;
    const auto standing = [&](int number) {
        auto request = world.request(10);
        request.isStanding = true;
        request.reply = [&served, number](const auto& tasks) {
            served.insert(served.end(), tasks->size(), number);
            return true;
        };
        world.desk.claim(std::move(request));
    };
    standing(1);
    standing(2);
    for (std::uint64_t i = 0; i < 4; ++i) {
        world.offer(order(i));
        world.serve();
    }
    QVERIFY((served == std::vector<int>{1, 2, 1, 2}));
}

void TaskDeskTest::takesBackWhatNobodyReceived()
{
    Desk world;
    world.offer(order(1));
    world.isCallerThere = false;
    const auto lost = world.claim();
    QCOMPARE(lost.size(), std::size_t{1});
    QCOMPARE(world.desk.leased(), std::size_t{0});
    QCOMPARE(world.desk.due(), std::size_t{1});
    QVERIFY(!world.desk.mayReport(lost.front().token));
    world.isCallerThere = true;
    const auto again = world.claim();
    QCOMPARE(again.size(), std::size_t{1});
    QVERIFY(again.front().token != lost.front().token);
    QCOMPARE(again.front().token.attempt, lost.front().token.attempt);
    QVERIFY(world.desk.mayReport(again.front().token));
}

void TaskDeskTest::aClaimCanBeWithdrawn()
{
    Desk world;
    for (const std::uint64_t client : {7U, 8U, 7U, 0U}) {
        auto request = world.request(1, seconds(10));
        request.client = client;
        world.desk.claim(std::move(request));
    }
    world.desk.withdraw(7);
    QCOMPARE(world.answers.size(), std::size_t{2});
    QCOMPARE(world.desk.waitingClaims(), std::size_t{2});
    world.desk.withdraw(0);
    QCOMPARE(world.desk.waitingClaims(), std::size_t{2});
}

void TaskDeskTest::waitersAreBounded()
{
    Desk world;
    for (std::size_t i = 0; i <= WorkerLimits::waitingClaims; ++i)
        world.desk.claim(world.request(1, seconds(10)));
    QCOMPARE(world.desk.waitingClaims(), WorkerLimits::waitingClaims);
    QCOMPARE(world.refusals.size(), std::size_t{1});
    QCOMPARE(world.refusals.front().code, ErrorCode::Busy);
}

void TaskDeskTest::givesNothingOutOnceItIsStopped()
{
    Desk world;
    world.desk.claim(world.request(1, seconds(10)));
    world.serve();
    world.desk.stop();
    QCOMPARE(world.answers.size(), std::size_t{1});
    QVERIFY(world.answers.front().empty());
    world.offer(order(1));
    world.desk.claim(world.request());
    world.serve();
    QCOMPARE(world.answers.size(), std::size_t{1});
    QCOMPARE(world.refusals.front().code, ErrorCode::ShuttingDown);
}

void TaskDeskTest::aLeaseEndsWhenItsTimeIsOver()
{
    Desk world;
    world.offer(order(1));
    const auto token = world.claim().front().token;
    QVERIFY(world.desk.next() == milliseconds(30'000));
    world.pass(seconds(29));
    QVERIFY(world.desk.expired().empty());
    world.pass(seconds(1));
    const auto expired = world.desk.expired();
    QCOMPARE(expired.size(), std::size_t{1});
    QVERIFY(expired.front().token == token);
    QCOMPARE(expired.front().step, std::string("pay"));
    QCOMPARE(*expired.front().worker, std::string("w1"));
    QVERIFY(!expired.front().isRevoked);
    QCOMPARE(world.desk.expired().size(), std::size_t{1}); // until it is ended
    QVERIFY(world.desk.end(token));
    QVERIFY(!world.desk.end(token));
    QVERIFY(world.desk.expired().empty());
    QVERIFY(!world.desk.mayReport(token));
}

void TaskDeskTest::anExtensionStartsItAnew()
{
    Desk world;
    world.offer(order(1));
    const auto token = world.claim().front().token;
    for (int i = 0; i < 5; ++i) {
        world.pass(seconds(29));
        const auto extended = world.desk.extend(token);
        QVERIFY(extended.has_value());
        QCOMPARE(extended->lease, milliseconds(30'000));
        QVERIFY(extended->leaseUntil == world.clock.wall + seconds(30));
    }
    world.pass(seconds(30));
    QCOMPARE(world.desk.expired().size(), std::size_t{1});
    auto other = token;
    ++other.lease;
    QCOMPARE(world.desk.extend(other).error().code, ErrorCode::StaleToken);
}

void TaskDeskTest::clockJumpsTakeNoLeaseAway()
{
    Desk world;
    world.offer(order(1));
    QCOMPARE(world.claim().size(), std::size_t{1});
    world.clock.ticks += std::chrono::hours(8); // the process stood still
    world.clock.wall += std::chrono::hours(8);
    world.desk.advance();
    QVERIFY(world.desk.expired().empty());
    world.clock.ticks -= std::chrono::hours(9); // no clock should, but one may
    world.clock.wall -= std::chrono::hours(9);
    world.desk.advance();
    QVERIFY(world.desk.expired().empty());
    world.clock.wall -= std::chrono::hours(24 * 365); // somebody set the wall clock
    world.pass(seconds(28));
    QCOMPARE(world.desk.expired().size(), std::size_t{1}); // 2 s of the halt were counted
}

void TaskDeskTest::onlyTheLatestLeaseMayReport()
{
    Desk world;
    const auto made = order(1);
    world.offer(made);
    const auto first = world.claim().front().token;
    QVERIFY(world.desk.mayReport(first));
    QVERIFY(world.desk.end(first));
    QVERIFY(!world.desk.mayReport(first)); // before anybody else has it
    world.offer(made);
    QVERIFY(!world.desk.mayReport(first));
    const auto second = world.claim().front().token;
    QVERIFY(!world.desk.mayReport(first));
    QVERIFY(world.desk.mayReport(second));
    QVERIFY(!world.desk.end(first));
    for (const auto bend : {&LeaseToken::attempt, &LeaseToken::epoch}) {
        auto bent = second;
        ++(bent.*bend);
        QVERIFY(!world.desk.mayReport(bent));
    }
    auto bent = second;
    bent.step = stepMark("ship");
    QVERIFY(!world.desk.mayReport(bent));
}

void TaskDeskTest::anEarlierEpochMayReportUntilSomebodyElseHasIt()
{
    Desk world;
    const auto made = order(1);
    const LeaseToken old{made->id, stepMark("pay"), 1, epoch - 1, 77};
    QVERIFY(world.desk.mayReport(old)); // the domain knows whether it is the present attempt
    world.offer(made);
    QVERIFY(world.desk.mayReport(old));
    QCOMPARE(world.claim().size(), std::size_t{1});
    QVERIFY(!world.desk.mayReport(old));
}

void TaskDeskTest::anEarlierEpochCanBeTakenOnAgain()
{
    Desk world;
    const auto made = order(1);
    world.offer(made);
    const LeaseToken old{made->id, stepMark("pay"), 1, epoch - 1, 77};
    const DueTask task{"pay", seconds(30)};
    auto late = old;
    late.attempt = 2;
    QVERIFY(!world.desk.adopt(late, made, task));
    auto elsewhere = old;
    elsewhere.step = stepMark("ship");
    QVERIFY(!world.desk.adopt(elsewhere, made, task));
    auto ofNow = old;
    ofNow.epoch = epoch;
    QVERIFY(!world.desk.adopt(ofNow, made, task));
    QVERIFY(world.desk.adopt(old, made, task).has_value());
    QVERIFY(world.claim().empty()); // it is out
    QVERIFY(world.desk.mayReport(old));
    QVERIFY(world.desk.extend(old).has_value());
    world.pass(seconds(30));
    QCOMPARE(world.desk.expired().size(), std::size_t{1});
    QVERIFY(!world.desk.expired().front().worker);
    QVERIFY(world.desk.end(old));
    world.offer(made);
    QCOMPARE(world.claim().size(), std::size_t{1});
    QVERIFY(!world.desk.adopt(old, made, task));
}

void TaskDeskTest::whatIsRevokedBlocksWhatFollows()
{
    for (const bool reports : {true, false}) {
        Desk world;
        world.offer(order(1));
        const auto token = world.claim().front().token;
        const auto undo = order(1);
        undo->compensating = true;
        undo->attempt = 7;
        world.offer(undo, "undo");
        QVERIFY(!world.desk.mayReport(token));
        QVERIFY(!world.desk.extend(token));
        QVERIFY(world.desk.isOut(undo->id));
        auto request = world.request(1, seconds(30));
        request.tasks = {"undo"};
        world.desk.claim(std::move(request));
        world.answers.clear();
        world.serve();
        QVERIFY(world.answers.empty());
        if (!reports) {
            world.pass(seconds(29));
            world.serve();
            QVERIFY(world.answers.empty());
            world.pass(seconds(1));
            QVERIFY(world.desk.expired().front().isRevoked);
        }
        QVERIFY(world.desk.end(token));
        world.offer(undo, "undo");
        world.serve();
        QCOMPARE(world.answers.size(), std::size_t{1});
        QCOMPARE(world.answers.front().front().token.attempt, 7U);
    }
}

void TaskDeskTest::anOrderThatIsNoLongerDueLeavesItsQueue()
{
    Desk world;
    const auto made = order(1);
    world.offer(made);
    QVERIFY(world.desk.isKnown(made->id));
    world.desk.update(made, std::nullopt); // a hold, say
    QVERIFY(!world.desk.isKnown(made->id));
    QVERIFY(world.claim().empty());
    world.offer(made);
    world.offer(made, "ship"); // it has gone on to another task
    QVERIFY(world.claim().empty());
    auto request = world.request();
    request.tasks = {"ship"};
    world.desk.claim(std::move(request));
    world.answers.clear();
    world.serve();
    QCOMPARE(world.answers.front().size(), std::size_t{1});
    auto held = std::make_shared<Order>(*made);
    held->holds.push_back({"h", "me", "why", world.clock.wall, {}});
    const auto token = world.answers.front().front().token;
    world.desk.update(held, std::nullopt);
    QVERIFY(world.desk.mayReport(token)); // a hold keeps nobody from telling what is done
    auto closed = std::make_shared<Order>(*made);
    closed->outcome = Outcome::Canceled;
    world.desk.update(closed, std::nullopt);
    QVERIFY(!world.desk.mayReport(token));
}

void TaskDeskTest::aDocumentThatCannotBeReadIsToldOnce()
{
    Desk world;
    world.offer(order(1));
    world.documentError = Error{ErrorCode::Corrupt, "damaged"};
    QVERIFY(world.claim().empty());
    QVERIFY(world.claim().empty());
    QVERIFY((world.failed == std::vector<std::string>{id(1).text()}));
    QVERIFY(!world.desk.isKnown(id(1)));
}

void TaskDeskTest::neverLeasesTwiceWhateverHappens()
{
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        Desk world;
        std::uint64_t state = seed;
        const auto roll = [&state](std::uint64_t sides) {
            state = state * 6364136223846793005ULL + 1442695040888963407ULL;
            return (state >> 33) % sides;
        };
        std::map<OrderId, LeaseToken> out; // who the test believes has which
        for (int step = 0; step < 500; ++step) {
            const auto which = roll(12);
            switch (roll(6)) {
            case 0:
            case 1:
                if (!out.contains(id(which)))
                    world.offer(order(which, static_cast<std::uint8_t>(roll(10))));
                break;
            case 2:
                world.isCallerThere = roll(4) != 0;
                for (const LeasedTask& task : world.claim(static_cast<std::uint32_t>(1 + roll(4)))) {
                    if (!world.isCallerThere)
                        continue;
                    QVERIFY2(out.emplace(task.order->id, task.token).second, std::to_string(seed).c_str());
                }
                break;
            case 3:
                if (const auto found = out.find(id(which)); found != out.end()) {
                    QVERIFY(world.desk.mayReport(found->second));
                    QVERIFY(world.desk.end(found->second));
                    out.erase(found);
                }
                break;
            case 4:
                world.pass(seconds(1 + roll(10)));
                for (const auto& expired : world.desk.expired()) {
                    QVERIFY(out.at(expired.token.order) == expired.token);
                    QVERIFY(world.desk.end(expired.token));
                    out.erase(expired.token.order);
                }
                break;
            default:
                if (const auto found = out.find(id(which)); found != out.end())
                    QVERIFY(world.desk.extend(found->second).has_value());
                else
                    world.desk.update(order(which), std::nullopt);
            }
            QCOMPARE(world.desk.leased(), out.size());
        }
    }
}

QTEST_GUILESS_MAIN(TaskDeskTest)
#include "tst_task_desk.moc"
