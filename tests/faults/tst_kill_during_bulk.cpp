// SPDX-License-Identifier: GPL-3.0-or-later
// kill -9 at seeded moments of bulk actions: each order of the list is acted on exactly once, and the results say so.
#include "shared/util/random_source.h"
#include "tests/faults/order_flow.h"

#include <QTemporaryDir>
#include <QTest>
#include <random>

using namespace gantry;
using namespace gantry::test;

namespace {

constexpr int orders = 60;

} // namespace

class KillDuringBulkTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void actsOnEachOnce()
    {
        const std::uint64_t seed = qEnvironmentVariableIsSet("GANTRY_SEED")
            ? qEnvironmentVariable("GANTRY_SEED").toULongLong()
            : std::random_device{}();
        const int moments =
            qEnvironmentVariableIsSet("GANTRY_MOMENTS") ? qEnvironmentVariableIntValue("GANTRY_MOMENTS") : 12;
        qInfo("GANTRY_SEED=%llu replays this run; GANTRY_MOMENTS sets how many kills",
            static_cast<unsigned long long>(seed));
        SeededRandom random(seed);
        QTemporaryDir data;
        auto daemon = DaemonProcess::start(data.path().toStdString());
        QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
        QStringList bulks;
        {
            ApiCaller api(*daemon);
            QVERIFY(api.post("/v1/orders/batch", batchBody(0, orders)));
            QTRY_COMPARE_WITH_TIMEOUT(failedCount(api), orders, 60'000);
            bulks << create(api, "hold");
        }
        for (int moment = 0; moment < moments; ++moment) {
            // Hit once so many of its orders are done; what may be drawn grows from one moment to the next.
            const int most = orders * (moment + 1) / moments;
            const int hitAt = static_cast<int>(random.next() % static_cast<std::uint64_t>(most + 1));
            {
                ApiCaller api(*daemon);
                QTRY_VERIFY_WITH_TIMEOUT(countOf(api, bulks.first(), "done") >= hitAt, 60'000);
            }
            const auto restarted = daemon->restart();
            QVERIFY2(restarted.has_value(), restarted ? "" : restarted.error().message.c_str());
        }
        ApiCaller api(*daemon);
        QTRY_COMPARE_WITH_TIMEOUT(stateOf(api, bulks.first()), QStringLiteral("completed"), 120'000);
        QCOMPARE(countOf(api, bulks.first(), "done"), orders);
        const auto census = takeCensus(api);
        QVERIFY(census);
        for (const auto& [externalId, id] : census->ids) {
            int holds = 0;
            const auto events = api.get("/v1/orders/" + id + "/events");
            QVERIFY(events);
            const QJsonArray items = (*events)[QLatin1String("items")].toArray();
            for (const QJsonValue& event : items)
                holds += event[QLatin1String("type")].toString() == QLatin1String("hold_placed") ? 1 : 0;
            QCOMPARE(holds, 1);
        }
    }

private:
    static QString create(ApiCaller& api, const std::string& action)
    {
        const auto made = api.post("/v1/bulk-actions",
            R"({"action":")" + action
                + R"(","reason":"count","rate":25,"selection":{"filter":{"state":"failed"}}})");
        return made ? (*made)[QLatin1String("id")].toString() : QString();
    }
    static int failedCount(ApiCaller& api)
    {
        const auto page = api.get("/v1/orders?state=failed&limit=500");
        return page ? static_cast<int>((*page)[QLatin1String("items")].toArray().size()) : -1;
    }
    static QJsonObject bulkOf(ApiCaller& api, const QString& id)
    {
        const auto bulk = api.get("/v1/bulk-actions/" + id.toStdString());
        return bulk ? *bulk : QJsonObject();
    }
    static QString stateOf(ApiCaller& api, const QString& id)
    {
        return bulkOf(api, id)[QLatin1String("state")].toString();
    }
    static int countOf(ApiCaller& api, const QString& id, const char* result)
    {
        return bulkOf(api, id)[QLatin1String("counts")].toObject()[QLatin1String(result)].toInt(-1);
    }
};

QTEST_GUILESS_MAIN(KillDuringBulkTest)
#include "tst_kill_during_bulk.moc"
