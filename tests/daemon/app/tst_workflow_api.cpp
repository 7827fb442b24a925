// SPDX-License-Identifier: GPL-3.0-or-later
// Workflow definitions over HTTP, on a whole daemon: checked, stored, chosen, and there again after a restart.
#include "daemon/api/routes.h"
#include "daemon/app/daemon.h"
#include "daemon/store/sqlite/sqlite_store.h"
#include "shared/protocol/json_writer.h"
#include "tests/support/http_client.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;

namespace {

std::string definition(const std::string& name, int version, const std::string& extra = {})
{
    return "name = \"" + name + "\"\nversion = " + std::to_string(version)
        + "\n[[step]]\nname = \"validate\"\nkind = \"builtin\"\nhandler = \"validate\"\n"
          "[[step]]\nname = \"look\"\nkind = \"manual\"\nrole = \"support\"\nwhen = 'total >= 1000'\n"
        + extra;
}

std::string storeRequest(const std::string& source, bool dryRun = false)
{
    JsonWriter json;
    json.beginObject()
        .member("source", source)
        .member("file", "mine.toml")
        .member("dry_run", dryRun)
        .endObject();
    return json.take();
}

QJsonObject parse(const std::string& text)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
}

std::string orderOf(const std::string& channel, const std::string& id, int total)
{
    const std::string amount = std::to_string(total);
    JsonWriter json;
    json.beginObject().member("channel", channel).member("external_id", id).member("currency", "EUR");
    json.key("lines").raw("[{\"sku\":\"a\",\"quantity\":1,\"unit_price\":" + amount + "}]");
    json.key("customer").raw("{\"name\":\"Ann\"}");
    json.key("shipping_address").raw("{\"city\":\"Bonn\",\"country\":\"DE\"}");
    json.key("payments").raw("[{\"method\":\"card\",\"amount\":" + amount + "}]");
    json.member("total", total).endObject();
    return json.take();
}

} // namespace

class WorkflowApiTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        start();
    }
    void cleanup()
    {
        m_daemon.reset();
        m_folder.reset();
    }

    void shipsFourAndRunsStandard()
    {
        const QJsonArray items = parse(send("GET", "/v1/workflows").body)[QLatin1String("items")].toArray();
        QStringList names;
        for (const QJsonValue& item : items) {
            names += item[QLatin1String("name")].toString();
            QCOMPARE(item[QLatin1String("default")].toBool(), names.back() == QLatin1String("standard"));
            QVERIFY(item[QLatin1String("channels")].toArray().isEmpty());
        }
        QCOMPARE(names.join(QLatin1Char(' ')), QStringLiteral("digital fraud-review prepaid standard"));
        const QJsonObject standard = parse(send("GET", "/v1/workflows/standard/1").body);
        QCOMPARE(standard[QLatin1String("steps")].toArray().size(), 6);
        const QJsonObject pay = standard[QLatin1String("steps")].toArray()[1].toObject();
        QCOMPARE(pay[QLatin1String("compensation")].toString(), QStringLiteral("payment.refund"));
        QCOMPARE(pay[QLatin1String("timeout_ms")].toInt(), 10'000);
        QVERIFY(standard[QLatin1String("source")].toString().contains(QLatin1String("[[step]]")));
        for (const char* path : {"/v1/workflows/standard/2", "/v1/workflows/none/1",
                 "/v1/workflows/standard/x", "/v1/workflows/standard/0"})
            QCOMPARE(send("GET", path).status, 404);
    }

    void storesOnceAndForGood()
    {
        const std::string source = definition("mine", 1);
        const auto tried = send("POST", "/v1/workflows", storeRequest(source, true));
        QCOMPARE(tried.status, 200);
        QVERIFY(parse(tried.body)[QLatin1String("new")].toBool());
        QCOMPARE(send("GET", "/v1/workflows/mine/1").status, 404); // a dry run stores nothing
        QCOMPARE(send("POST", "/v1/workflows", storeRequest(source)).status, 201);
        const auto again = send("POST", "/v1/workflows", storeRequest(source));
        QCOMPARE(again.status, 200);
        QVERIFY(!parse(again.body)[QLatin1String("new")].toBool());
        const std::string other = definition("mine", 1, "# another\n");
        for (const bool dryRun : {true, false}) {
            const auto refused = send("POST", "/v1/workflows", storeRequest(other, dryRun));
            QCOMPARE(refused.status, 409);
            QVERIFY(refused.body.find("next version") != std::string::npos);
        }
        QCOMPARE(
            parse(send("GET", "/v1/workflows/mine/1").body)[QLatin1String("source")].toString().toStdString(),
            source);
        QCOMPARE(send("POST", "/v1/workflows", storeRequest(definition("mine", 2))).status, 201);
    }

    void refusesWhatIsWrong()
    {
        const auto wrong = send("POST", "/v1/workflows", storeRequest(definition("mine", 0, "role = 5\n")));
        QCOMPARE(wrong.status, 422);
        const QJsonArray errors = parse(wrong.body)[QLatin1String("errors")].toArray();
        QVERIFY(
            errors[0].toObject()[QLatin1String("detail")].toString().startsWith(QLatin1String("mine.toml:")));
        QCOMPARE(send("POST", "/v1/workflows", "{}").status, 422);
        QCOMPARE(send("POST", "/v1/workflows", R"({"source":5})").status, 422);
        QCOMPARE(send("POST", "/v1/workflows", R"({"source":"","sauce":1})").status, 422);
        QCOMPARE(send("POST", "/v1/workflows/standard/2/activate", "{}").status, 404);
        QCOMPARE(send("POST", "/v1/workflows/standard/x/activate", "{}").status, 404);
        QCOMPARE(send("POST", "/v1/workflows/standard/1/activate", R"({"channels":[""]})").status, 422);
        QCOMPARE(send("POST", "/v1/workflows/standard/1/activate", R"({"channels":[5]})").status, 422);
        QCOMPARE(send("POST", "/v1/workflows/deactivate", "{}").status, 422);
        QCOMPARE(parse(send("GET", "/v1/workflows").body)[QLatin1String("items")].toArray().size(), 4);
    }

    void channelsGoByTheirOwnAlsoAfterARestart()
    {
        QCOMPARE(send("POST", "/v1/workflows", storeRequest(definition("mine", 1))).status, 201);
        QCOMPARE(send("POST", "/v1/workflows/mine/1/activate", R"({"channels":["web","pos"]})").status, 200);
        const QJsonObject large = submit("web", "1", 1000);
        QCOMPARE(large[QLatin1String("step")].toString(), QStringLiteral("look"));
        // Below the limit the second step is not for it: it is done at once.
        const QJsonObject small = submit("web", "2", 999);
        QCOMPARE(small[QLatin1String("state")].toString(), QStringLiteral("completed"));
        const QJsonObject workflow = small[QLatin1String("workflow")].toObject();
        QCOMPARE(workflow[QLatin1String("name")].toString(), QStringLiteral("mine"));
        QCOMPARE(workflow[QLatin1String("skipped_steps")].toArray(), (QJsonArray{QStringLiteral("look")}));
        QCOMPARE(workflowOf("other", "1"), QStringLiteral("standard"));

        m_daemon.reset();
        start();
        QCOMPARE(workflowOf("pos", "1"), QStringLiteral("mine"));
        QCOMPARE(send("POST", "/v1/workflows/deactivate", R"({"channels":["pos"]})").status, 200);
        QCOMPARE(workflowOf("pos", "2"), QStringLiteral("standard"));
        QCOMPARE(send("POST", "/v1/workflows/prepaid/1/activate", "{}").status, 200);
        QCOMPARE(workflowOf("pos", "3"), QStringLiteral("prepaid"));
        QCOMPARE(workflowOf("web", "3"), QStringLiteral("mine"));
        m_daemon.reset();
        start();
        QCOMPARE(workflowOf("pos", "4"), QStringLiteral("prepaid"));
        const std::string id = large[QLatin1String("id")].toString().toStdString();
        const QJsonObject later = parse(send("GET", "/v1/orders/" + id).body);
        QCOMPARE(later[QLatin1String("step")].toString(), QStringLiteral("look"));
    }

    void onlyAdminsChangeWorkflowsAndEveryRouteIsDocumented()
    {
        const auto store =
            store::openSqliteStore({.file = m_folder->filePath(QStringLiteral("routes.db")).toStdString()});
        QVERIFY(store.has_value());
        const auto readers = api::ReaderPool::start(**store, 1, 10);
        QVERIFY(readers.has_value());
        struct NoInbox final : engine::Inbox {
            bool post(engine::Message) override { return false; }
        } inbox;
        const SystemClock clock;
        QFile file(qEnvironmentVariable("GANTRY_SOURCE") + QStringLiteral("/docs/api.md"));
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.errorString()));
        const QString text = QString::fromUtf8(file.readAll());
        int changing = 0;
        for (const api::Route& route : api::makeRoutes({inbox, **readers, clock, {}, {},
                 engine::TokenSeal::fromSecret(std::string(32, 's')), {}})) {
            const QString title = QString::fromStdString(route.method + ' ' + route.path);
            if (route.path.starts_with("/v1/workflows") && route.method != "GET") {
                QVERIFY2(route.access == api::Access::Admin, qPrintable(title));
                ++changing;
            }
            const QString pattern = QRegularExpression::escape(title).replace(
                QLatin1String("\\{\\}"), QLatin1String("\\{[a-z_]+\\}"));
            QVERIFY2(text.contains(QRegularExpression(QLatin1Char('`') + pattern + QLatin1Char('`'))),
                qPrintable(title));
        }
        QCOMPARE(changing, 4);
        const store::PrincipalRecord sam{.name = "sam", .role = Role::Support};
        const store::PrincipalRecord ann{.name = "ann", .role = Role::Admin};
        const api::Principals principals({sam, ann}, std::string(32, 'p'), clock);
        const api::Router router({{"POST", "/x", api::Access::Admin, {},
                                     [](const api::Call&, const api::ApiReply& reply) { reply({}); }}},
            principals);
        for (const auto& [name, status] : {std::pair("sam", 403), std::pair("ann", 200)}) {
            api::ApiRequest request;
            request.door = api::Door::Bus;
            request.method = "POST";
            request.path = "/x";
            request.principal = name;
            int answered = 0;
            router.handle(request, [&answered](const api::ApiResponse& answer) { answered = answer.status; });
            QCOMPARE(answered, status);
        }
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

    test::HttpAnswer send(const std::string& method, const std::string& target, const std::string& body = {})
    {
        test::HttpClient client("127.0.0.1", m_port);
        test::HttpHeaders headers{{"Authorization", m_authorization}};
        if (!body.empty())
            headers.emplace_back("Content-Type", "application/json");
        auto answer = client.request(method, target, headers, body);
        return answer ? std::move(*answer) : test::HttpAnswer{};
    }

    QJsonObject submit(const std::string& channel, const std::string& id, int total)
    {
        return parse(send("POST", "/v1/orders", orderOf(channel, id, total)).body);
    }

    QString workflowOf(const std::string& channel, const std::string& id)
    {
        return submit(channel, id, 1000)[QLatin1String("workflow")]
            .toObject()[QLatin1String("name")]
            .toString();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<app::Daemon> m_daemon;
    std::uint16_t m_port = 0;
    std::string m_authorization;
};

QTEST_GUILESS_MAIN(WorkflowApiTest)
#include "tst_workflow_api.moc"
