// SPDX-License-Identifier: GPL-3.0-or-later
// Moving open orders to another version of their workflow over HTTP, on a whole daemon: what the plan says is what is done.
#include "daemon/app/daemon.h"
#include "shared/protocol/json_writer.h"
#include "tests/support/http_client.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;

namespace {

const char* const validateStep =
    "[[step]]\nname = \"validate\"\nkind = \"builtin\"\nhandler = \"validate\"\n";
const char* const packStep =
    "[[step]]\nname = \"pack\"\nkind = \"worker\"\nhandler = \"pack\"\ncompensation = \"none\"\n";

/// validate, look (for orders from 10.00 on), pack.
std::string firstVersion()
{
    return std::string("name = \"mine\"\nversion = 1\n") + validateStep
        + "[[step]]\nname = \"look\"\nkind = \"manual\"\nrole = \"support\"\nwhen = 'total >= 1000'\n"
        + packStep;
}

/// The same with `view` for `look`, and weigh (for orders from 50.00 on) before pack.
std::string secondVersion()
{
    return std::string("name = \"mine\"\nversion = 2\n") + validateStep
        + "[[step]]\nname = \"view\"\nkind = \"manual\"\nrole = \"support\"\n"
          "[[step]]\nname = \"weigh\"\nkind = \"manual\"\nrole = \"warehouse\"\nwhen = 'total >= 5000'\n"
        + packStep;
}

QJsonObject parse(const std::string& text)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
}

std::string textOf(const QJsonValue& value)
{
    return value.toString().toStdString();
}

} // namespace

class MigrationApiTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        start();
        for (const std::string& source : {firstVersion(), secondVersion()}) {
            JsonWriter json;
            json.beginObject().member("source", source).endObject();
            const auto stored = send("POST", "/v1/workflows", json.take());
            QVERIFY2(stored.status == 201, stored.body.c_str());
        }
        QCOMPARE(send("POST", "/v1/workflows/mine/1/activate", R"({"channels":["web"]})").status, 200);
    }
    void cleanup()
    {
        m_daemon.reset();
        m_folder.reset();
    }

    void whatThePlanSaysIsWhatIsDone()
    {
        submit("other", "elsewhere", 100); // on another workflow
        const std::string small = submit("web", "small", 500); // at pack
        const std::string large = submit("web", "large", 2000); // at look
        const std::string heavy = submit("web", "heavy", 6000); // at pack, once it was looked at
        complete(heavy);
        for (const int limit : {1, 2, 500}) {
            const QJsonArray plan = planned("&map=look:view&limit=" + std::to_string(limit));
            QCOMPARE(plan.size(), 3);
        }
        const QJsonArray plan = planned("&map=look:view");
        const QJsonObject atPack = itemOf(plan, small);
        QCOMPARE(atPack[QLatin1String("step")].toString(), QStringLiteral("pack"));
        QCOMPARE(atPack[QLatin1String("attempt")].toString(), QStringLiteral("kept"));
        QCOMPARE(atPack[QLatin1String("skipped_steps")].toArray(),
            (QJsonArray{QStringLiteral("view"), QStringLiteral("weigh")}));
        QCOMPARE(atPack[QLatin1String("passed_steps")].toArray(), (QJsonArray{QStringLiteral("view")}));
        QCOMPARE(itemOf(plan, heavy)[QLatin1String("passed_steps")].toArray(),
            (QJsonArray{QStringLiteral("view"), QStringLiteral("weigh")}));
        QCOMPARE(itemOf(plan, large)[QLatin1String("at_step")].toString(), QStringLiteral("look"));
        QCOMPARE(itemOf(plan, large)[QLatin1String("step")].toString(), QStringLiteral("view"));
        QCOMPARE(itemOf(plan, large)[QLatin1String("attempt")].toString(), QStringLiteral("renewed"));

        const auto answer = move(plan, R"({"look":"view"})");
        QVERIFY2(answer.status == 200, answer.body.c_str());
        const QJsonArray results = parse(answer.body)[QLatin1String("results")].toArray();
        QCOMPARE(results.size(), 3);
        for (int i = 0; i < 3; ++i) {
            const QJsonObject item = plan[i].toObject();
            const QJsonObject result = results[i].toObject();
            QCOMPARE(result[QLatin1String("id")], item[QLatin1String("id")]);
            QCOMPARE(result[QLatin1String("result")].toString(), QStringLiteral("moved"));
            const QJsonObject order = read(textOf(item[QLatin1String("id")]));
            QCOMPARE(order[QLatin1String("version")].toInt(), item[QLatin1String("version")].toInt() + 1);
            QCOMPARE(order[QLatin1String("version")], result[QLatin1String("version")]);
            QCOMPARE(order[QLatin1String("step")], item[QLatin1String("step")]);
            const QJsonObject workflow = order[QLatin1String("workflow")].toObject();
            QCOMPARE(workflow[QLatin1String("version")].toInt(), 2);
            QCOMPARE(workflow[QLatin1String("skipped_steps")].toArray(),
                item[QLatin1String("skipped_steps")].toArray());
        }
        QVERIFY(planned("&map=look:view").isEmpty()); // none is left on the old one
        m_daemon.reset();
        start();
        complete(large);
        QCOMPARE(read(large)[QLatin1String("step")].toString(), QStringLiteral("pack"));
    }

    void whatCannotMoveSaysWhy()
    {
        const std::string large = submit("web", "large", 2000);
        const QJsonArray plan = planned(""); // without a map for look
        const QJsonObject item = itemOf(plan, large);
        QCOMPARE(item[QLatin1String("moves")].toBool(true), false);
        QVERIFY(item[QLatin1String("reason")].toString().startsWith(QLatin1String("It stands at step look")));
        const QJsonObject result = resultOf(move(plan, "{}"));
        QCOMPARE(result[QLatin1String("result")].toString(), QStringLiteral("refused"));
        QCOMPARE(result[QLatin1String("problem")].toObject()[QLatin1String("detail")],
            item[QLatin1String("reason")]);
        QCOMPARE(read(large)[QLatin1String("version")], item[QLatin1String("version")]);
    }

    void whatHasChangedIsLeftAlone()
    {
        const std::string large = submit("web", "large", 2000);
        const QJsonArray plan = planned("&map=look:view");
        complete(large);
        QCOMPARE(resultOf(move(plan, R"({"look":"view"})"))[QLatin1String("result")].toString(),
            QStringLiteral("changed"));
        QCOMPARE(read(large)[QLatin1String("workflow")].toObject()[QLatin1String("version")].toInt(), 1);
        const QJsonArray again = planned("&map=look:view");
        QCOMPARE(resultOf(move(again, R"({"look":"view"})"))[QLatin1String("result")].toString(),
            QStringLiteral("moved"));
        // A third time nothing happens: it has moved already.
        QCOMPARE(resultOf(move(again, R"({"look":"view"})"))[QLatin1String("result")].toString(),
            QStringLiteral("changed"));
    }

    void aRepeatUnderItsKeyIsAnsweredAsBefore()
    {
        const std::string small = submit("web", "small", 500);
        const QJsonArray plan = planned("");
        for (int i = 0; i < 2; ++i) {
            const QJsonObject result = resultOf(move(plan, "{}", "\"key-1\""));
            QCOMPARE(result[QLatin1String("result")].toString(), QStringLiteral("moved"));
        }
        QCOMPARE(
            read(small)[QLatin1String("version")].toInt(), plan[0][QLatin1String("version")].toInt() + 1);
    }

    void ordersOfOthersAreRefused()
    {
        // At pick, where it stays: nothing is charged.
        QCOMPARE(send("POST", "/v1/workflows/prepaid/1/activate", R"({"channels":["other"]})").status, 200);
        const std::string other = submit("other", "1", 500);
        const QJsonObject order = read(other);
        const QJsonArray list{QJsonObject{{QLatin1String("id"), order[QLatin1String("id")]},
            {QLatin1String("version"), order[QLatin1String("version")]}}};
        QCOMPARE(resultOf(move(list, "{}"))[QLatin1String("result")].toString(), QStringLiteral("refused"));
        const QJsonArray unknown{
            QJsonObject{{QLatin1String("id"), QStringLiteral("ord_00000000000000000000000000")},
                {QLatin1String("version"), 1}}};
        const QJsonObject result = resultOf(move(unknown, "{}"));
        QCOMPARE(result[QLatin1String("result")].toString(), QStringLiteral("refused"));
        QCOMPARE(result[QLatin1String("problem")].toObject()[QLatin1String("code")].toString(),
            QStringLiteral("not_found"));
    }

    void badQuestionsAreRefused_data()
    {
        QTest::addColumn<QByteArray>("target");
        QTest::addColumn<int>("status");
        QTest::newRow("no such version") << QByteArray("/v1/workflows/mine/migration?from=1&to=3") << 404;
        QTest::newRow("no such workflow") << QByteArray("/v1/workflows/yours/migration?from=1&to=2") << 404;
        QTest::newRow("the same") << QByteArray("/v1/workflows/mine/migration?from=1&to=1") << 422;
        QTest::newRow("no from") << QByteArray("/v1/workflows/mine/migration?to=2") << 422;
        QTest::newRow("no version") << QByteArray("/v1/workflows/mine/migration?from=x&to=2") << 422;
        QTest::newRow("no map") << QByteArray("/v1/workflows/mine/migration?from=1&to=2&map=look") << 422;
        QTest::newRow("empty name") << QByteArray("/v1/workflows/mine/migration?from=1&to=2&map=:view")
                                    << 422;
        QTest::newRow("mapped twice")
            << QByteArray("/v1/workflows/mine/migration?from=1&to=2&map=look:view,look:pack") << 422;
        QTest::newRow("unknown step")
            << QByteArray("/v1/workflows/mine/migration?from=1&to=2&map=look:gaze") << 422;
        QTest::newRow("unknown parameter")
            << QByteArray("/v1/workflows/mine/migration?from=1&to=2&mop=1") << 400;
        QTest::newRow("bad cursor") << QByteArray("/v1/workflows/mine/migration?from=1&to=2&cursor=1") << 400;
        QTest::newRow("limit") << QByteArray("/v1/workflows/mine/migration?from=1&to=2&limit=501") << 422;
    }
    void badQuestionsAreRefused()
    {
        QFETCH(QByteArray, target);
        QFETCH(int, status);
        QCOMPARE(send("GET", target.toStdString()).status, status);
    }

    void badRequestsMoveNothing_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<int>("status");
        const QByteArray head = R"({"from":1,"to":2,"reason":"r",)";
        QTest::newRow("empty") << QByteArray("{}") << 422;
        QTest::newRow("no orders") << head + R"("orders":[]})" << 422;
        QTest::newRow("no id") << head + R"("orders":[{"version":3}]})" << 422;
        QTest::newRow("bad id") << head + R"("orders":[{"id":"x","version":3}]})" << 422;
        QTest::newRow("no version") << head + R"("orders":[{"id":"ID"}]})" << 422;
        QTest::newRow("negative version") << head + R"("orders":[{"id":"ID","version":-1}]})" << 422;
        QTest::newRow("no object") << head + R"("orders":["ID"]})" << 422;
        QTest::newRow("bad map") << head + R"("map":{"look":5},"orders":[{"id":"ID","version":3}]})" << 422;
        QTest::newRow("map of unknown steps")
            << head + R"("map":{"look":"gaze"},"orders":[{"id":"ID","version":3}]})" << 422;
        QTest::newRow("blank reason")
            << QByteArray(R"({"from":1,"to":2,"reason":" ","orders":[{"id":"ID","version":3}]})") << 422;
        QTest::newRow("version zero")
            << QByteArray(R"({"from":0,"to":2,"reason":"r","orders":[{"id":"ID","version":3}]})") << 422;
        QTest::newRow("unknown version")
            << QByteArray(R"({"from":1,"to":9,"reason":"r","orders":[{"id":"ID","version":3}]})") << 404;
        QTest::newRow("unknown field") << head + R"("order":1,"orders":[{"id":"ID","version":3}]})" << 422;
        QByteArray many = head + R"("orders":[)";
        for (int i = 0; i < 501; ++i)
            many += QByteArray(i > 0 ? "," : "") + R"({"id":"ID","version":3})";
        QTest::newRow("too many") << many + "]}" << 422;
    }
    void badRequestsMoveNothing()
    {
        QFETCH(QByteArray, body);
        QFETCH(int, status);
        const std::string id = submit("web", "small", 500);
        const QJsonObject before = read(id);
        body.replace("\"ID\"", '"' + QByteArray::fromStdString(id) + '"');
        const auto answer = send("POST", "/v1/workflows/mine/migration", body.toStdString());
        QVERIFY2(answer.status == status, answer.body.c_str());
        QCOMPARE(read(id), before);
    }

private:
    void start()
    {
        app::Config config;
        config.dataDir = m_folder->path().toStdString();
        config.http = config.commands = config.events = config.workers = "127.0.0.1:0";
        auto daemon =
            app::Daemon::start(config, [](const Error& error) { qFatal("%s", error.message.c_str()); });
        QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
        m_daemon = std::move(*daemon);
        const std::string& address = m_daemon->addresses().http;
        m_port = static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1)));
        QFile key(m_folder->filePath(QStringLiteral("admin.key")));
        QVERIFY(key.open(QIODevice::ReadOnly));
        m_authorization = "Bearer " + key.readAll().trimmed().toStdString();
    }

    test::HttpAnswer send(const std::string& method, const std::string& target, const std::string& body = {},
        const std::string& key = {})
    {
        test::HttpClient client("127.0.0.1", m_port);
        test::HttpHeaders headers{{"Authorization", m_authorization}};
        if (!body.empty())
            headers.emplace_back("Content-Type", "application/json");
        if (!key.empty())
            headers.emplace_back("Idempotency-Key", key);
        auto answer = client.request(method, target, headers, body);
        return answer ? std::move(*answer) : test::HttpAnswer{};
    }

    /// Takes an order in; gives its id.
    std::string submit(const std::string& channel, const std::string& id, int total)
    {
        const std::string amount = std::to_string(total);
        JsonWriter json;
        json.beginObject().member("channel", channel).member("external_id", id).member("currency", "EUR");
        json.key("lines").raw("[{\"sku\":\"a\",\"quantity\":1,\"unit_price\":" + amount + "}]");
        json.key("customer").raw("{\"name\":\"Ann\"}");
        json.key("shipping_address").raw("{\"city\":\"Bonn\",\"country\":\"DE\"}");
        json.key("payments").raw("[{\"method\":\"card\",\"amount\":" + amount + "}]");
        json.member("total", total).endObject();
        return textOf(parse(send("POST", "/v1/orders", json.take()).body)[QLatin1String("id")]);
    }

    void complete(const std::string& id)
    {
        const auto answer =
            send("POST", "/v1/orders/" + id + "/actions", R"({"action":"complete","reason":"looked at"})");
        QVERIFY2(answer.status == 200, answer.body.c_str());
    }

    QJsonObject read(const std::string& id) { return parse(send("GET", "/v1/orders/" + id).body); }

    /// The whole plan, page by page.
    QJsonArray planned(const std::string& query)
    {
        QJsonArray items;
        std::string cursor;
        do {
            const auto answer = send("GET", "/v1/workflows/mine/migration?from=1&to=2" + query + cursor);
            if (answer.status != 200)
                qFatal("%s", answer.body.c_str());
            const QJsonObject page = parse(answer.body);
            for (const QJsonValue& item : page[QLatin1String("items")].toArray())
                items.append(item);
            const std::string next = textOf(page[QLatin1String("next_cursor")]);
            cursor = next.empty() ? "" : "&cursor=" + next;
        } while (!cursor.empty());
        return items;
    }

    static QJsonObject itemOf(const QJsonArray& plan, const std::string& id)
    {
        for (const QJsonValue& item : plan)
            if (textOf(item[QLatin1String("id")]) == id)
                return item.toObject();
        return {};
    }

    test::HttpAnswer move(const QJsonArray& plan, const std::string& map, const std::string& key = {})
    {
        JsonWriter json;
        json.beginObject().member("from", 1).member("to", 2).member("reason", "better");
        json.key("map").raw(map).key("orders").beginArray();
        for (const QJsonValue& item : plan)
            json.beginObject()
                .member("id", textOf(item[QLatin1String("id")]))
                .member("version", item[QLatin1String("version")].toInt())
                .endObject();
        return send("POST", "/v1/workflows/mine/migration", json.endArray().endObject().take(), key);
    }

    /// What became of the only order of a move.
    static QJsonObject resultOf(const test::HttpAnswer& answer)
    {
        const QJsonArray results = parse(answer.body)[QLatin1String("results")].toArray();
        return results.size() == 1 ? results[0].toObject() : QJsonObject();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<app::Daemon> m_daemon;
    std::uint16_t m_port = 0;
    std::string m_authorization;
};

QTEST_GUILESS_MAIN(MigrationApiTest)
#include "tst_migration_api.moc"
