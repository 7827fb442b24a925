// SPDX-License-Identifier: GPL-3.0-or-later
// One key, however many connections it comes from at once, does a thing once; and the key is there when the order is.
#include "daemon/store/sqlite/connection.h"
#include "daemon/store/sqlite/statement.h"
#include "tests/support/daemon_process.h"
#include "tests/support/http_client.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

#include <atomic>
#include <latch>
#include <map>
#include <set>
#include <thread>

using namespace gantry;
using namespace gantry::test;

namespace {

constexpr std::size_t connections = 64;

std::string orderBody(const std::string& externalId, int quantity = 1)
{
    return R"({"channel":"web","external_id":")" + externalId
        + R"(","currency":"EUR","lines":[{"sku":"MUG-1","quantity":)" + std::to_string(quantity)
        + R"(,"unit_price":500}],"total":)" + std::to_string(500 * quantity) + '}';
}

QJsonObject parsed(const std::string& body)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(body)).object();
}

} // namespace

class TestIdempotency : public QObject {
    Q_OBJECT

private:
    /// One request; its body by the number of its connection.
    struct Request {
        std::string method;
        std::string target;
        std::string key;
        std::function<std::string(std::size_t)> body;
    };

    /// Sends it from all connections at once; gives the answers, by connection. A connection that was cut has status 0.
    std::vector<HttpAnswer> fromAll(const Request& request, std::size_t count = connections)
    {
        std::vector<HttpAnswer> answers(count);
        std::vector<std::thread> threads;
        std::latch ready(static_cast<std::ptrdiff_t>(count));
        for (std::size_t i = 0; i < count; ++i)
            threads.emplace_back([&, i] {
                HttpClient client("127.0.0.1", m_daemon->httpPort());
                static_cast<void>(client.connect());
                ready.arrive_and_wait();
                if (auto answer =
                        client.request(request.method, request.target, headers(request.key), request.body(i)))
                    answers[i] = std::move(*answer);
            });
        for (std::thread& thread : threads)
            thread.join();
        return answers;
    }

    [[nodiscard]] HttpHeaders headers(const std::string& key) const
    {
        HttpHeaders headers{
            {"Authorization", "Bearer " + m_daemon->key()}, {"Content-Type", "application/json"}};
        if (!key.empty())
            headers.emplace_back("Idempotency-Key", '"' + key + '"');
        return headers;
    }

    HttpAnswer ask(const std::string& method, const std::string& target, const std::string& body = {},
        const std::string& key = {})
    {
        HttpClient client("127.0.0.1", m_daemon->httpPort());
        auto answer = client.request(method, target, headers(key), body);
        return answer ? std::move(*answer) : HttpAnswer{};
    }

    /// How often each status came.
    static std::map<int, std::size_t> statuses(const std::vector<HttpAnswer>& answers)
    {
        std::map<int, std::size_t> counts;
        for (const HttpAnswer& answer : answers)
            ++counts[answer.status];
        return counts;
    }

    std::size_t countOrders()
    {
        return static_cast<std::size_t>(
            parsed(ask("GET", "/v1/orders?limit=500").body)[QLatin1String("items")].toArray().size());
    }

    QTemporaryDir m_folder;
    std::optional<DaemonProcess> m_daemon;

private Q_SLOTS:
    void init()
    {
        const QString folder = m_folder.filePath(QLatin1String(QTest::currentTestFunction()));
        QVERIFY(QDir().mkpath(folder));
        auto daemon = DaemonProcess::start(folder.toStdString());
        QVERIFY2(daemon, daemon ? "" : daemon.error().message.c_str());
        m_daemon.emplace(std::move(*daemon));
    }
    void cleanup() { m_daemon.reset(); }

    void oneKeyMakesOneOrder()
    {
        const auto answers =
            fromAll({"POST", "/v1/orders", "one", [](std::size_t) { return orderBody("A-1"); }});
        QCOMPARE(statuses(answers), (std::map<int, std::size_t>{{200, connections - 1}, {201, 1}}));
        std::set<QString> ids;
        for (const HttpAnswer& answer : answers) {
            ids.insert(parsed(answer.body)[QLatin1String("id")].toString());
            QCOMPARE(answer.header("idempotency-replayed") == "true", answer.status == 200);
        }
        QCOMPARE(ids.size(), std::size_t(1));
        QCOMPARE(countOrders(), std::size_t(1));
    }

    // The same key with many bodies: one is done, all others are told that it was used.
    void oneKeyWithManyBodiesMakesOneOrder()
    {
        const auto answers = fromAll(
            {"POST", "/v1/orders", "one", [](std::size_t i) { return orderBody("A-" + std::to_string(i)); }});
        QCOMPARE(statuses(answers), (std::map<int, std::size_t>{{201, 1}, {422, connections - 1}}));
        for (const HttpAnswer& answer : answers)
            if (answer.status == 422)
                QCOMPARE(parsed(answer.body)[QLatin1String("code")].toString(),
                    QStringLiteral("idempotency_key_reused"));
        QCOMPARE(countOrders(), std::size_t(1));
    }

    void oneKeyMakesOneBatch()
    {
        constexpr std::size_t size = 10;
        std::string batch = R"({"orders":[)";
        for (std::size_t i = 0; i < size; ++i)
            batch += (i > 0 ? "," : "") + orderBody("B-" + std::to_string(i));
        batch += "]}";
        const auto answers =
            fromAll({"POST", "/v1/orders/batch", "batch", [&](std::size_t) { return batch; }});
        QCOMPARE(statuses(answers), (std::map<int, std::size_t>{{200, connections}}));
        std::vector<std::set<QString>> ids(size);
        std::vector<std::size_t> created(size);
        for (const HttpAnswer& answer : answers) {
            const QJsonArray results = parsed(answer.body)[QLatin1String("results")].toArray();
            QCOMPARE(results.size(), qsizetype(size));
            for (std::size_t i = 0; i < size; ++i) {
                const QJsonObject result = results[qsizetype(i)].toObject();
                ids[i].insert(result[QLatin1String("order")][QLatin1String("id")].toString());
                created[i] += result[QLatin1String("status")].toInt() == 201 ? 1 : 0;
            }
        }
        for (std::size_t i = 0; i < size; ++i) {
            QCOMPARE(ids[i].size(), std::size_t(1));
            QCOMPARE(created[i], std::size_t(1));
        }
        QCOMPARE(countOrders(), size);
    }

    void oneKeyActsOnce()
    {
        const std::string id = parsed(ask("POST", "/v1/orders", orderBody("C-1")).body)[QLatin1String("id")]
                                   .toString()
                                   .toStdString();
        const auto answers = fromAll({"POST", "/v1/orders/" + id + "/actions", "hold",
            [](std::size_t) { return R"({"action":"hold","reason":"The customer asked for it"})"; }});
        QCOMPARE(statuses(answers), (std::map<int, std::size_t>{{200, connections}}));
        std::size_t done = 0;
        for (const HttpAnswer& answer : answers)
            done += answer.header("idempotency-replayed") == "true" ? 0 : 1;
        QCOMPARE(done, std::size_t(1));
        const QJsonObject order = parsed(ask("GET", "/v1/orders/" + id).body);
        QCOMPARE(order[QLatin1String("holds")].toArray().size(), 1);
    }

    void oneKeyMovesStockOnce()
    {
        QCOMPARE(ask("PUT", "/v1/stock/MUG-1", R"({"on_hand":10})").status, 200);
        const auto answers = fromAll({"POST", "/v1/stock/MUG-1/movements", "delivery",
            [](std::size_t) { return R"({"kind":"received","change":5,"reason":"Delivery 7"})"; }});
        QCOMPARE(statuses(answers), (std::map<int, std::size_t>{{200, connections - 1}, {201, 1}}));
        QCOMPARE(parsed(ask("GET", "/v1/stock/MUG-1").body)[QLatin1String("on_hand")].toInt(), 15);
    }

    // Killed in the middle of it: an order has its key, and a key its order; repeating all makes up what is missing, once each.
    void keysAreThereWhenTheirOrdersAre()
    {
        constexpr std::size_t perConnection = 200;
        constexpr std::size_t enough = 300;
        constexpr std::size_t senders = 8;
        const auto keyOf = [](std::size_t sender, std::size_t i) {
            return std::to_string(sender) + '-' + std::to_string(i);
        };
        std::atomic<std::size_t> acknowledged{0};
        std::vector<std::size_t> told(senders); // by sender: its first so many were answered
        std::vector<std::thread> threads;
        for (std::size_t sender = 0; sender < senders; ++sender)
            threads.emplace_back([&, sender] {
                HttpClient client("127.0.0.1", m_daemon->httpPort());
                for (std::size_t i = 0; i < perConnection; ++i) {
                    const std::string key = keyOf(sender, i);
                    const auto answer = client.request("POST", "/v1/orders", headers(key), orderBody(key));
                    if (!answer || answer->status != 201)
                        return;
                    ++told[sender];
                    acknowledged.fetch_add(1);
                    acknowledged.notify_all();
                }
            });
        for (std::size_t now = acknowledged; now < enough; now = acknowledged)
            acknowledged.wait(now);
        m_daemon->process().kill();
        for (std::thread& thread : threads)
            thread.join();
        checkKeys();
        const auto restarted = m_daemon->restart();
        QVERIFY2(restarted, restarted ? "" : restarted.error().message.c_str());
        for (std::size_t sender = 0; sender < senders; ++sender)
            for (std::size_t i = 0; i < perConnection; ++i) {
                const std::string key = keyOf(sender, i);
                const HttpAnswer answer = ask("POST", "/v1/orders", orderBody(key), key);
                QVERIFY2(answer.status == 200 || (answer.status == 201 && i >= told[sender]),
                    qPrintable(
                        QStringLiteral("an acknowledged order was made again: %1").arg(answer.status)));
                const HttpAnswer other = ask("POST", "/v1/orders", orderBody(key, 2), key);
                QCOMPARE(other.status, 422);
                if (i > told[sender] + 2)
                    break; // the rest never got to the daemon
            }
        QCOMPARE(m_daemon->process().terminate(), 0);
        checkKeys();
    }

private:
    /// Every order has the key that it came with, and every key its order.
    void checkKeys()
    {
        const auto connection =
            store::Connection::open(m_daemon->dataDir() + "/gantry.db", store::Access::Reader);
        QVERIFY2(connection, connection ? "" : connection.error().message.c_str());
        const auto count = [&](const char* sql) { return QString::fromStdString((*connection)->ask(sql)); };
        QVERIFY(count("SELECT count(*) FROM order_document").toInt() > 0);
        QCOMPARE(
            count("SELECT count(*) FROM order_document WHERE id NOT IN (SELECT order_id FROM idempotency)"),
            QStringLiteral("0"));
        QCOMPARE(
            count("SELECT count(*) FROM idempotency WHERE order_id NOT IN (SELECT id FROM order_document)"),
            QStringLiteral("0"));
        QVERIFY((*connection)->check("counting keys"));
    }
};

QTEST_GUILESS_MAIN(TestIdempotency)
#include "tst_idempotency.moc"
