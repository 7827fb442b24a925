// SPDX-License-Identifier: GPL-3.0-or-later
// Bulk actions over HTTP, on a real daemon without a payment service: every order fails at pay, and every retry of it does.
#include "daemon/api/routes.h"
#include "daemon/bulk/bulk_queue.h"
#include "daemon/store/sqlite/sqlite_store.h"
#include "tests/faults/order_flow.h"

#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::test;

namespace {

const std::string failedFilter = R"("selection":{"filter":{"state":"failed","step":"pay"}})";

std::string bodyFor(const std::string& action, const std::string& selection, const std::string& more = {})
{
    return R"({"action":")" + action + R"(","reason":"the bank is back",)" + selection + more + "}";
}

} // namespace

class BulkApiTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        auto daemon = DaemonProcess::start(m_data.path().toStdString());
        QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
        m_daemon = std::make_unique<DaemonProcess>(std::move(*daemon));
        m_api = std::make_unique<ApiCaller>(*m_daemon);
        QVERIFY(m_api->post("/v1/orders/batch", batchBody(0, 12)).has_value());
        QTRY_COMPARE_WITH_TIMEOUT(failed().size(), 12, 30'000);
    }

    void aDryRunSaysWhatWouldBeAndChangesNothing()
    {
        const QJsonValue before = get("/v1/digest")[QLatin1String("digest")];
        const QJsonObject preview =
            post("/v1/bulk-actions", bodyFor("retry", failedFilter, R"(,"dry_run":true)"));
        QCOMPARE(preview[QLatin1String("selected")].toInt(), 12);
        QCOMPARE(preview[QLatin1String("would_act_on")].toInt(), 12);
        const QJsonObject place = preview[QLatin1String("selected_by")].toArray().first().toObject();
        QCOMPARE(place[QLatin1String("state")].toString(), QStringLiteral("failed"));
        QCOMPARE(place[QLatin1String("step")].toString(), QStringLiteral("pay"));
        const QJsonObject run = preview[QLatin1String("runs")].toArray().first().toObject();
        QCOMPARE(run[QLatin1String("handler")].toString(), QStringLiteral("payment.capture"));
        QVERIFY(
            preview[QLatin1String("at_stake")].toArray().first().toObject()[QLatin1String("total")].toInt()
            > 0);
        const QJsonObject cancel =
            post("/v1/bulk-actions", bodyFor("cancel", failedFilter, R"(,"dry_run":true)"));
        const QJsonObject undo = cancel[QLatin1String("undoes")].toArray().first().toObject();
        QCOMPARE(undo[QLatin1String("handler")].toString(), QStringLiteral("payment.refund"));
        const QJsonObject release =
            post("/v1/bulk-actions", bodyFor("release", failedFilter, R"(,"dry_run":true)"));
        QCOMPARE(release[QLatin1String("would_act_on")].toInt(), 0);
        const QJsonObject refused = release[QLatin1String("refused")].toArray().first().toObject();
        QCOMPARE(refused[QLatin1String("code")].toString(), QStringLiteral("action_not_allowed"));
        QVERIFY(get("/v1/digest")[QLatin1String("digest")] == before);
        QVERIFY(get("/v1/bulk-actions")[QLatin1String("items")].toArray().isEmpty());
    }

    void aCanaryStopsItAndEachResultIsVerified()
    {
        const QJsonObject made = post("/v1/bulk-actions",
            bodyFor("retry", failedFilter, R"(,"canary":{"first":3,"rate":200,"stop_after":2})"));
        QCOMPARE(made[QLatin1String("total")].toInt(), 12);
        const std::string path = "/v1/bulk-actions/" + made[QLatin1String("id")].toString().toStdString();
        QTRY_COMPARE_WITH_TIMEOUT(
            get(path)[QLatin1String("state")].toString(), QStringLiteral("stopped"), 60'000);
        const QJsonObject cause = get(path)[QLatin1String("stopped_because")].toObject();
        QCOMPARE(cause[QLatin1String("code")].toString(), QStringLiteral("not_configured"));
        QCOMPARE(cause[QLatin1String("step")].toString(), QStringLiteral("pay"));
        QTRY_COMPARE_WITH_TIMEOUT(count(path, "running"), 0, 60'000);
        const int tried = count(path, "failed_again"); // two stop it, and the third may be on its way by then
        QVERIFY2(tried == 2 || tried == 3, qPrintable(QString::number(tried)));
        QCOMPARE(count(path, "pending"), 12 - tried);
        // The members by result, in pages.
        const QJsonObject page =
            get(path + "/members?result=failed_again&limit=" + std::to_string(tried - 1));
        QCOMPARE(page[QLatin1String("items")].toArray().size(), tried - 1);
        const std::string cursor = page[QLatin1String("next_cursor")].toString().toStdString();
        const QJsonArray rest =
            get(path + "/members?result=failed_again&cursor=" + cursor)[QLatin1String("items")].toArray();
        QCOMPARE(rest.size(), 1);
        const QJsonObject member = rest.first().toObject();
        QCOMPARE(member[QLatin1String("code")].toString(), QStringLiteral("not_configured"));
        const QJsonObject order =
            get("/v1/orders/" + member[QLatin1String("order_id")].toString().toStdString());
        const QJsonObject retry = order[QLatin1String("retry")].toObject();
        QCOMPARE(retry[QLatin1String("verdict")].toString(), QStringLiteral("failed_again"));
        QCOMPARE(retry[QLatin1String("by")].toString(), QStringLiteral("admin"));
        // Canceled: what was not tried is skipped.
        const QJsonObject canceled = post(path + "/actions", R"({"action":"cancel","reason":"no use"})");
        QCOMPARE(canceled[QLatin1String("state")].toString(), QStringLiteral("canceled"));
        QTRY_COMPARE_WITH_TIMEOUT(count(path, "skipped"), 12 - tried, 30'000);
        QStringList what;
        const QJsonArray log = get(path)[QLatin1String("log")].toArray();
        for (const QJsonValue& entry : log)
            what << entry[QLatin1String("what")].toString();
        QCOMPARE(what,
            (QStringList{QStringLiteral("created"), QStringLiteral("stopped"), QStringLiteral("canceled")}));
    }

    void idsHoldAndRelease()
    {
        const QStringList ids = failed().mid(0, 4);
        QString list;
        for (const QString& id : ids)
            list +=
                (list.isEmpty() ? QString() : QStringLiteral(",")) + QLatin1Char('"') + id + QLatin1Char('"');
        list += QStringLiteral(",\"") + ids.first() + QLatin1Char('"'); // twice counts once
        const std::string selection = R"("selection":{"ids":[)" + list.toStdString() + "]}";
        const QJsonObject made = post("/v1/bulk-actions", bodyFor("hold", selection, R"(,"rate":500)"));
        QCOMPARE(made[QLatin1String("total")].toInt(), 4);
        const std::string path = "/v1/bulk-actions/" + made[QLatin1String("id")].toString().toStdString();
        QTRY_COMPARE_WITH_TIMEOUT(count(path, "done"), 4, 30'000);
        const QJsonArray holds =
            get("/v1/orders/" + ids.first().toStdString())[QLatin1String("holds")].toArray();
        QCOMPARE(holds.size(), 1);
        const QString hold = holds.first()[QLatin1String("id")].toString();
        const QJsonObject released = post("/v1/bulk-actions",
            bodyFor("release", selection, R"(,"hold_id":")" + hold.toStdString() + R"(","rate":500)"));
        const std::string second =
            "/v1/bulk-actions/" + released[QLatin1String("id")].toString().toStdString();
        QTRY_COMPARE_WITH_TIMEOUT(count(second, "done"), 4, 30'000);
        // Newest first, page by page.
        const QJsonObject first = get("/v1/bulk-actions?limit=1");
        QVERIFY(first[QLatin1String("items")].toArray().first()[QLatin1String("id")]
            == released[QLatin1String("id")]);
        const std::string cursor = first[QLatin1String("next_cursor")].toString().toStdString();
        QVERIFY(get("/v1/bulk-actions?cursor=" + cursor)[QLatin1String("items")]
                    .toArray()
                    .first()[QLatin1String("id")]
            == made[QLatin1String("id")]);
    }

    void badInputIsToldAndStoresNothing_data()
    {
        QTest::addColumn<QString>("body");
        QTest::addColumn<QString>("pointer");
        const auto row = [](const char* name, const std::string& body, const char* pointer) {
            QTest::newRow(name) << QString::fromStdString(body) << QString::fromLatin1(pointer);
        };
        row("no selection", R"({"action":"retry","reason":"r"})", "/selection");
        row("both", bodyFor("retry", R"("selection":{"ids":["x"],"filter":{"step":"pay"}})"), "/selection");
        row("an empty filter", bodyFor("retry", R"("selection":{"filter":{}})"), "/selection/filter");
        row("an unknown state", bodyFor("retry", R"("selection":{"filter":{"state":"lost"}})"),
            "/selection/filter/state");
        row("an unknown member", bodyFor("retry", R"("selection":{"filter":{"steps":"pay"}})"),
            "/selection/filter/steps");
        row("no id", bodyFor("retry", R"("selection":{"ids":["ord_1"]})"), "/selection/ids/0");
        row("no ids", bodyFor("retry", R"("selection":{"ids":[]})"), "/selection/ids");
        row("complete", bodyFor("complete", failedFilter), "/action");
        row("no reason", R"({"action":"retry",)" + failedFilter + "}", "/reason");
        row("too quick", bodyFor("retry", failedFilter, R"(,"rate":1001)"), "/rate");
        row("too slow", bodyFor("retry", failedFilter, R"(,"rate":0)"), "/rate");
        row("a canary of none", bodyFor("retry", failedFilter, R"(,"canary":{"first":-1})"), "/canary/first");
        row("an expiring retry", bodyFor("retry", failedFilter, R"(,"expires_at":"2030-01-01T00:00:00Z")"),
            "/expires_at");
        row("nothing found", bodyFor("retry", R"("selection":{"filter":{"step":"nowhere"}})"),
            "/selection/filter");
    }

    void badInputIsToldAndStoresNothing()
    {
        QFETCH(QString, body);
        QFETCH(QString, pointer);
        const qsizetype before = get("/v1/bulk-actions")[QLatin1String("items")].toArray().size();
        const QJsonObject problem = post("/v1/bulk-actions", body.toStdString());
        QCOMPARE(problem[QLatin1String("status")].toInt(), 422);
        QStringList pointers;
        const QJsonArray errors = problem[QLatin1String("errors")].toArray();
        for (const QJsonValue& error : errors)
            pointers << error[QLatin1String("pointer")].toString();
        QVERIFY2(pointers.contains(pointer), qPrintable(pointers.join(QLatin1Char(' '))));
        QCOMPARE(get("/v1/bulk-actions")[QLatin1String("items")].toArray().size(), before);
    }

    void whatIsNotThereIsToldSo()
    {
        QCOMPARE(get("/v1/bulk-actions/blk_none")[QLatin1String("status")].toInt(), 404);
        QCOMPARE(get("/v1/bulk-actions/blk_none/members")[QLatin1String("status")].toInt(), 404);
        QCOMPARE(post("/v1/bulk-actions/blk_none/actions",
                     R"({"action":"pause","reason":"r"})")[QLatin1String("status")]
                     .toInt(),
            404);
        QCOMPARE(post("/v1/bulk-actions/blk_none/actions",
                     R"({"action":"stop","reason":"r"})")[QLatin1String("status")]
                     .toInt(),
            422);
        QCOMPARE(get("/v1/bulk-actions?cursor=x")[QLatin1String("code")].toString(),
            QStringLiteral("invalid_cursor"));
        QCOMPARE(get("/v1/bulk-actions?cursor=b1.-1")[QLatin1String("code")].toString(),
            QStringLiteral("invalid_cursor"));
        QCOMPARE(get("/v1/bulk-actions/x/members?result=good")[QLatin1String("status")].toInt(), 422);
    }

    void aKeyMakesOne()
    {
        const HttpHeaders headers{{"Authorization", "Bearer " + m_daemon->key()},
            {"Content-Type", "application/json"}, {"Idempotency-Key", "\"k-1\""}};
        const std::string body = bodyFor("hold", failedFilter);
        const auto first = m_api->client().request("POST", "/v1/bulk-actions", headers, body);
        QVERIFY(first);
        QCOMPARE(first->status, 202);
        const auto again = m_api->client().request("POST", "/v1/bulk-actions", headers, body);
        QVERIFY(again);
        QCOMPARE(again->status, 200);
        QCOMPARE(idOf(again->body), idOf(first->body));
        const auto other =
            m_api->client().request("POST", "/v1/bulk-actions", headers, bodyFor("cancel", failedFilter));
        QVERIFY(other);
        QCOMPARE(other->status, 422);
    }

    void aRoleThatMayNotIsRefused()
    {
        SystemClock clock;
        const std::string pepper(32, 'p');
        std::vector<store::PrincipalRecord> records;
        for (const Role role : {Role::Viewer, Role::Warehouse})
            records.push_back({.name = std::string(roleName(role)), .role = role});
        const api::Principals principals(records, pepper, clock);
        // Refused before anything is asked of a reader or a runner: whoever got further would find neither.
        struct NoInbox final : engine::Inbox {
            bool post(engine::Message) override { qFatal("nothing may come here"); }
        } inbox;
        bulk::BulkQueue queue;
        auto store =
            store::openSqliteStore({.file = m_scratch.filePath(QStringLiteral("s.db")).toStdString()});
        QVERIFY(store);
        const auto readers = api::ReaderPool::start(**store, 1, 1);
        QVERIFY(readers);
        const api::Router router(api::makeRoutes({inbox, **readers, clock, {}, {},
                                     engine::TokenSeal::fromSecret(pepper), {}, &queue}),
            principals);
        for (const std::string name : {"viewer", "warehouse"}) {
            api::ApiRequest request{.door = api::Door::Bus,
                .method = "POST",
                .path = "/v1/bulk-actions",
                .query = {},
                .headers = {{"content-type", "application/json"}},
                .body = bodyFor("retry", failedFilter),
                .principal = name,
                .peer = {}};
            int status = 0;
            router.handle(request, [&status](const api::ApiResponse& response) { status = response.status; });
            QCOMPARE(status, 403);
        }
        QVERIFY(queue.take(std::chrono::steady_clock::now()).empty());
    }

private:
    QJsonObject get(const std::string& target)
    {
        const auto answer = m_api->get(target);
        return answer ? *answer : QJsonObject();
    }
    QJsonObject post(const std::string& target, const std::string& body)
    {
        const auto answer = m_api->post(target, body);
        return answer ? *answer : QJsonObject();
    }
    int count(const std::string& path, const char* result)
    {
        return get(path)[QLatin1String("counts")].toObject()[QLatin1String(result)].toInt(-1);
    }
    QStringList failed()
    {
        QStringList ids;
        const QJsonArray items = get("/v1/orders?state=failed&limit=500")[QLatin1String("items")].toArray();
        for (const QJsonValue& item : items)
            ids << item[QLatin1String("id")].toString();
        return ids;
    }
    static QString idOf(const std::string& body)
    {
        return QJsonDocument::fromJson(QByteArray::fromStdString(body))
            .object()[QLatin1String("id")]
            .toString();
    }

    QTemporaryDir m_data;
    QTemporaryDir m_scratch;
    std::unique_ptr<DaemonProcess> m_daemon;
    std::unique_ptr<ApiCaller> m_api;
};

QTEST_GUILESS_MAIN(BulkApiTest)
#include "tst_bulk_api.moc"
