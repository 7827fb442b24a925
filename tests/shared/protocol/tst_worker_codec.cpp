// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/order_codec.h"
#include "shared/protocol/worker_codec.h"
#include "tests/shared/support/documents.h"
#include "tests/shared/support/journal.h"

#include <QTest>

using namespace gantry;
using namespace gantry::test;
using std::chrono::milliseconds;

/// What a worker says is understood as it was meant, or refused as a whole; a task holds what the worker needs.
class TestWorkerCodec : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void messagesComeBack()
    {
        const std::vector<WorkerMessage> messages{
            WorkerHello{1, "pay-7 \"é\"", {"payment.authorize", "payment.capture"}, 64}, WorkerResults{},
            WorkerResults{{{"t1", TaskCompletion{"{\"a\":[1,{\"b\":\"\\\"é\"}]}"}}, {"t2", TaskCompletion{}},
                {"t3", TaskFailure{"card_declined", "No \\ money", true, std::nullopt}},
                {"t4", TaskFailure{"busy", "", false, milliseconds(1'500)}}, {"t5", TaskExtension{}}}},
            WorkerHeartbeat{}, WorkerGoodbye{}};
        for (const WorkerMessage& message : messages) {
            const auto read = decodeWorkerMessage(m_parser, encodeWorkerMessage(message));
            QVERIFY2(read, read ? "" : read.error().message.c_str());
            QVERIFY(*read == message);
        }
    }

    void badMessageIsRefusedWhole_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QByteArray>("code");
        QTest::addColumn<QByteArray>("pointer");
        const auto row = [](const char* name, const QByteArray& json, const char* code, const char* pointer) {
            QTest::newRow(name) << json << QByteArray(code) << QByteArray(pointer);
        };
        const QByteArray hello = R"({"hello":{"protocol":1,"worker":"w","tasks":["a"],"credit":)";
        row("nothing", "{}", "missing_field", "");
        row("array", "[]", "wrong_type", "");
        row("unknown kind", R"({"hullo":{}})", "missing_field", "");
        row("two kinds", R"({"heartbeat":{},"goodbye":{}})", "unknown_field", "/goodbye");
        row("member of a heartbeat", R"({"heartbeat":{"x":1}})", "unknown_field", "/heartbeat/x");
        row("hello without worker", R"({"hello":{"protocol":1,"tasks":["a"]}})", "missing_field",
            "/hello/worker");
        row("worker without name", R"({"hello":{"protocol":1,"worker":"","tasks":["a"]}})", "invalid_value",
            "/hello/worker");
        row("no task", R"({"hello":{"protocol":1,"worker":"w","tasks":[]}})", "invalid_value",
            "/hello/tasks");
        row("task in upper case", R"({"hello":{"protocol":1,"worker":"w","tasks":["A"]}})", "invalid_value",
            "/hello/tasks");
        row("task of wrong type", R"({"hello":{"protocol":1,"worker":"w","tasks":[1]}})", "wrong_type",
            "/hello/tasks");
        row("65 tasks",
            R"({"hello":{"protocol":1,"worker":"w","tasks":[)" + QByteArray(R"("a",)").repeated(64)
                + R"("a"]}})",
            "invalid_value", "/hello/tasks");
        row("credit of 0", hello + "0}}", "invalid_value", "/hello/credit");
        row("credit of 1001", hello + "1001}}", "invalid_value", "/hello/credit");
        row("credit of 2^63", hello + "9223372036854775808}}", "amount_overflow", "/hello/credit");
        row("results of wrong type", R"({"results":{}})", "wrong_type", "/results");
        row("1001 results",
            R"({"results":[)" + QByteArray(R"({"token":"t","complete":{}},)").repeated(1000)
                + R"({"token":"t","complete":{}}]})",
            "invalid_value", "/results");
        row("result without token", R"({"results":[{"complete":{}}]})", "missing_field", "/results/0/token");
        row("long token", R"({"results":[{"token":")" + QByteArray(101, 't') + R"(","complete":{}}]})",
            "invalid_value", "/results/0/token");
        row("result without outcome", R"({"results":[{"token":"t"}]})", "missing_field", "/results/0");
        row("two outcomes", R"({"results":[{"token":"t","complete":{},"extend":{}}]})", "invalid_value",
            "/results/0");
        row("second result is wrong", R"({"results":[{"token":"t","complete":{}},{"token":"u","done":{}}]})",
            "missing_field", "/results/1");
        row("result of wrong type", R"({"results":[{"token":"t","complete":{"result":[]}}]})", "wrong_type",
            "/results/0/complete/result");
        row("long result",
            R"({"results":[{"token":"t","complete":{"result":{"a":")" + QByteArray(4000, 'x') + R"("}}}]})",
            "invalid_value", "/results/0/complete/result");
        row("failure without code", R"({"results":[{"token":"t","fail":{}}]})", "missing_field",
            "/results/0/fail/code");
        row("code with a space", R"({"results":[{"token":"t","fail":{"code":"no money"}}]})", "invalid_value",
            "/results/0/fail/code");
        row("retry in the past", R"({"results":[{"token":"t","fail":{"code":"a","retry_after_ms":-1}}]})",
            "invalid_value", "/results/0/fail/retry_after_ms");
        row("retry in a year",
            R"({"results":[{"token":"t","fail":{"code":"a","retry_after_ms":31536000000}}]})",
            "invalid_value", "/results/0/fail/retry_after_ms");
        row("fatal as a text", R"({"results":[{"token":"t","fail":{"code":"a","fatal":"yes"}}]})",
            "wrong_type", "/results/0/fail/fatal");
    }

    void badMessageIsRefusedWhole()
    {
        QFETCH(QByteArray, json);
        QFETCH(QByteArray, code);
        QFETCH(QByteArray, pointer);
        const auto read = decodeWorkerMessage(m_parser, json.toStdString());
        QVERIFY(!read);
        QCOMPARE(QByteArray::fromStdString(std::string(codeName(read.error().code))), code);
        QCOMPARE(QByteArray::fromStdString(read.error().fields.front().pointer), pointer);
    }

    void claimIsReadStrictly()
    {
        const auto claim = readClaim(json(R"({"worker":"w","tasks":["a","b.c_1"],"max":5,"wait_ms":200})"));
        QVERIFY(claim);
        QVERIFY((*claim == ClaimQuery{"w", {"a", "b.c_1"}, 5, milliseconds(200)}));
        QVERIFY((readClaim(json(R"({"worker":"w","tasks":["a"]})")).value()
            == ClaimQuery{"w", {"a"}, 1, milliseconds(0)}));
        for (const char* wrong : {R"({"worker":"w","tasks":["a"],"max":0})",
                 R"({"worker":"w","tasks":["a"],"max":1001})", R"({"worker":"w","tasks":["a"],"wait_ms":-1})",
                 R"({"worker":"w","tasks":["a"],"wait_ms":30001})", R"({"worker":"w","tasks":["a"],"x":1})",
                 R"({"tasks":["a"]})", R"({"worker":"w"})", "[]"})
            QVERIFY2(!readClaim(json(wrong)), wrong);
    }

    void bodiesAreReadAsOverZeroMq()
    {
        QCOMPARE(readCompletion(json(R"({"result":{"id": 7}})")).value().result, std::string(R"({"id":7})"));
        QCOMPARE(readCompletion(json("{}")).value().result, std::string());
        QVERIFY((readFailure(json(R"({"code":"x","message":"m","fatal":true,"retry_after_ms":9})")).value()
            == TaskFailure{"x", "m", true, milliseconds(9)}));
        QVERIFY(readExtension(json("{}")));
        QVERIFY(!readCompletion(json(R"({"results":{}})")));
        QVERIFY(!readFailure(json("{}")));
        QVERIFY(!readExtension(json(R"({"ms":1})")));
    }

    void taskHoldsTheWholeOrder()
    {
        Journal journal;
        journal.submit();
        const OrderId id = OrderId::make(fromMillis(1'770'000'000'000), 7, {1, 2});
        Order order{.id = id};
        for (const Event& event : journal.events())
            order = apply(std::move(order), event);
        const OrderDocument document = sampleDocument();
        const WorkerTask task{.token = "tok",
            .task = std::make_shared<const std::string>("payment.authorize"),
            .idempotencyKey = id.text() + "/check",
            .order = std::make_shared<const Order>(order),
            .document = std::make_shared<const std::string>(encodeDocument(document)),
            .leaseUntil = fromMillis(1'770'000'030'250),
            .lease = milliseconds(30'000)};
        JsonWriter written;
        writeTask(written, task);
        JsonWriter whole;
        writeOrder(whole, document, order);
        QCOMPARE(written.text(),
            R"({"token":"tok","task":"payment.authorize","order_id":")" + id.text()
                + R"(","step":"check","attempt":1,"idempotency_key":")" + id.text()
                + R"(/check","lease_until":"2026-02-02T02:40:30.250Z","lease_ms":30000,"order":)"
                + whole.text() + "}");
    }

    void whatTheDaemonSaysIsAsDocumented()
    {
        QCOMPARE(encodeWelcome({1, "gantryd 1", "ann", 64, milliseconds(1'000), milliseconds(5'000)}),
            std::string(R"({"welcome":{"protocol":1,"server":"gantryd 1","principal":"ann","credit":64,)"
                        R"("heartbeat_ms":1000,"silence_ms":5000}})"));
        const std::vector<ResultAnswer> answers{{.token = "a"},
            {.token = "b", .leaseUntil = fromMillis(1'770'000'030'250), .lease = milliseconds(30'000)},
            {.token = "c", .problem = Error{ErrorCode::StaleToken, "Late."}}};
        const std::string text = encodeAnswers(answers);
        QVERIFY(text.starts_with(
            R"({"answers":[{"token":"a","ok":true},{"token":"b","ok":true,"lease_until":"2026-02-02T02:40:30.250Z","lease_ms":30000},)"
            R"({"token":"c","problem":{"type":"/problems/stale_token")"));
        QCOMPARE(encodeWorkerHeartbeat(fromMillis(0)),
            std::string(R"({"heartbeat":{"at":"1970-01-01T00:00:00.000Z"}})"));
        QCOMPARE(encodeGoodbye("stopping"), std::string(R"({"goodbye":{"reason":"stopping"}})"));
        QVERIFY(encodeWorkerProblem({ErrorCode::Busy, "x"}).starts_with(R"({"problem":{"type")"));
    }

private:
    simdjson::dom::element json(std::string_view text) { return m_parser.parse(text).value(); }

    JsonParser m_parser;
};

QTEST_GUILESS_MAIN(TestWorkerCodec)
#include "tst_worker_codec.moc"
