// SPDX-License-Identifier: GPL-3.0-or-later
// The books of a whole daemon against those of the payment service: after charges, refusals, silence, garbage, cancellations and a kill, both tell
// the same of every order. And what sets them right: corrections, and the verification that finds what is wrong.
#include "tests/faults/order_flow.h"

#include <QFile>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::test;
using namespace Qt::StringLiterals;

namespace {

constexpr int orders = 150;

} // namespace

class MoneyBooksTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        startPayments();
        auto daemon = DaemonProcess::start(m_data.path().toStdString(),
            "[payment]\nurl = \"http://127.0.0.1:" + std::to_string(m_paymentPort) + "\"\n");
        QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
        m_daemon = std::make_unique<DaemonProcess>(std::move(*daemon));
        m_api = std::make_unique<ApiCaller>(*m_daemon);
    }

    void booksAreThoseOfThePaymentService()
    {
        for (int first = 0; first < orders; first += 50)
            QVERIFY(m_api->post("/v1/orders/batch", batchBody(first, 50)).has_value());
        // Cancels every third, wherever it is: on its way to the service, waiting for the next attempt, paid.
        int number = 0;
        const auto census = takeCensus(*m_api);
        QVERIFY(census.has_value());
        for (const auto& [externalId, id] : census->ids)
            if (number++ % 3 == 0)
                act(id, "cancel");
        QVERIFY(m_daemon->restart().has_value());
        m_api = std::make_unique<ApiCaller>(*m_daemon);
        settle();
        compareWithLedger();
        QVERIFY2(m_refunded > 0 && m_captured > m_refunded, "charges and refunds must have happened");
    }

    void verificationFindsNothing()
    {
        const QJsonObject done = verify();
        QCOMPARE(done[u"state"_s].toString(), u"done"_s);
        QCOMPARE(done[u"findings_total"_s].toInt(), 0);
        QCOMPARE(done[u"orders"_s].toInt(), orders);
        QVERIFY(done[u"events"_s].toInt() > 3 * orders);
        QCOMPARE(status("GET", "/v1/verifications/ver_none"), 404);
        QCOMPARE(status("POST", "/v1/verifications", R"({"deep":true})"), 422);
    }

    void correctionsAreEntries()
    {
        const std::string id = anyPaidAndOpen();
        const QJsonObject before = m_api->get("/v1/orders/" + id).value();
        const int version = before[u"version"_s].toInt();
        const int captured = moneyOf(before, u"captured"_s);
        const std::string target = "/v1/orders/" + id + "/money/corrections";
        const std::string body = R"({"captured":-100,"reason":"counted twice"})";
        const std::string stale = '"' + std::to_string(version - 1) + '"';
        const std::string present = '"' + std::to_string(version) + '"';
        QCOMPARE(status("POST", target, body, {{"If-Match", stale}}), 412);
        QCOMPARE(status("POST", target, R"({"captured":1,"reason":"more than authorized"})"), 422);
        QCOMPARE(status("POST", target, R"({"captured":1.5,"reason":"r"})"), 422);
        QCOMPARE(status("POST", target, R"({"captured":-1})"), 422);
        QCOMPARE(status("POST", target, R"({"reason":"nothing"})"), 422);
        const HttpHeaders keyed{{"If-Match", present}, {"Idempotency-Key", "\"fix-1\""}};
        QCOMPARE(status("POST", target, body, keyed), 200);
        QCOMPARE(status("POST", target, body, keyed), 200); // the same again is the same entry
        const QJsonObject after = m_api->get("/v1/orders/" + id).value();
        QCOMPARE(after[u"version"_s].toInt(), version + 1);
        QCOMPARE(moneyOf(after, u"captured"_s), captured - 100);
        const QJsonArray events = m_api->get("/v1/orders/" + id + "/events").value()[u"items"_s].toArray();
        const QJsonObject last = events.last().toObject();
        QCOMPARE(last[u"type"_s].toString(), u"money_corrected"_s);
        QCOMPARE(last[u"actor"_s].toString(), u"admin"_s);
        QCOMPARE(last[u"data"_s][u"money"_s][u"captured"_s].toInt(), -100);
        QCOMPARE(last[u"data"_s][u"reason"_s].toString(), u"counted twice"_s);
    }

    void endedOrdersCanBeCorrected()
    {
        const QJsonObject list = m_api->get("/v1/orders?state=canceled&limit=1").value();
        const std::string id = list[u"items"_s][0][u"id"_s].toString().toStdString();
        QCOMPARE(status("POST", "/v1/orders/" + id + "/money/corrections",
                     R"({"authorized":500,"captured":500,"reason":"a fee"})"),
            200);
        const QJsonObject order = m_api->get("/v1/orders/" + id).value();
        QCOMPARE(order[u"state"_s].toString(), u"canceled"_s);
        QVERIFY(moneyOf(order, u"captured"_s) >= 500);
        QVERIFY(m_daemon->restart().has_value());
        m_api = std::make_unique<ApiCaller>(*m_daemon);
        QCOMPARE(m_api->get("/v1/orders/" + id).value()[u"money"_s], order[u"money"_s]);
        QCOMPARE(verify()[u"findings_total"_s].toInt(), 0);
    }

private:
    void startPayments()
    {
        const std::string ready = m_data.filePath(u"payments.addr"_s).toStdString();
        auto payments = ChildProcess::start(programFolder() + "/payment-standin",
            {"--listen", "127.0.0.1:0", "--address-file", ready, "--error", "0.2", "--declined", "0.1",
                "--garbage", "0.2", "--latency-ms", "5"},
            ready);
        QVERIFY2(payments.has_value(), payments ? "" : payments.error().message.c_str());
        m_payments = std::make_unique<ChildProcess>(std::move(*payments));
        QFile file(QString::fromStdString(ready));
        QVERIFY(file.open(QIODevice::ReadOnly));
        m_paymentPort =
            QJsonDocument::fromJson(file.readAll())[u"http"_s].toString().section(u':', -1).toUShort();
    }

    int status(const std::string& method, const std::string& target, const std::string& body = {},
        HttpHeaders headers = {})
    {
        headers.emplace_back("Authorization", "Bearer " + m_daemon->key());
        if (!body.empty())
            headers.emplace_back("Content-Type", "application/json");
        const auto answer = m_api->client().request(method, target, headers, body);
        return answer ? answer->status : 0;
    }

    void act(const std::string& id, const std::string& action)
    {
        const int code = status("POST", "/v1/orders/" + id + "/actions",
            R"({"action":")" + action + R"(","reason":"as the test will have it"})");
        QVERIFY2(code == 200 || code == 409, std::to_string(code).c_str());
    }

    QJsonArray inState(const char* state)
    {
        const auto page = m_api->get(std::string("/v1/orders?limit=500&state=") + state);
        return page ? page->value(u"items"_s).toArray() : QJsonArray();
    }

    /// Cancels what has failed and retries what could not be undone, until every order is paid or canceled: then nothing is unknown any more.
    void settle()
    {
        const auto isQuiet = [this] {
            for (const auto& order : inState("failed"))
                act(order[u"id"_s].toString().toStdString(), "cancel");
            for (const auto& order : inState("compensation_failed"))
                act(order[u"id"_s].toString().toStdString(), "retry");
            for (const char* state : {"received", "running", "failed", "compensating", "compensation_failed"})
                if (!inState(state).isEmpty())
                    return false;
            for (const auto& order : inState("waiting"))
                if (order[u"step"_s].toString() != u"pick")
                    return false;
            return true;
        };
        QTRY_VERIFY_WITH_TIMEOUT(isQuiet(), 120'000);
    }

    void compareWithLedger()
    {
        HttpClient service("127.0.0.1", m_paymentPort);
        const auto census = takeCensus(*m_api);
        QVERIFY(census.has_value());
        QCOMPARE(census->ids.size(), std::size_t{orders});
        for (const auto& [externalId, id] : census->ids) {
            const QJsonObject order = m_api->get("/v1/orders/" + id).value_or(QJsonObject());
            const auto answer = service.request("GET", "/ledger/" + id);
            QVERIFY(answer.has_value());
            const QJsonDocument entry = QJsonDocument::fromJson(QByteArray::fromStdString(answer->body));
            const std::string story = id + ": " + QJsonDocument(order).toJson().toStdString() + answer->body;
            QVERIFY2(moneyOf(order, u"captured"_s) == entry[u"captured"_s].toInt(), story.c_str());
            QVERIFY2(moneyOf(order, u"refunded"_s) == entry[u"refunded"_s].toInt(), story.c_str());
            QVERIFY2(moneyOf(order, u"authorized"_s) == entry[u"captured"_s].toInt(), story.c_str());
            m_captured += entry[u"captured"_s].toInt();
            m_refunded += entry[u"refunded"_s].toInt();
        }
    }

    static int moneyOf(const QJsonObject& order, const QString& name)
    {
        return order[u"money"_s][name].toInt(-1);
    }

    std::string anyPaidAndOpen()
    {
        for (const auto& order : inState("waiting"))
            if (order[u"money"_s][u"captured"_s].toInt() > 100)
                return order[u"id"_s].toString().toStdString();
        return {};
    }

    /// Runs a verification to its end and gives what it says.
    QJsonObject verify()
    {
        const auto begun = m_api->post("/v1/verifications", "{}");
        const std::string id = begun ? begun->value(u"id"_s).toString().toStdString() : std::string();
        QJsonObject told;
        const auto isOver = [&] {
            told = m_api->get("/v1/verifications/" + id).value_or(QJsonObject());
            return told[u"state"_s].toString() != u"running";
        };
        [&] { QTRY_VERIFY_WITH_TIMEOUT(isOver(), 30'000); }();
        return told;
    }

    QTemporaryDir m_data;
    std::unique_ptr<ChildProcess> m_payments;
    std::uint16_t m_paymentPort = 0;
    std::unique_ptr<DaemonProcess> m_daemon;
    std::unique_ptr<ApiCaller> m_api;
    long long m_captured = 0;
    long long m_refunded = 0;
};

QTEST_GUILESS_MAIN(MoneyBooksTest)
#include "tst_money_books.moc"
