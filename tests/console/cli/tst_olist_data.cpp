// SPDX-License-Identifier: GPL-3.0-or-later
// The real data set, where it lies beside the sources: exact counts, and the money against a reckoning of its own.
#include "console/cli/import/csv_reader.h"
#include "tests/console/cli/support/cli_run.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>
#include <fstream>

using namespace gantry::console;

namespace {

/// Hundredths out of `12.34`, in a way that shares nothing with parseAmount().
qint64 hundredths(const std::string& text)
{
    QString digits = QString::fromStdString(text);
    digits.remove(QLatin1Char('.'));
    return digits.toLongLong();
}

std::vector<std::vector<std::string>> rowsOf(const QString& folder, const char* file)
{
    std::ifstream stream((folder + QLatin1Char('/') + QLatin1String(file)).toStdString(), std::ios::binary);
    CsvReader reader(stream);
    CsvRecord record;
    std::vector<std::vector<std::string>> rows;
    reader.next(record);
    while (reader.next(record))
        rows.push_back(record.fields);
    return rows;
}

QJsonObject counts(std::initializer_list<std::pair<QString, int>> members)
{
    QJsonObject object;
    for (const auto& [name, value] : members)
        object.insert(name, value);
    return object;
}

QJsonObject fileCounts(const QJsonObject& report, const QString& name)
{
    for (const QJsonValue file : report.value(QLatin1String("files")).toArray())
        if (file.toObject().value(QLatin1String("file")).toString() == name)
            return file.toObject();
    return {};
}

} // namespace

class TestOlistData : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void importsAll();
    void importsAgain();

private:
    QString m_folder;
    CliRun m_cli;
    qint64 m_total = 0;
};

void TestOlistData::initTestCase()
{
    m_folder =
        QDir::cleanPath(qEnvironmentVariable("GANTRY_SOURCE") + QLatin1String("/../shared/data/olist"));
    if (!QDir(m_folder).exists())
        m_folder = QDir::cleanPath(qEnvironmentVariable("GANTRY_OLIST"));
    if (m_folder.isEmpty() || !QDir(m_folder).exists())
        QSKIP("THE REAL DATA SET IS NOT THERE: lay it into ../shared/data/olist beside the sources, or name "
              "it in GANTRY_OLIST.");
}

void TestOlistData::importsAll()
{
    QTemporaryDir scratch;
    const QString reportPath = scratch.filePath(QLatin1String("report.jsonl"));
    m_cli.run({"--json", "import", "olist", m_folder.toStdString(), "--report", reportPath.toStdString()});
    QVERIFY2(m_cli.code == 1, m_cli.all());
    const QJsonObject report = QJsonDocument::fromJson(QByteArray::fromStdString(m_cli.out)).object();
    const QJsonObject orders = report.value(QLatin1String("orders")).toObject();
    QCOMPARE(orders.value(QLatin1String("read")).toInt(), 17196);
    QCOMPARE(orders.value(QLatin1String("accepted")).toInt(), 16928);
    QCOMPARE(orders.value(QLatin1String("replayed")).toInt(), 0);
    QCOMPARE(orders.value(QLatin1String("rejected")).toInt(), 268);
    QCOMPARE(orders.value(QLatin1String("undecided")).toInt(), 0);
    const QString no = QStringLiteral("no_");
    QCOMPARE(orders.value(QLatin1String("reasons")).toObject(),
        counts({{no + QLatin1String("items"), 169}, {no + QLatin1String("payment"), 1},
            {QStringLiteral("payments_mismatch"), 98}}));
    QCOMPARE(report.value(QLatin1String("remarks")).toObject(),
        counts({{QStringLiteral("no_approval_time"), 35}, {QStringLiteral("no_carrier_time"), 371},
            {QStringLiteral("no_delivery_time"), 551}, {QStringLiteral("delivered_without_time"), 1},
            {QStringLiteral("carrier_before_approval"), 126}, {QStringLiteral("carrier_before_purchase"), 19},
            {QStringLiteral("delivered_before_carrier"), 5},
            {QStringLiteral("delivered_after_promise"), 1200}, {QStringLiteral("payment_sequence_gap"), 7},
            {QStringLiteral("no_category"), 265}, {QStringLiteral("untranslated_category"), 4}}));
    QCOMPARE(m_cli.daemon.orders().size(), 16928U);

    // Every row is accounted for, and every rejected one is named.
    int rejectedRows = 0;
    for (const QJsonValue value : report.value(QLatin1String("files")).toArray()) {
        const QJsonObject file = value.toObject();
        const int rejected = file.value(QLatin1String("rejected")).toInt();
        QCOMPARE(file.value(QLatin1String("used")).toInt() + file.value(QLatin1String("unused")).toInt()
                + rejected,
            file.value(QLatin1String("rows")).toInt());
        rejectedRows += rejected;
    }
    QCOMPARE(fileCounts(report, QStringLiteral("olist_order_items_dataset.csv"))
                 .value(QLatin1String("used"))
                 .toInt(),
        19213);
    QCOMPARE(fileCounts(report, QStringLiteral("olist_order_payments_dataset.csv"))
                 .value(QLatin1String("used"))
                 .toInt(),
        17739);
    QCOMPARE(
        fileCounts(report, QStringLiteral("olist_products_dataset.csv")).value(QLatin1String("used")).toInt(),
        9842);
    QFile rows(reportPath);
    QVERIFY(rows.open(QIODevice::ReadOnly));
    int named = 0;
    while (!rows.atEnd()) {
        const QJsonObject row = QJsonDocument::fromJson(rows.readLine()).object();
        QVERIFY(row.value(QLatin1String("line")).toInt() > 1);
        QVERIFY(!row.value(QLatin1String("reason")).toString().isEmpty());
        ++named;
    }
    QCOMPARE(named, rejectedRows);

    // Conservation: what the daemon has is the money of all orders whose two sides agree.
    std::map<std::string, qint64> owed;
    std::map<std::string, qint64> paid;
    for (const auto& row : rowsOf(m_folder, "olist_order_items_dataset.csv"))
        owed[row[0]] += hundredths(row[5]) + hundredths(row[6]);
    for (const auto& row : rowsOf(m_folder, "olist_order_payments_dataset.csv"))
        paid[row[0]] += hundredths(row[4]);
    for (const auto& [order, amount] : owed)
        if (const auto found = paid.find(order); found != paid.end() && found->second == amount)
            m_total += amount;
    QCOMPARE(static_cast<qint64>(m_cli.daemon.totalOfOrders()), m_total);
    QCOMPARE(
        report.value(QLatin1String("totals")).toObject().value(QLatin1String("BRL")).toInteger(), m_total);
}

void TestOlistData::importsAgain()
{
    QVERIFY2(m_cli.run({"import", "olist", m_folder.toStdString(), "--json"}) == 1, m_cli.all().left(2000));
    const QJsonObject orders = QJsonDocument::fromJson(QByteArray::fromStdString(m_cli.out))
                                   .object()
                                   .value(QLatin1String("orders"))
                                   .toObject();
    QCOMPARE(orders.value(QLatin1String("accepted")).toInt(), 0);
    QCOMPARE(orders.value(QLatin1String("replayed")).toInt(), 16928);
    QCOMPARE(m_cli.daemon.orders().size(), 16928U);
    QCOMPARE(static_cast<qint64>(m_cli.daemon.totalOfOrders()), m_total);
}

QTEST_APPLESS_MAIN(TestOlistData)
#include "tst_olist_data.moc"
