// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/order_api.h"

#include "shared/protocol/problem.h"
#include "tests/console/support/manual_clock.h"
#include "tests/console/support/order_generator.h"

#include <QtTest>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using namespace Qt::StringLiterals;

class TestOrderApi : public QObject {
    Q_OBJECT

    ManualClock m_clock{testNow};

private Q_SLOTS:
    void callsAreThoseOfTheContract()
    {
        FakeDaemon daemon(m_clock, 1);
        OrderGenerator generator(1);
        const OrderId id = daemon.submit(generator.document(testNow), testNow);
        QCOMPARE(getOrderCall(id).target, "/v1/orders/" + id.text());
        QCOMPARE(getEventsCall(id, 7).target, "/v1/orders/" + id.text() + "/events?limit=200&after=7");
        QCOMPARE(getStatsCall().target, std::string("/v1/stats"));
        QCOMPARE(listOrdersCall({.state = OrderState::Canceled, .text = "a b&ü", .cursor = "c1.x"}).target,
            std::string("/v1/orders?state=canceled&limit=200&q=a%20b%26%C3%BC&cursor=c1.x"));
    }

    void anActionCarriesVersionKeyAndReason()
    {
        const ApiCall call = actionCall({.order = OrderId(),
            .version = 7,
            .action = Action::Hold,
            .step = "pay",
            .reason = "say \"why\"",
            .expiresAt = testNow,
            .key = "k1"});
        QCOMPARE(call.method, std::string("POST"));
        const std::string body = "{\"action\":\"hold\",\"reason\":\"say \\\"why\\\"\",\"step\":\"pay\","
                                 "\"expires_at\":\"2026-03-02T10:15:30.000Z\"}";
        QCOMPARE(call.body, body);
        const std::vector<std::pair<std::string, std::string>> headers{
            {"if-match", "\"7\""}, {"idempotency-key", "k1"}, {"content-type", "application/json"}};
        QCOMPARE(call.headers, headers);
    }

    void aWholeOrderComesBackEqual()
    {
        FakeDaemon daemon(m_clock, 2);
        OrderGenerator generator(2);
        generator.fill(daemon, 200, testNow);
        for (const OrderId& id : daemon.openIds()) {
            const auto details = readDetails(daemon.answer(getOrderCall(id), "ann", Role::Admin));
            QVERIFY2(details, details ? "" : details.error().message.c_str());
            QVERIFY(details->order == daemon.order(id));
            const auto events = readEvents(daemon.answer(getEventsCall(id, 0), "ann", Role::Admin));
            QVERIFY(events);
            QCOMPARE(events->size(), daemon.events(id).size());
            QCOMPARE(events->back().version, daemon.order(id).version);
        }
    }

    void pagesFollowEachOtherToTheEnd()
    {
        FakeDaemon daemon(m_clock, 3);
        OrderGenerator generator(3);
        generator.fill(daemon, 1200, testNow);
        OrderQuery query{.state = OrderState::Completed};
        std::set<OrderId> ids;
        do {
            const auto page = readPage(daemon.answer(listOrdersCall(query), "ann", Role::Admin));
            QVERIFY(page);
            for (const auto& order : page->orders)
                QVERIFY(ids.insert(order->id).second);
            query.cursor = page->nextCursor;
        } while (!query.cursor.empty());
        QVERIFY(ids.size() > ordersPerPage);
    }

    void whatIsNoAnswerIsCorrupt()
    {
        QCOMPARE(readDetails({200, "[]"}).error().code, ErrorCode::Corrupt);
        QCOMPARE(readDetails({200, "{}"}).error().code, ErrorCode::Corrupt);
        QCOMPARE(readEvents({200, "{}"}).error().code, ErrorCode::Corrupt);
        QCOMPARE(readPage({200, "{"}).error().code, ErrorCode::MalformedJson);
        const std::string incomplete = "{\"items\":[{\"version\":1}]}";
        QVERIFY(!readEvents({200, incomplete}));
    }

    void everyFailureHasWordsAndSaysWhetherItMayBeRepeated()
    {
        for (int code = 0; code <= static_cast<int>(ErrorCode::Internal); ++code) {
            const Error error{static_cast<ErrorCode>(code), "The daemon's words."};
            QVERIFY(explainFailure(error).size() > 20);
            const auto refusal = refusalIn({httpStatus(error.code), encodeProblem(error)});
            QVERIFY(refusal);
            QCOMPARE(refusal->code, error.code);
        }
        QVERIFY(!refusalIn({201, {}}));
        QVERIFY(
            explainFailure({ErrorCode::VersionMismatch, {}}).contains(u"changed while you were deciding"_s));
        QVERIFY(explainFailure({ErrorCode::Unavailable, {}}).contains(u"not known whether"_s));
        QVERIFY(mayRepeat({ErrorCode::Unavailable, {}}));
        QVERIFY(!mayRepeat({ErrorCode::VersionMismatch, {}}));
    }
};

QTEST_GUILESS_MAIN(TestOrderApi)
#include "tst_order_api.moc"
