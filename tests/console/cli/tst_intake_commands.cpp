// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl intake: what is asked of the daemon, and what is printed.
#include "shared/util/private_file.h"
#include "tests/console/cli/support/cli_run.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::console;

namespace {

const std::string source =
    R"({"name":"webshop","kind":"shopify","path":"/v1/intake/shopify/webshop","created_by":"ann",)"
    R"("created_at":"2026-03-01T11:00:00.000Z"})";
const std::string delivery =
    R"({"number":7,"source":"webshop","delivery_id":"w-1","topic":"orders/create","external_id":"5001",)"
    R"("received_at":"2026-03-01T11:00:00.000Z","asks":"nothing","outcome":"unmappable",)"
    R"("problem":"/currency is missing","body":"{\"id\":\u001b5001}"})";

const std::string addBody = R"({"name":"webshop","kind":"shopify","secret":"hush-hush-shop-secret"})";
const std::string rotateBody = R"({"keep_old_s":0,"secret":"hush-hush-shop-secret"})";
const std::string sources = "{\"items\":[" + source + "]}";
const std::string deliveries = "{\"items\":[" + delivery + "],\"next_cursor\":null}";
const std::string replayed = R"({"number":7,"outcome":"accepted","order_id":"ord_1"})";
const std::string shownBody = R"({"id":\x1b5001})";

} // namespace

class IntakeCommandsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        m_file = m_folder.filePath(QStringLiteral("secret")).toStdString();
        QVERIFY(writePrivateFile(m_file, "hush-hush-shop-secret\n").has_value());
    }

    void adds()
    {
        CliRun cli;
        cli.daemon.answer("POST /v1/intake/sources", 201, source);
        QVERIFY2(cli.run({"intake", "add", "shopify", "webshop", "--secret-file", m_file}) == 0, cli.all());
        QCOMPARE(cli.daemon.calls().front().body, addBody);
        QVERIFY(cli.out.find("/v1/intake/shopify/webshop") != std::string::npos);
        QVERIFY(cli.out.find("hush") == std::string::npos);
    }

    void rotatesAndRemoves()
    {
        CliRun cli;
        cli.daemon.answer("POST /v1/intake/sources/webshop/rotate", 200, source);
        QVERIFY2(cli.run({"intake", "rotate", "webshop", "--secret-file", m_file, "--keep-old", "0"}) == 0,
            cli.all());
        QCOMPARE(cli.daemon.calls().back().body, rotateBody);
        QVERIFY(cli.out.find("not any more") != std::string::npos);
        cli.daemon.answer("DELETE /v1/intake/sources/webshop", 200, source);
        QVERIFY2(cli.run({"intake", "remove", "webshop"}) == 0, cli.all());
        QVERIFY(cli.run({"intake", "remove", "other"}) != 0);
    }

    void wantsASecretThatIsOne()
    {
        CliRun cli;
        QCOMPARE(cli.run({"intake", "add", "shopify", "webshop"}), 64);
        QCOMPARE(cli.run({"intake", "add", "etsy", "webshop", "--secret-file", m_file}), 64);
        QVERIFY(cli.run({"intake", "add", "shopify", "webshop", "--secret-file", m_file + ".none"}) != 0);
        QFile open(m_folder.filePath(QStringLiteral("open")));
        QVERIFY(open.open(QIODevice::WriteOnly));
        open.write("hush-hush-shop-secret");
        open.close();
        QVERIFY(open.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ReadOther));
        QVERIFY(
            cli.run({"intake", "add", "shopify", "webshop", "--secret-file", open.fileName().toStdString()})
            != 0);
        QVERIFY(cli.daemon.calls().empty());
    }

    void lists()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/intake/sources", 200, sources);
        QVERIFY2(cli.run({"intake", "list"}) == 0, cli.all());
        for (const char* part : {"NAME", "webshop", "shopify", "ann"})
            QVERIFY2(cli.out.find(part) != std::string::npos, cli.all());
        cli.daemon.answer(
            "GET /v1/intake/deliveries?outcome=unmappable&source=webshop&limit=50", 200, deliveries);
        QVERIFY2(cli.run({"intake", "deliveries", "--outcome", "unmappable", "--source", "webshop"}) == 0,
            cli.all());
        for (const char* part :
            {"NUMBER", "7", "orders/create", "5001", "unmappable", "/currency is missing"})
            QVERIFY2(cli.out.find(part) != std::string::npos, cli.all());
    }

    void showsAndReplays()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/intake/deliveries/7", 200, delivery);
        QVERIFY2(cli.run({"intake", "show", "7"}) == 0, cli.all());
        QVERIFY2(cli.out.find("Problem: /currency is missing") != std::string::npos, cli.all());
        QVERIFY2(cli.out.find(shownBody) != std::string::npos, cli.all()); // moves no cursor
        cli.daemon.answer("POST /v1/intake/deliveries/7/replay", 200, replayed);
        QVERIFY2(cli.run({"intake", "replay", "7"}) == 0, cli.all());
        QVERIFY(cli.out.find("Outcome: accepted") != std::string::npos);
        QCOMPARE(cli.run({"intake", "replay", "seven"}), 64);
    }

private:
    QTemporaryDir m_folder;
    std::string m_file;
};

QTEST_APPLESS_MAIN(IntakeCommandsTest)
#include "tst_intake_commands.moc"
