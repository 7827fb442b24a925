// SPDX-License-Identifier: GPL-3.0-or-later
// Every list goes along an index: no statement of it looks through a whole table or sorts what it finds.
#include "daemon/store/sqlite/connection.h"
#include "daemon/store/sqlite/order_list.h"
#include "daemon/store/sqlite/statement.h"
#include "tests/contract/store_world.h"

#include "daemon/store/sqlite/sqlite_store.h"

#include <QTemporaryDir>
#include <QtTest>
#include <sqlite3.h>

using namespace gantry;
using namespace gantry::store;

namespace {

int noteSql(unsigned /*kind*/, void* list, void* statement, void* /*text*/)
{
    if (char* sql = sqlite3_expanded_sql(static_cast<sqlite3_stmt*>(statement))) {
        static_cast<std::vector<std::string>*>(list)->emplace_back(sql);
        sqlite3_free(sql);
    }
    return 0;
}

} // namespace

class TestOrderPlans : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        const std::string file = m_folder.filePath(QStringLiteral("s.db")).toStdString();
        {
            auto store = openSqliteStore({.file = file});
            QVERIFY(store);
            auto partition = (*store)->acquire(0);
            QVERIFY(partition);
            test::Scribe scribe((*partition)->info(), 7);
            for (int i = 0; i < 20; ++i)
                scribe.submit(test::documentOf("web", "P-" + std::to_string(i)),
                    test::dayOfTests + std::chrono::seconds(i));
            VERIFY_OK(scribe.commit(**partition));
        }
        auto connection = Connection::open(file, Access::Reader);
        QVERIFY(connection);
        m_connection = std::move(*connection);
    }

    void goesAlongAnIndex_data()
    {
        QTest::addColumn<int>("sort");
        QTest::addColumn<int>("filter");
        for (int sort = 0; sort < 10; ++sort)
            for (int filter = 0; filter < 6; ++filter)
                QTest::addRow("sequence %d, filter %d", sort, filter) << sort << filter;
    }

    void goesAlongAnIndex()
    {
        QFETCH(const int, sort);
        QFETCH(const int, filter);
        const std::array<OrderFilter, 6> filters{OrderFilter{},
            OrderFilter{.states = {OrderState::Failed, OrderState::Running}}, OrderFilter{.channel = "web"},
            OrderFilter{.externalId = "P-3"},
            OrderFilter{
                .createdFrom = test::dayOfTests, .createdUntil = test::dayOfTests + std::chrono::hours(1)},
            OrderFilter{.query = "ada"}};
        std::vector<std::string> statements;
        sqlite3_trace_v2(m_connection->handle(), SQLITE_TRACE_STMT, noteSql, &statements);
        PageRequest request{.limit = 5, .after = {}, .sort = static_cast<SortOrder>(sort)};
        VERIFY_OK(listOrders(*m_connection, filters.at(std::size_t(filter)), request, m_parser));
        sqlite3_trace_v2(m_connection->handle(), 0, nullptr, nullptr);
        QVERIFY(!statements.empty());
        for (const std::string& sql : statements) {
            if (sql.find("order_state") == std::string::npos
                && sql.find("order_document") == std::string::npos)
                continue; // what the search index asks for itself
            const bool isFew =
                sql.find("d.external_id = ") != std::string::npos; // one a channel: may be sorted
            Statement plan(*m_connection, "EXPLAIN QUERY PLAN " + sql);
            while (plan.next()) {
                const QString step = QString::fromStdString(std::string(plan.text(3)));
                const QByteArray what = (step + QStringLiteral(" in: ")).toUtf8() + sql.c_str();
                QVERIFY2(isFew || !step.contains(QLatin1String("TEMP B-TREE")), what.constData());
                QVERIFY2(!step.startsWith(QLatin1String("SCAN")) || isAlongItsKey(step), what.constData());
            }
            VERIFY_OK(m_connection->check("explaining"));
        }
    }

private:
    /// A walk along a virtual table's own index, a subquery that is bounded, or a constant row.
    static bool isAlongItsKey(const QString& step)
    {
        return step.contains(QLatin1String("VIRTUAL TABLE INDEX")) || step.contains(QLatin1String("SUBQUERY"))
            || step.contains(QLatin1String("search_progress")) || step.contains(QLatin1String("(subquery"));
    }

    QTemporaryDir m_folder;
    std::unique_ptr<Connection> m_connection;
    JsonParser m_parser;
};

QTEST_GUILESS_MAIN(TestOrderPlans)
#include "tst_order_plans.moc"
