// SPDX-License-Identifier: GPL-3.0-or-later
// Why an order is stuck: each thing that can stand behind it is named, with since when, how many others and what would help.
#include "daemon/api/waiting_answer.h"

#include <QTest>

using namespace gantry;
using namespace gantry::api;
using engine::WaitingFacts;
using engine::WaitingStage;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr Timestamp now = fromMillis(1'770'000'000'000);

Order orderAt(const std::string& step, Performer performer = Performer::Machine)
{
    Order order;
    order.step.name = step;
    order.step.performer = performer;
    order.step.role = Role::Warehouse;
    order.stepSince = now - minutes(5);
    return order;
}

WaitingFacts factsOf(Order order, WaitingStage stage, const std::string& handler = {})
{
    WaitingFacts facts;
    facts.order = std::make_shared<const Order>(std::move(order));
    facts.stage = stage;
    facts.handler = handler;
    return facts;
}

} // namespace

class WaitingAnswerTest : public QObject {
    Q_OBJECT
private:
    static void compare(const WaitingFacts& facts, const std::string& sentence, const std::string& help,
        const engine::ServiceStatus* service = nullptr)
    {
        const WaitingAnswer answer = explainWaiting(facts, service, now);
        QCOMPARE(QString::fromStdString(answer.sentence), QString::fromStdString(sentence));
        QCOMPARE(QString::fromStdString(answer.help), QString::fromStdString(help));
    }

private Q_SLOTS:
    void anIncidentBeforeAllElse()
    {
        Order order = orderAt("pay");
        order.incident = Incident{"pay", "declined", "no funds", now - minutes(180)};
        order.holds = {{"h1", "bob", "wait", now, {}}};
        WaitingFacts facts = factsOf(order, WaitingStage::NotDue);
        facts.othersWaiting = 41;
        compare(facts, "pay failed 3 h ago: declined, no funds. Others with the same cause: 41 orders.",
            "Retry it once the cause is mended, override the step or cancel the order. All at once: "
            "gantryctl bulk retry.");
        order.incident->message = "no funds.";
        compare(factsOf(order, WaitingStage::NotDue), "pay failed 3 h ago: declined, no funds.",
            "Retry it once the cause is mended, override the step or cancel the order.");
        order.compensating = true;
        compare(factsOf(order, WaitingStage::NotDue), "Undoing pay failed 3 h ago: declined, no funds.",
            "Effects are left. Retry undoing it once the cause is mended, or override it.");
    }

    void howLongGoodsAreKept()
    {
        Order order = orderAt("pick", Performer::Person);
        order.step.reservedUntil = now + minutes(20);
        compare(factsOf(order, WaitingStage::NotDue),
            "It waits for somebody (warehouse) to do pick, for 5 min. Its goods are kept for 20 min still; "
            "then it "
            "has to reserve anew.",
            "Somebody of that role does it and completes it.");
        order.incident = Incident{"pick", "broken", "", now - minutes(2)};
        compare(factsOf(order, WaitingStage::NotDue),
            "pick failed 2 min ago: broken. Its goods are kept for 20 min still; then it has to reserve "
            "anew.",
            "Retry it once the cause is mended, override the step or cancel the order.");
        order.incident.reset();
        order.step.reservedUntil = now;
        compare(factsOf(order, WaitingStage::NotDue),
            "It waits for somebody (warehouse) to do pick, for 5 min. The time that its goods are kept is "
            "over: it has "
            "to reserve anew.",
            "Somebody of that role does it and completes it.");
        order.compensating = true;
        compare(factsOf(order, WaitingStage::Builtin),
            "It is being canceled: pick is being undone. Gantry does pick itself, with the next batch.", "");
    }

    void aHoldAndARetry()
    {
        Order order = orderAt("pay");
        order.holds = {
            {"h1", "bob", "address", now - seconds(90), now + minutes(10)}, {"h2", "ann", "x", {}, {}}};
        compare(factsOf(order, WaitingStage::NotDue),
            "It has been on hold by bob for 90 s: address (and 1 more). That ends in 10 min.", "Release it.");
        order.holds.clear();
        order.retryAt = now + seconds(20);
        order.retryCode = "busy";
        order.attempt = 3;
        compare(factsOf(order, WaitingStage::NotDue),
            "The last attempt at pay failed (busy). Attempt 4 follows in 20 s.", "");
        order.compensating = true;
        compare(factsOf(order, WaitingStage::NotDue),
            "It is being canceled: pay is being undone. The last attempt at pay failed (busy). Attempt 4 "
            "follows in 20 s.",
            "");
    }

    void peopleAndClocks()
    {
        compare(factsOf(orderAt("pick", Performer::Person), WaitingStage::NotDue),
            "It waits for somebody (warehouse) to do pick, for 5 min.",
            "Somebody of that role does it and completes it.");
        Order approval = orderAt("review", Performer::Person);
        approval.step.approvals = 2;
        approval.approvedBy = {"ann"};
        compare(factsOf(approval, WaitingStage::NotDue),
            "It waits for approval of review by warehouse, for 5 min: 1 of 2 given (ann).",
            "Somebody of that role approves or rejects it.");
        Order timer = orderAt("cool-off", Performer::Clock);
        timer.step.dueAt = now + minutes(30);
        compare(factsOf(timer, WaitingStage::NotDue), "It waits at cool-off and goes on by itself in 30 min.",
            "");
    }

    void aPause()
    {
        WaitingFacts facts = factsOf(orderAt("ship"), WaitingStage::Paused, "ship");
        facts.pause = engine::PauseState{
            {PauseScope::Step, "ship", now - minutes(120), "ann", "no printer"}, 42, false};
        compare(facts,
            "The step ship has been paused for 2 h by ann: no printer. Others behind it: 41 orders.",
            "Resume it: gantryctl resume step ship.");
        facts.pause->isEnding = true;
        compare(facts,
            "The pause of step ship is over; what had gathered goes on bit by bit. Others behind it: 41 "
            "orders.",
            "");
    }

    void workersThatAreAwayPausedOrBusy()
    {
        WaitingFacts facts = factsOf(orderAt("pack"), WaitingStage::ForWorker, "box.pack");
        const std::string head = "It waits for a worker that does box.pack, for 5 min.";
        const std::string never = " It has not worked once since the daemon was started.";
        compare(facts, head + " None has asked for it since the daemon was started." + never,
            "Start a worker that does box.pack, or see why none asks.");
        facts.lastAsked = now - minutes(3);
        facts.lastSuccess = now - minutes(4);
        facts.othersWaiting = 1;
        compare(facts,
            head
                + " None has asked for it for 3 min. Others that wait for the same: 1 order. It last worked "
                  "4 min "
                  "ago.",
            "Start a worker that does box.pack, or see why none asks.");
        facts.lastAsked = now - seconds(1);
        QCOMPARE(explainWaiting(facts, nullptr, now).help, std::string("More workers for it would help."));
        facts.pausedWorkersAsking = 2;
        QCOMPARE(explainWaiting(facts, nullptr, now).help, std::string("Resume one: gantryctl pauses."));
        facts.workersAsking = 1;
        QVERIFY(explainWaiting(facts, nullptr, now).help.empty());
        facts = factsOf(orderAt("pack"), WaitingStage::WithWorker, "box.pack");
        facts.worker = "w7";
        facts.leaseLeft = seconds(12);
        compare(facts,
            "The worker w7 is at pack, for 5 min. If it says nothing, the attempt is over in 12 s.", "");
    }

    void aLimit()
    {
        WaitingFacts facts = factsOf(orderAt("ship"), WaitingStage::ForWorker, "ship");
        facts.limit = engine::LimitState{"metadata.account", "dhl-7", 4, 4, 0, {}, 9, false, {}};
        compare(facts, "The limit of ship for metadata.account = dhl-7 is reached: 4 of 4 are in hand.",
            "It goes on by itself when there is room.");
        facts.limit = engine::LimitState{{}, {}, 0, 0, 100, minutes(1), 9, false, seconds(7)};
        compare(facts, "The limit of ship is reached: 100 may begin in 60 s, and the next one may in 7 s.",
            "It goes on by itself when there is room.");
    }

    void aServiceThatIsLeftAlone()
    {
        WaitingFacts facts = factsOf(orderAt("label"), WaitingStage::ForService, "carrier");
        facts.lastSuccess = now - minutes(30);
        engine::ServiceStatus carrier{.name = "carrier", .url = {}};
        carrier.lastError = "http_503: closed";
        carrier.since = now - seconds(10);
        compare(
            facts, "It waits for its turn at carrier, for 5 min. It last worked 30 min ago.", "", &carrier);
        carrier.state = engine::BreakerState::Open;
        carrier.nextProbe = now + seconds(20);
        compare(facts,
            "The service carrier has failed too often (http_503: closed) and has been left alone for 10 s. "
            "It is "
            "tried "
            "again in 20 s. It last worked 30 min ago.",
            "Mend the service; it is then called again by itself.", &carrier);
    }
};

QTEST_APPLESS_MAIN(WaitingAnswerTest)
#include "tst_waiting_answer.moc"
