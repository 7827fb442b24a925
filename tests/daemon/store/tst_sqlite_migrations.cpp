// SPDX-License-Identifier: GPL-3.0-or-later
// Data of earlier schemas must be read as what it was.
#include "daemon/store/sqlite/data_file.h"
#include "daemon/store/sqlite/migrations.h"
#include "daemon/store/sqlite/pragmas.h"
#include "daemon/store/sqlite/statement.h"
#include "shared/protocol/order_codec.h"
#include "tests/contract/store_world.h"
#include "tests/shared/support/journal.h"

#include <QTemporaryDir>
#include <QTest>

namespace gantry::test {

using namespace store;

class SqliteMigrationsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void ordersOfSchemaTwoSkipNothing()
    {
        const QTemporaryDir folder;
        const SqliteSettings settings{.file = folder.filePath(QStringLiteral("gantry.db")).toStdString()};
        const OrderId id = OrderId::make(dayOfTests, slotOf("web", "A-1"), {1, 2});
        writeSchemaTwo(settings, id);

        const auto opened = openSqliteStore(settings);
        VERIFY_OK(opened);
        const auto reader = (*opened)->openReader();
        VERIFY_OK(reader);
        const auto stored = (*reader)->readOrder(id);
        VERIFY_OK(stored);
        QCOMPARE(stored->order.step.name, std::string("pay"));
        QCOMPARE(stored->order.summary->workflow, std::string("standard"));
        QVERIFY(stored->order.summary->skippedSteps.empty());
        const auto events = (*reader)->readEventsOfOrder(id, 0, 10);
        VERIFY_OK(events);
        QCOMPARE(events->size(), std::size_t{1});
        QVERIFY(std::get<OrderReceived>(events->front().logged.event.body).summary->skippedSteps.empty());
    }

    void failedUndoingOfSchemaFourHasItsState()
    {
        const QTemporaryDir folder;
        const SqliteSettings settings{.file = folder.filePath(QStringLiteral("gantry.db")).toStdString()};
        Journal journal(standardWorkflow());
        journal.submit().passTo("allocate").act(Action::Cancel).fail("declined", true);
        const Order order = journal.order();
        QCOMPARE(stateOf(order), OrderState::CompensationFailed);
        writeSchemaFour(settings, order);

        const auto opened = openSqliteStore(settings);
        VERIFY_OK(opened);
        const auto reader = (*opened)->openReader();
        VERIFY_OK(reader);
        const auto stored = (*reader)->readOrder(order.id);
        VERIFY_OK(stored);
        QVERIFY(stored->order == order);
        const auto counters = (*reader)->readCounters();
        VERIFY_OK(counters);
        QCOMPARE(counters->byState[static_cast<std::size_t>(OrderState::Failed)], 0);
        QCOMPARE(counters->byState[static_cast<std::size_t>(OrderState::CompensationFailed)], 1);
    }

    void stockOfSchemaEightOpensItsBooks()
    {
        const QTemporaryDir folder;
        const SqliteSettings settings{.file = folder.filePath(QStringLiteral("gantry.db")).toStdString()};
        const OrderId id = OrderId::make(dayOfTests, slotOf("web", "A-1"), {1, 2});
        {
            VERIFY_OK(makeDataFile(settings.file));
            auto connection = openWriterConnection(settings);
            VERIFY_OK(connection);
            VERIFY_OK(migrate(**connection, sqliteMigrations().first(8)));
            Statement(**connection, "INSERT INTO stock VALUES ('A', 7, 3), ('B', 0, 0)").with().run();
            Statement(**connection, "INSERT INTO reservation VALUES (?1, 'A', 3)")
                .with(Blob{id.bytes()})
                .run();
            VERIFY_OK((*connection)->check("writing an old file"));
        }
        const auto opened = openSqliteStore(settings);
        VERIFY_OK(opened);
        auto partition = (*opened)->acquire(0);
        VERIFY_OK(partition);
        const auto reader = (*opened)->openReader();
        VERIFY_OK(reader);
        const auto level = (*reader)->readStock("A");
        VERIFY_OK(level);
        QVERIFY((**level == StockLevel{"A", 7, 3, {{"main", 7, 3}}}));
        const auto movements = (*reader)->listMovements("A", {}, 10);
        VERIFY_OK(movements);
        QCOMPARE(movements->size(), std::size_t{1});
        QVERIFY(movements->front().kind == MovementKind::Opening && movements->front().onHandChange == 7
            && movements->front().reservedChange == 3 && movements->front().warehouse == "main");
        // The reservation of then is one of now.
        auto batch = (*partition)->begin();
        VERIFY_OK(batch);
        BatchChanges changes;
        changes.stock = {{id, StockEnd::Consumed, dayOfTests, "ann"}};
        VERIFY_OK((*batch)->commit(changes));
        QVERIFY((**(*reader)->readStock("A") == StockLevel{"A", 4, 0, {{"main", 4, 0}}}));
    }

    void givesEveryPrincipalOfBeforeItsKeys()
    {
        const QTemporaryDir folder;
        const SqliteSettings settings{.file = folder.filePath(QStringLiteral("old.db")).toStdString()};
        const std::string hash("\x00\x01\xff", 3);
        VERIFY_OK(makeDataFile(settings.file));
        {
            auto connection = openWriterConnection(settings);
            VERIFY_OK(connection);
            VERIFY_OK(migrate(**connection, sqliteMigrations().first(8)));
            Statement insert(**connection, "INSERT INTO principal VALUES (?1, ?2, ?3, ?4, 5000, ?5)");
            insert.with("admin", 3, Blob{hash}, std::string(40, 'k'), std::nullopt).run();
            insert.with("shop", 2, Blob{"other"}, "", 6000).run();
            insert.with("guest", 0, Blob{""}, "", std::nullopt).run();
            VERIFY_OK((*connection)->check("writing an old file"));
        }
        const auto store = openSqliteStore(settings);
        VERIFY_OK(store);
        const auto principals = (*store)->openReader().value()->listPrincipals();
        VERIFY_OK(principals);
        QCOMPARE(principals->size(), std::size_t{3});
        const PrincipalRecord& admin = (*principals)[0];
        QVERIFY(admin.name == "admin" && admin.role == Role::Admin && admin.kind == PrincipalKind::Person
            && admin.createdAt == fromMillis(5000) && !admin.expiresAt && !admin.disabledAt);
        QCOMPARE(admin.keys.size(), std::size_t{2});
        QVERIFY(admin.keys[0].kind == KeyKind::Api && admin.keys[0].material == hash);
        QVERIFY(admin.keys[1].kind == KeyKind::Curve && admin.keys[1].material == std::string(40, 'k'));
        QVERIFY((*principals)[1].name == "guest" && (*principals)[1].keys.empty());
        QVERIFY((*principals)[2].role == Role::Support && (*principals)[2].expiresAt == fromMillis(6000)
            && (*principals)[2].keys.size() == 1 && (*principals)[2].keys[0].material == "other");
    }

private:
    /// A file of before the state compensation_failed, with one order that is in it: it counted as failed.
    static void writeSchemaFour(const SqliteSettings& settings, const Order& order)
    {
        VERIFY_OK(makeDataFile(settings.file));
        auto connection = openWriterConnection(settings);
        VERIFY_OK(connection);
        VERIFY_OK(migrate(**connection, sqliteMigrations().first(4)));
        Connection& file = **connection;
        JsonWriter json;
        writeOrderRow(json, order);
        std::string facts = json.take();
        const std::string now = "compensation_failed";
        facts.replace(facts.find(now), now.size(), "failed");
        const OrderSummary& summary = *order.summary;
        Statement(file,
            "INSERT INTO order_document VALUES (1, ?1, ?2, ?3, zeroblob(16), ?4, 'EUR', ?5, ?6, ?7, ?8, "
            "NULL, ?9, "
            "'standard', 1, '{}', NULL)")
            .with(Blob{order.id.bytes()}, summary.channel, summary.externalId, summary.customerName,
                summary.total, std::int64_t{summary.lineCount}, summary.quantity,
                std::int64_t{summary.priority}, toMillis(summary.createdAt))
            .run();
        Statement(file,
            "INSERT INTO order_state VALUES (?1, 1, 3, ?2, 0, 3, ?3, 1, ?4, ?5, ?6, ?7, NULL, 'declined', "
            "?8)")
            .with(Blob{order.id.bytes()}, order.step.name, std::int64_t{order.version},
                std::int64_t{order.attempt}, std::int64_t{order.attemptsSpent}, toMillis(order.stepSince),
                toMillis(order.updatedAt), facts)
            .run();
        Statement(file, "INSERT INTO counter VALUES ('state/failed', 1)").with().run();
        VERIFY_OK(file.check("writing an old file"));
    }

    /// A file as the first release wrote it, with one order at its second step.
    static void writeSchemaTwo(const SqliteSettings& settings, const OrderId& id)
    {
        VERIFY_OK(makeDataFile(settings.file));
        auto connection = openWriterConnection(settings);
        VERIFY_OK(connection);
        VERIFY_OK(migrate(**connection, sqliteMigrations().first(2)));
        Connection& file = **connection;
        Statement(file,
            "INSERT INTO order_document VALUES (1, ?1, 'web', 'A-1', zeroblob(16), 'Ada', 'EUR', 250, 1, 1, "
            "5, NULL, "
            "1772300000000, 'standard', 1, '{}')")
            .with(Blob{id.bytes()})
            .run();
        Statement(file,
            "INSERT INTO order_state VALUES (?1, 1, 0, 'pay', 0, 3, 1, 1, 1, 0, 1772300000000, "
            "1772300000000, NULL, "
            "NULL, NULL)")
            .with(Blob{id.bytes()})
            .run();
        Statement(file,
            "INSERT INTO event VALUES (1, ?1, 1, 0, 1, 1772300000000, 'shop', "
            "'{\"step\":\"pay\",\"performer\":\"machine\",\"step_role\":\"admin\"}')")
            .with(Blob{id.bytes()})
            .run();
        Statement(file, "UPDATE partition SET sequence = 1 WHERE partition = ?1").with(0).run();
        VERIFY_OK(file.check("writing an old file"));
    }
};

} // namespace gantry::test

QTEST_APPLESS_MAIN(gantry::test::SqliteMigrationsTest)
#include "tst_sqlite_migrations.moc"
