// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/limit_book.h"
#include "tests/daemon/engine/manual_ticks.h"

#include <QTest>
#include <deque>
#include <map>
#include <random>

using namespace gantry;
using namespace gantry::engine;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

StepLimit limitOf(std::uint32_t concurrency, std::uint32_t rate = 0, milliseconds per = seconds(1))
{
    return {TextField{TextField::Name::Channel}, concurrency, rate, per};
}

Order orderOf(std::uint64_t number, const std::string& channel = "web")
{
    Order made;
    made.id = OrderId::make(fromMillis(static_cast<std::int64_t>(1'000'000 + number)), 1, {number, 0});
    OrderSummary summary{
        .channel = channel, .externalId = {}, .customerName = {}, .currency = *Currency::fromCode("EUR")};
    summary.createdAt = fromMillis(static_cast<std::int64_t>(1'000'000 + number));
    made.summary = std::make_shared<const OrderSummary>(std::move(summary));
    return made;
}

/// Attempts in one line.
struct Line {
    test::ManualTicks clock;
    LimitBook book{clock, [](const Order&, const TextField&) { return std::string("from the document"); }};
    WaitingLine line;
    std::map<OrderId, std::pair<DueKey, LimitUse>> waiting;
    std::deque<LimitUse> inHand;

    void add(const Order& order, const StepLimit* limit, std::string_view handler = "ship")
    {
        const LimitUse use = book.enter(order, handler, limit);
        waiting[order.id] = {dueKeyOf(order), use};
        book.wait(line, dueKeyOf(order), use);
    }
    /// Hands the best out; empty if nothing may be.
    std::optional<OrderId> take()
    {
        if (line.isEmpty())
            return std::nullopt;
        const OrderId id = line.best().order;
        const auto [key, use] = waiting.at(id);
        book.take(line, key, use);
        waiting.erase(id);
        inHand.push_back(use);
        return id;
    }
    int takeAll()
    {
        int count = 0;
        while (take())
            ++count;
        return count;
    }
    void finish()
    {
        book.giveBack(inHand.front());
        book.leave(inHand.front());
        inHand.pop_front();
    }
    void pass(milliseconds time)
    {
        clock.ticks += time;
        book.advance();
    }
};

} // namespace

class LimitBookTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void withoutALimitTheBestGoesFirst()
    {
        Line w;
        for (const std::uint64_t number : {3U, 1U, 2U})
            w.add(orderOf(number), nullptr);
        QVERIFY(w.take() == orderOf(1).id);
        QVERIFY(w.take() == orderOf(2).id);
        QVERIFY(w.take() == orderOf(3).id);
        QVERIFY(!w.take());
        QCOMPARE(w.book.keys(), std::size_t{0});
    }

    void noMoreAtOnceThanTheLimitOfEachKey()
    {
        Line w;
        const StepLimit limit = limitOf(2);
        for (std::uint64_t number = 1; number <= 5; ++number)
            w.add(orderOf(number, "web"), &limit);
        w.add(orderOf(9, "pos"), &limit);
        QVERIFY(w.take() == orderOf(1).id);
        QVERIFY(w.take() == orderOf(2).id);
        QVERIFY(w.take() == orderOf(9).id); // passes by those of the full key
        QVERIFY(!w.take());
        QCOMPARE(w.book.held(), std::size_t{3});
        QCOMPARE(w.line.size(), std::size_t{3});
        static_cast<void>(w.book.takeNews());
        w.finish();
        QVERIFY(w.book.takeNews());
        QVERIFY(w.take() == orderOf(3).id);
        QVERIFY(!w.take());
    }

    void aBetterOneTakesThePlaceOfTheOneShown()
    {
        Line w;
        const StepLimit limit = limitOf(1);
        w.add(orderOf(5), &limit);
        w.add(orderOf(7), nullptr);
        w.add(orderOf(3), &limit);
        QVERIFY(w.take() == orderOf(3).id);
        QVERIFY(w.take() == orderOf(7).id);
        QVERIFY(!w.take());
    }

    void handlersAndFieldsAreCountedApart()
    {
        Line w;
        const StepLimit byChannel = limitOf(1);
        StepLimit byRegion = byChannel;
        byRegion.key = TextField{TextField::Name::Region};
        StepLimit all = byChannel;
        all.key.reset();
        w.add(orderOf(1), &byChannel, "ship");
        w.add(orderOf(2), &byChannel, "pack");
        w.add(orderOf(3), &byRegion, "ship");
        w.add(orderOf(4), &all, "ship");
        QCOMPARE(w.takeAll(), 4);
        QCOMPARE(w.book.keys(), std::size_t{4});
        w.add(orderOf(5, "pos"), &byRegion, "ship"); // what the document says is the same
        w.add(orderOf(6, "pos"), &all, "ship");
        QCOMPARE(w.takeAll(), 0);
    }

    void aRateLetsItsNumberGoAndThenOneAtATime()
    {
        Line w;
        const StepLimit limit = limitOf(0, 4, seconds(2));
        for (std::uint64_t number = 1; number <= 10; ++number)
            w.add(orderOf(number), &limit);
        QCOMPARE(w.takeAll(), 4);
        QVERIFY(w.book.next() == milliseconds(500));
        w.pass(milliseconds(499));
        QCOMPARE(w.takeAll(), 0);
        QVERIFY(w.book.next() == milliseconds(1));
        w.pass(milliseconds(1));
        QCOMPARE(w.takeAll(), 1);
        w.pass(milliseconds(1100));
        QCOMPARE(w.takeAll(), 2);
        w.pass(seconds(100)); // no more gathers than the rate
        QCOMPARE(w.takeAll(), 3);
        QVERIFY(!w.book.next()); // nobody waits
    }

    void whatWasNeverHandedOutCostsNoToken()
    {
        Line w;
        const StepLimit limit = limitOf(1, 1, seconds(10));
        w.add(orderOf(1), &limit);
        w.add(orderOf(2), &limit);
        QCOMPARE(w.takeAll(), 1);
        w.book.giveBack(w.inHand.front(), true);
        QCOMPARE(w.takeAll(), 1);
    }

    void whatIsInHandAnywayCounts()
    {
        Line w;
        const StepLimit limit = limitOf(1);
        const LimitUse use = w.book.enter(orderOf(1), "ship", &limit);
        w.book.takeAnyway(use);
        w.book.takeAnyway(w.book.enter(orderOf(2), "ship", &limit)); // over it, for it is so
        w.add(orderOf(3), &limit);
        QCOMPARE(w.takeAll(), 0);
        w.book.giveBack(use);
        w.book.leave(use);
        QCOMPARE(w.takeAll(), 0);
    }

    void idleKeysAreForgotten()
    {
        Line w;
        const StepLimit counted = limitOf(3);
        const StepLimit timed = limitOf(0, 2, seconds(1));
        for (int i = 0; i < 100; ++i) {
            w.add(orderOf(1, "c" + std::to_string(i)), &counted);
            QCOMPARE(w.takeAll(), 1);
            w.finish();
        }
        QCOMPARE(w.book.keys(), std::size_t{0});
        for (int i = 0; i < 100; ++i) {
            w.add(orderOf(1, "c" + std::to_string(i)), &timed);
            QCOMPARE(w.takeAll(), 1);
            w.finish();
        }
        QCOMPARE(w.book.keys(), std::size_t{100}); // their past still counts
        QVERIFY(!w.book.next()); // but wakes nobody
        w.pass(milliseconds(499));
        QCOMPARE(w.book.keys(), std::size_t{100});
        w.pass(milliseconds(1));
        QCOMPARE(w.book.keys(), std::size_t{0});
    }

    void theTightestOfSeveralDefinitionsHolds()
    {
        Line w;
        const StepLimit loose = limitOf(5, 10, seconds(1));
        const StepLimit tight = limitOf(2, 3, seconds(1));
        for (std::uint64_t number = 1; number <= 3; ++number)
            w.add(orderOf(number), &loose);
        w.add(orderOf(9), &tight);
        QCOMPARE(w.takeAll(), 2);
        w.finish();
        w.finish();
        QCOMPARE(w.takeAll(), 1); // the third token of three
        w.pass(seconds(1));
        QCOMPARE(w.takeAll(), 1);
        w.finish();
        w.finish();
        QVERIFY(w.inHand.empty() && w.waiting.empty());
        // The tight one has gone with its last order.
        w.pass(seconds(10));
        for (std::uint64_t number = 11; number <= 20; ++number)
            w.add(orderOf(number), &loose);
        QCOMPARE(w.takeAll(), 5);
    }

    /// What has been waited for half a token is not lost when the last attempt leaves, or one of another version comes.
    void thePartOfATokenIsKept()
    {
        Line w;
        const StepLimit one = limitOf(1, 1, seconds(60));
        const StepLimit same = limitOf(1, 1, seconds(60));
        w.add(orderOf(1), &one);
        QCOMPARE(w.takeAll(), 1);
        w.pass(seconds(1));
        w.finish();
        w.pass(seconds(58));
        w.add(orderOf(2), &one);
        w.add(orderOf(3), &same);
        QCOMPARE(w.takeAll(), 0);
        w.pass(seconds(1));
        QCOMPARE(w.takeAll(), 1);
    }

    /// A definition without a rate does not give one with a rate its tokens back.
    void aRateThatComesAndGoesIsNotFullAgain()
    {
        Line w;
        const StepLimit rated = limitOf(9, 1, seconds(60));
        const StepLimit unrated = limitOf(9, 0, seconds(1));
        w.add(orderOf(1), &unrated);
        QCOMPARE(w.takeAll(), 1); // stays in hand
        int begun = 0;
        for (std::uint64_t number = 2; number < 14; ++number) {
            w.add(orderOf(number), &rated);
            begun += w.takeAll();
            w.pass(seconds(10));
        }
        QCOMPARE(begun, 2);
    }

    void tellsWhereALimitStands()
    {
        Line w;
        const StepLimit limit = limitOf(1, 2, seconds(1));
        w.add(orderOf(1), &limit);
        w.add(orderOf(2), &limit);
        QCOMPARE(w.takeAll(), 1);
        const auto state = w.book.stateOf(w.waiting.begin()->second.second);
        QVERIFY(state.has_value());
        QCOMPARE(state->field, std::string("channel"));
        QCOMPARE(state->value, std::string("web"));
        QCOMPARE(state->inHand, 1U);
        QCOMPARE(state->waiting, std::size_t{1});
        QVERIFY(!state->hasRoom && !state->nextToken);
        QVERIFY(!w.book.stateOf({}).has_value());
    }

    void neverOverTheLimitAndNobodyWaitsWhileThereIsRoom();
};

/// Against a plain model: counts and scans.
void LimitBookTest::neverOverTheLimitAndNobodyWaitsWhileThereIsRoom()
{
    const auto seed = qEnvironmentVariableIsSet("GANTRY_SEED")
        ? static_cast<unsigned>(qEnvironmentVariableIntValue("GANTRY_SEED"))
        : std::random_device{}();
    qInfo("GANTRY_SEED=%u replays this run", seed);
    std::mt19937 random(seed);
    const auto roll = [&random](unsigned sides) { return static_cast<unsigned>(random() % sides); };
    const StepLimit limit = limitOf(1 + roll(3), roll(2) * (1 + roll(4)), milliseconds(1 + roll(2000)));
    Line w;
    const std::int64_t full = std::int64_t{limit.rate} * limit.per.count();
    struct Model {
        std::uint32_t inHand = 0;
        std::int64_t parts = 0;
        milliseconds at{0};
    };
    std::map<std::string, Model> models;
    const auto channelOf = [&w](const LimitUse& use) { return w.book.stateOf(use)->value; };
    const auto hasToken = [&](const std::string& channel) {
        Model& model = models.try_emplace(channel, Model{0, full, w.clock.ticks}).first->second;
        model.parts = std::min(model.parts + (w.clock.ticks - model.at).count() * limit.rate, full);
        model.at = w.clock.ticks;
        return limit.rate == 0 || model.parts >= limit.per.count();
    };
    const auto takeOne = [&] {
        const DueKey best = w.line.best();
        const std::string channel = channelOf(w.waiting.at(best.order).second);
        QVERIFY2(hasToken(channel), "over the rate");
        for (const auto& [id, entry] : w.waiting)
            QVERIFY2(entry.first >= best || channelOf(entry.second) != channel, "not the best of its key");
        w.take();
        models[channel].parts -= limit.rate == 0 ? 0 : limit.per.count();
        QVERIFY2(++models[channel].inHand <= limit.concurrency, "over the limit");
    };
    std::uint64_t number = 0;
    for (int step = 0; step < 3000; ++step) {
        switch (roll(4)) {
        case 0:
            w.add(orderOf(roll(1000) * 100'000 + ++number, std::string(1, static_cast<char>('a' + roll(3)))),
                &limit);
            break;
        case 1:
            if (!w.waiting.empty() && roll(3) == 0) {
                const auto gone = std::next(w.waiting.begin(), roll(static_cast<unsigned>(w.waiting.size())));
                w.book.stopWaiting(w.line, gone->second.first, gone->second.second);
                w.book.leave(gone->second.second);
                w.waiting.erase(gone);
            }
            break;
        case 2:
            if (!w.inHand.empty()) {
                --models[channelOf(w.inHand.front())].inHand;
                w.finish();
            }
            break;
        case 3: w.pass(milliseconds(roll(300))); break;
        }
        while (!w.line.isEmpty() && !QTest::currentTestFailed())
            takeOne();
        for (const auto& [id, entry] : w.waiting) {
            const std::string channel = channelOf(entry.second);
            QVERIFY2(!hasToken(channel) || models[channel].inHand >= limit.concurrency,
                "waits while there is room");
        }
        QCOMPARE(w.line.size(), w.waiting.size());
        QCOMPARE(w.book.held(), w.waiting.size());
    }
}

QTEST_APPLESS_MAIN(LimitBookTest)
#include "tst_limit_book.moc"
