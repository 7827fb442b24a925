// SPDX-License-Identifier: GPL-3.0-or-later
// What deliveries of webhooks do: each once, in whatever sequence they come, and nothing of them lost.
#include "tests/daemon/engine/engine_world.h"

#include <QTest>
#include <algorithm>

using namespace gantry;
using namespace gantry::test;
using store::DeliveryAsk;
using store::DeliveryOutcome;
using store::DeliveryRecord;

namespace {

constexpr const char* shop = "test"; // the channel of sampleOrder()

engine::Delivery deliveryOf(DeliveryAsk ask, const std::string& id, const OrderDocument& document)
{
    engine::Delivery delivery;
    delivery.record = {.source = document.channel,
        .deliveryId = id,
        .topic = std::string(store::deliveryAskName(ask)),
        .externalId = document.externalId,
        .receivedAt = fromMillis(1'770'000'000'000),
        .ask = ask,
        .problem = ask == DeliveryAsk::Cancel ? "Canceled in the shop"
            : ask == DeliveryAsk::Note        ? "Refunded."
                                              : "",
        .body = "{\"raw\":\"" + id + "\"}"};
    if (ask == DeliveryAsk::Create || ask == DeliveryAsk::Update) {
        delivery.document = std::make_shared<const OrderDocument>(document);
        delivery.encoded = std::make_shared<const std::string>(encodeDocument(document));
        delivery.record.document = *delivery.encoded;
    }
    return delivery;
}

/// Sends them in one batch; one answer each.
std::vector<Result<DeliveryRecord>> send(EngineWorld& world, std::vector<engine::Delivery> deliveries)
{
    std::vector<Result<DeliveryRecord>> answers(
        deliveries.size(), failure(ErrorCode::Internal, "no answer came"));
    std::vector<engine::Message> messages;
    for (std::size_t i = 0; i < deliveries.size(); ++i) {
        deliveries[i].record.receivedAt = world.clock.now();
        deliveries[i].reply = [&answers, i](const auto& answer) { answers[i] = answer; };
        messages.emplace_back(std::move(deliveries[i]));
    }
    static_cast<void>(world.run(std::move(messages)));
    return answers;
}

DeliveryOutcome sendOne(EngineWorld& world, engine::Delivery delivery)
{
    const auto answer = send(world, {std::move(delivery)}).front();
    if (!answer)
        qFatal("%s", answer.error().message.c_str());
    return answer->outcome;
}

std::vector<Order> ordersIn(EngineWorld& world)
{
    return world.openReader()->listOrders({}, {})->orders;
}

DeliveryRecord storedAs(EngineWorld& world, const std::string& id)
{
    const auto reader = world.openReader();
    const auto all = reader->listDeliveries({}, {}, 5000);
    for (const DeliveryRecord& each : *all)
        if (each.deliveryId == id)
            return **reader->findDelivery(each.number);
    return {};
}

} // namespace

class DeliveriesTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aCreateMakesOneOrder()
    {
        EngineWorld world;
        const OrderDocument order = sampleOrder("1");
        const auto first = send(world, {deliveryOf(DeliveryAsk::Create, "d1", order)}).front();
        QVERIFY2(first.has_value(), first ? "" : first.error().message.c_str());
        QCOMPARE(first->outcome, DeliveryOutcome::Accepted);
        QVERIFY(first->order.has_value());
        QCOMPARE(world.stored(*first->order).summary->channel, order.channel);
        // The same delivery again, and the same order by another delivery.
        const auto again = send(world, {deliveryOf(DeliveryAsk::Create, "d1", order)}).front();
        QCOMPARE(again->outcome, DeliveryOutcome::Known);
        QCOMPARE(again->order, first->order);
        QCOMPARE(sendOne(world, deliveryOf(DeliveryAsk::Create, "d2", order)), DeliveryOutcome::Known);
        world.restart();
        QCOMPARE(sendOne(world, deliveryOf(DeliveryAsk::Create, "d1", order)), DeliveryOutcome::Known);
        QCOMPARE(ordersIn(world).size(), 1U);
        const DeliveryRecord kept = storedAs(world, "d1");
        QCOMPARE(kept.order, first->order);
        QVERIFY(kept.body.empty()); // what was taken in need not be looked at
        QVERIFY(kept.document.empty());
    }

    void oneBatchMakesOneOrder()
    {
        EngineWorld world;
        std::vector<engine::Delivery> deliveries;
        for (int i = 0; i < 64; ++i)
            deliveries.push_back(
                deliveryOf(DeliveryAsk::Create, "d" + std::to_string(i % 4), sampleOrder("1")));
        const auto answers = send(world, std::move(deliveries));
        QCOMPARE(std::count_if(answers.begin(), answers.end(),
                     [](const auto& each) { return each->outcome == DeliveryOutcome::Accepted; }),
            1);
        QCOMPARE(ordersIn(world).size(), 1U);
        QCOMPARE(world.openReader()->listDeliveries({}, {}, 500)->size(), 4U);
    }

    void everySequenceEndsAlike_data()
    {
        QTest::addColumn<QByteArray>("sequence");
        QTest::addColumn<bool>("together");
        std::string sequence = "CUX"; // create, update, cancel
        std::sort(sequence.begin(), sequence.end());
        do {
            for (const bool together : {false, true})
                QTest::newRow((sequence + (together ? " in one batch" : " one by one")).c_str())
                    << QByteArray::fromStdString(sequence) << together;
        } while (std::next_permutation(sequence.begin(), sequence.end()));
    }

    void everySequenceEndsAlike()
    {
        QFETCH(const QByteArray, sequence);
        QFETCH(const bool, together);
        EngineWorld world;
        const OrderDocument order = sampleOrder("1");
        OrderDocument moved = order;
        moved.shippingAddress.city = "Elsewhere";
        std::vector<engine::Delivery> deliveries;
        for (const char each : sequence)
            deliveries.push_back(each == 'C' ? deliveryOf(DeliveryAsk::Create, "create", order)
                    : each == 'U'            ? deliveryOf(DeliveryAsk::Update, "update", moved)
                                             : deliveryOf(DeliveryAsk::Cancel, "cancel", order));
        if (together) {
            send(world, std::move(deliveries));
        } else {
            for (engine::Delivery& each : deliveries) {
                QVERIFY(send(world, {each}).front().has_value());
                world.restart(); // what waits must not be in memory alone
            }
        }
        const auto orders = ordersIn(world);
        QCOMPARE(orders.size(), 1U);
        const Order& only = orders.front();
        QVERIFY(only.compensating || only.outcome == Outcome::Canceled);
        QCOMPARE(storedAs(world, "create").outcome, DeliveryOutcome::Accepted);
        QCOMPARE(storedAs(world, "cancel").outcome, DeliveryOutcome::Accepted);
        const DeliveryRecord update = storedAs(world, "update");
        QCOMPARE(update.outcome, DeliveryOutcome::Noted);
        QVERIFY2(update.problem.find("shipping_address") != std::string::npos, update.problem.c_str());
        QCOMPARE(update.body, std::string("{\"raw\":\"update\"}"));
        for (const char* id : {"create", "update", "cancel"})
            QVERIFY(storedAs(world, id).order == only.id);
        // Once more, in the same sequence: nothing happens.
        const auto version = only.version;
        for (const char* id : {"create", "update", "cancel"})
            QCOMPARE(sendOne(world, deliveryOf(DeliveryAsk::Cancel, id, order)), DeliveryOutcome::Known);
        QCOMPARE(ordersIn(world).front().version, version);
    }

    void aCancelIsTheSources()
    {
        EngineWorld world;
        const auto made = send(world, {deliveryOf(DeliveryAsk::Create, "d1", sampleOrder("1"))}).front();
        QCOMPARE(sendOne(world, deliveryOf(DeliveryAsk::Cancel, "d2", sampleOrder("1"))),
            DeliveryOutcome::Accepted);
        bool isTold = false;
        const auto events = world.openReader()->readEventsOfOrder(*made->order, 0, 100);
        for (const auto& record : *events)
            if (const auto* cancel = std::get_if<CancelRequested>(&record.logged.event.body)) {
                isTold = true;
                QCOMPARE(record.logged.event.actor, std::string(shop));
                QCOMPARE(cancel->reason, std::string("Canceled in the shop"));
            }
        QVERIFY(isTold);
        // Canceled again by another delivery: known.
        QCOMPARE(
            sendOne(world, deliveryOf(DeliveryAsk::Cancel, "d3", sampleOrder("1"))), DeliveryOutcome::Known);
    }

    void whatSaysNothingNewIsKnown()
    {
        EngineWorld world;
        OrderDocument order = sampleOrder("1");
        send(world, {deliveryOf(DeliveryAsk::Create, "d1", order)});
        order.metadata.emplace_back("financial_status", "paid");
        order.tags.emplace_back("looked-at");
        QCOMPARE(sendOne(world, deliveryOf(DeliveryAsk::Update, "d2", order)), DeliveryOutcome::Known);
        engine::Delivery gone = deliveryOf(DeliveryAsk::Update, "d3", order);
        gone.record.problem = "Of plain 0 of 1 are left.";
        QCOMPARE(sendOne(world, std::move(gone)), DeliveryOutcome::Noted);
        QCOMPARE(sendOne(world, deliveryOf(DeliveryAsk::Note, "d4", order)), DeliveryOutcome::Noted);
        QCOMPARE(storedAs(world, "d4").problem, std::string("Refunded."));
        QCOMPARE(ordersIn(world).size(), 1U);
    }

    void waitingIsBoundedAndEnds()
    {
        EngineWorld world;
        std::vector<engine::Delivery> deliveries;
        for (std::size_t i = 0; i < store::DeliveryLimits::waiting; ++i)
            deliveries.push_back(
                deliveryOf(DeliveryAsk::Cancel, "d" + std::to_string(i), sampleOrder(std::to_string(i))));
        for (const auto& answer : send(world, std::move(deliveries)))
            QCOMPARE(answer->outcome, DeliveryOutcome::Waiting);
        const auto more = send(world, {deliveryOf(DeliveryAsk::Cancel, "more", sampleOrder("more"))}).front();
        QVERIFY(!more.has_value());
        QCOMPARE(more.error().code, ErrorCode::Busy);
        QVERIFY(storedAs(world, "more").deliveryId.empty()); // it comes again, and is no repeat then
        QCOMPARE(sendOne(world, deliveryOf(DeliveryAsk::Create, "c0", sampleOrder("0"))),
            DeliveryOutcome::Accepted);
        QVERIFY(ordersIn(world).front().compensating || ordersIn(world).front().outcome == Outcome::Canceled);
        world.clock.advance(store::DeliveryLimits::waitFor + std::chrono::seconds(1));
        QCOMPARE(sendOne(world, deliveryOf(DeliveryAsk::Cancel, "late", sampleOrder("late"))),
            DeliveryOutcome::Waiting);
        const auto reader = world.openReader();
        QCOMPARE(reader->listDeliveries({DeliveryOutcome::Waiting, {}}, {}, 5000)->size(), 1U);
        QCOMPARE(reader->listDeliveries({DeliveryOutcome::Expired, {}}, {}, 5000)->size(),
            store::DeliveryLimits::waiting - 1);
        // What has expired is not done any more when its order comes after all.
        QCOMPARE(sendOne(world, deliveryOf(DeliveryAsk::Create, "c1", sampleOrder("1"))),
            DeliveryOutcome::Accepted);
        const auto orders = ordersIn(world);
        QVERIFY(std::any_of(orders.begin(), orders.end(), [](const Order& order) {
            return order.summary->externalId == "1" && !order.compensating && order.outcome == Outcome::Open;
        }));
    }

    void oldOnesAreDropped()
    {
        EngineWorld world;
        send(world, {deliveryOf(DeliveryAsk::Create, "d1", sampleOrder("1"))});
        world.clock.advance(store::DeliveryLimits::keepFor + std::chrono::seconds(1));
        send(world, {deliveryOf(DeliveryAsk::Create, "d2", sampleOrder("2"))});
        QCOMPARE(world.openReader()->listDeliveries({}, {}, 10)->size(), 1U);
        // The order is known for ever all the same.
        QCOMPARE(
            sendOne(world, deliveryOf(DeliveryAsk::Create, "d1", sampleOrder("1"))), DeliveryOutcome::Known);
        QCOMPARE(ordersIn(world).size(), 2U);
    }

    void looksAnewOnce()
    {
        EngineWorld world;
        engine::Delivery bad = deliveryOf(DeliveryAsk::Nothing, "d1", sampleOrder("1"));
        bad.record.outcome = DeliveryOutcome::Unmappable;
        bad.record.problem = "/currency is missing";
        QCOMPARE(sendOne(world, bad), DeliveryOutcome::Unmappable);
        const DeliveryRecord kept = storedAs(world, "d1");
        QCOMPARE(kept.body, std::string("{\"raw\":\"d1\"}"));
        // Sent again it is known; looked at anew, now that it can be mapped, it makes the order.
        QCOMPARE(sendOne(world, bad), DeliveryOutcome::Known);
        engine::Delivery anew = deliveryOf(DeliveryAsk::Create, "d1", sampleOrder("1"));
        anew.record.number = kept.number;
        const auto answers = send(world, {anew, anew});
        QCOMPARE(answers[0]->outcome, DeliveryOutcome::Accepted);
        QCOMPARE(answers[1].error().code, ErrorCode::ActionNotAllowed);
        QCOMPARE(send(world, {anew}).front().error().code, ErrorCode::ActionNotAllowed);
        anew.record.number = 4711;
        QCOMPARE(send(world, {anew}).front().error().code, ErrorCode::NotFound);
        QCOMPARE(ordersIn(world).size(), 1U);
        QCOMPARE(storedAs(world, "d1").outcome, DeliveryOutcome::Accepted);
        QCOMPARE(world.openReader()->listDeliveries({}, {}, 10)->size(), 1U);
    }

    void aFailedCommitLeavesNothing()
    {
        EngineWorld world;
        world.faults.nextCommit = Error{ErrorCode::StorageFull, "full"};
        const auto refused = send(world, {deliveryOf(DeliveryAsk::Create, "d1", sampleOrder("1"))}).front();
        QCOMPARE(refused.error().code, ErrorCode::StorageFull);
        world.faults.nextBegin = Error{ErrorCode::StorageFull, "full"};
        QCOMPARE(send(world, {deliveryOf(DeliveryAsk::Create, "d1", sampleOrder("1"))}).front().error().code,
            ErrorCode::StorageFull);
        QVERIFY(ordersIn(world).empty());
        QCOMPARE(sendOne(world, deliveryOf(DeliveryAsk::Create, "d1", sampleOrder("1"))),
            DeliveryOutcome::Accepted);
        QCOMPARE(ordersIn(world).size(), 1U);
    }
};

QTEST_GUILESS_MAIN(DeliveriesTest)
#include "tst_deliveries.moc"
