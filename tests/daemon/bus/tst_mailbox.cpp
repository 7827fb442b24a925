// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/demand.h"
#include "daemon/bus/event_encoder.h"
#include "daemon/bus/mailbox.h"
#include "daemon/bus/reading_room.h"
#include "shared/protocol/bus_codec.h"
#include "tests/support/bus/order_source.h"

#include <QTest>
#include <future>
#include <poll.h>
#include <thread>

using namespace gantry;
using namespace gantry::bus;
using gantry::test::OrderSource;

/// The parts between other threads and the bus thread, without sockets.
class TestMailbox : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void gathersInOrderAndRingsOnce()
    {
        Mailbox mailbox(1'000, std::make_shared<BusMeters>());
        QVERIFY(!isRung(mailbox));
        OrderSource source(1);
        mailbox.post(source.commit(3));
        mailbox.post(Answer{.peer = "p", .number = "12345678", .head = "{}"});
        mailbox.post(source.commit(3));
        QVERIFY(isRung(mailbox));
        Mailbox::Contents contents;
        mailbox.take(contents);
        QCOMPARE(contents.batches.size(), 2U);
        QCOMPARE(contents.batches.front()->events.front().sequence, 1U);
        QCOMPARE(contents.answers.size(), 1U);
        QVERIFY(!contents.isClosed);
        QVERIFY(!isRung(mailbox));
        mailbox.take(contents);
        QVERIFY(contents.batches.empty() && contents.answers.empty());
    }

    void dropsWhatIsQueuedWhenTheBusThreadLags()
    {
        auto meters = std::make_shared<BusMeters>();
        Mailbox mailbox(100, meters);
        OrderSource source(1);
        std::size_t told = 0;
        for (int i = 0; i < 50; ++i) {
            auto batch = source.commit(10);
            told += batch->events.size();
            mailbox.post(std::move(batch));
        }
        Mailbox::Contents contents;
        mailbox.take(contents);
        std::size_t kept = 0;
        for (const Batch& batch : contents.batches)
            kept += batch->events.size();
        QVERIFY(kept <= 120);
        QCOMPARE(kept + meters->droppedEvents, told);
        QCOMPARE(contents.batches.back()->events.back().sequence, source.position().sequence);
        mailbox.post(source.commit(500)); // longer than the bound: taken when it is alone
        mailbox.take(contents);
        QCOMPARE(contents.batches.size(), 1U);
    }

    void takesNothingAfterItsEnd()
    {
        Mailbox mailbox(100, std::make_shared<BusMeters>());
        mailbox.close();
        OrderSource source(1);
        mailbox.post(source.commit(1));
        mailbox.post(Answer{.peer = "p", .number = "12345678", .head = "{}"});
        Mailbox::Contents contents;
        mailbox.take(contents);
        QVERIFY(contents.isClosed);
        QVERIFY(contents.batches.empty() && contents.answers.empty());
    }

    void noPostIsMissedUnderManyThreads()
    {
        Mailbox mailbox(100, std::make_shared<BusMeters>());
        constexpr int senders = 4;
        constexpr int each = 5'000;
        std::vector<std::thread> threads;
        for (int i = 0; i < senders; ++i)
            threads.emplace_back([&mailbox] {
                for (int k = 0; k < each; ++k)
                    mailbox.post(Answer{.peer = "p", .number = "12345678", .head = "{}"});
            });
        std::size_t taken = 0;
        Mailbox::Contents contents;
        while (taken < static_cast<std::size_t>(senders * each)) {
            pollfd ready{mailbox.descriptor(), POLLIN, 0};
            if (::poll(&ready, 1, 10'000) != 1)
                break; // a post without a ring
            mailbox.take(contents);
            taken += contents.answers.size();
        }
        for (std::thread& thread : threads)
            thread.join();
        QCOMPARE(taken, static_cast<std::size_t>(senders * each));
    }

    void encoderJoinsBatchesAndSplitsAtTheLimit()
    {
        OrderSource source(1);
        JsonParser parser;
        std::uint64_t expected = 1;
        std::size_t messages = 0;
        EventEncoder encoder([&](std::uint32_t partition, std::string_view json, std::size_t events) {
            const auto message = decodeEventMessage(parser, json);
            QVERIFY2(message, message ? "" : message.error().message.c_str());
            QCOMPARE(partition, 0U);
            QCOMPARE(message->first, expected);
            QCOMPARE(message->events.size(), events);
            QVERIFY(json.size() < eventMessageBytes + 16 * 1024);
            expected = message->last + 1;
            ++messages;
        });
        for (int i = 0; i < 10; ++i)
            encoder.add(*source.commit(3));
        encoder.flush();
        QCOMPARE(messages, 1U);
        encoder.add(*source.commit(5'000));
        encoder.flush();
        encoder.flush();
        QVERIFY(messages > 3);
        QCOMPARE(expected, source.position().sequence + 1);
    }

    void encoderNeverJoinsAcrossAGapOrAnEpoch()
    {
        OrderSource source(1);
        JsonParser parser;
        std::vector<std::pair<std::uint64_t, std::uint64_t>> seen; // epoch, first
        EventEncoder encoder([&](std::uint32_t, std::string_view json, std::size_t) {
            const auto message = decodeEventMessage(parser, json);
            QVERIFY(message);
            seen.emplace_back(message->epoch, message->first);
        });
        const auto first = source.commit(3);
        source.commit(3);
        const auto third = source.commit(3);
        source.beginEpoch();
        const auto fourth = source.commit(3);
        for (const auto& batch : {first, third, fourth})
            encoder.add(*batch);
        encoder.flush();
        const std::vector<std::pair<std::uint64_t, std::uint64_t>> expected{
            {1, first->events.front().sequence}, {1, third->events.front().sequence},
            {2, fourth->events.front().sequence}};
        QCOMPARE(seen, expected);
    }

    void demandFollowsSubscriptions()
    {
        Demand demand;
        QVERIFY(!demand.isFor("events.0"));
        QVERIFY(!demand.note("\1events.1"));
        QVERIFY(!demand.isFor("events.0"));
        QVERIFY(demand.isFor("events.1"));
        QVERIFY(demand.isFor("events.10")); // a topic is meant by its beginning
        QVERIFY(demand.note("\1heart"));
        QVERIFY(demand.note("\1")); // everything
        QVERIFY(demand.isFor("events.0"));
        demand.note(std::string_view("\0", 1));
        QVERIFY(!demand.isFor("events.0"));
        QVERIFY(!demand.note(""));
        QVERIFY(!demand.note("garbage"));
        for (int i = 0; i < 1'000; ++i)
            demand.note("\1events." + std::to_string(1'000 + i));
        QVERIFY(demand.isFor("events.7")); // more than it keeps: better too much than too little
    }

    void readingRoomIsBounded()
    {
        ReadingRoom room(2);
        std::promise<void> gate;
        std::promise<void> entered;
        QVERIFY(room.post([&] {
            entered.set_value();
            gate.get_future().wait();
        }));
        entered.get_future().wait();
        std::atomic<int> done{0};
        QVERIFY(room.post([&] { ++done; }));
        QVERIFY(room.post([&] { ++done; }));
        QVERIFY(!room.post([&] { ++done; }));
        gate.set_value();
        QTRY_COMPARE(done.load(), 2);
        room.close();
        QVERIFY(!room.post([&] { ++done; }));
    }

private:
    static bool isRung(const Mailbox& mailbox)
    {
        pollfd ready{mailbox.descriptor(), POLLIN, 0};
        return ::poll(&ready, 1, 0) == 1;
    }
};

QTEST_GUILESS_MAIN(TestMailbox)
#include "tst_mailbox.moc"
