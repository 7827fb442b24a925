// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl principal: what is asked of the daemon, what is printed, and where secrets go.
#include "console/client/profile.h"
#include "tests/console/cli/support/cli_run.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::console;

namespace {

const std::string keyAnswer =
    R"({"principal":"shop","role":"support","key":{"id":7,"kind":"api"},"secret":"gk_secret"})";
const std::string replayedAnswer = R"({"principal":"shop","role":"support","key":{"id":7,"kind":"api"}})";

bool isPrivate(const QString& path)
{
    const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
    return (QFile::permissions(path) & others) == QFile::Permissions();
}

} // namespace

class PrincipalCommandsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void lists()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/principals", 200,
            R"({"items":[{"name":"ann","kind":"person","role":"admin","disabled":false,"keys":[)"
            R"({"id":1,"kind":"api","last_used_at":"2026-03-01T11:00:00Z"},{"id":2,"kind":"curve",)"
            R"("expires_at":"2026-03-01T13:00:00Z"}]},)"
            R"({"name":"shop","kind":"service","role":"support","disabled":true,"keys":[]}]})");
        QVERIFY2(cli.run({"principal", "list"}) == 0, cli.all());
        for (const char* part :
            {"ann", "person", "1 api, used 60 min ago; 2 curve, never used, until 2026-03-01T13", "shop",
                "disabled", "none"})
            QVERIFY2(cli.out.find(part) != std::string::npos, cli.all());
        QVERIFY2(cli.run({"principal", "list", "--role", "support"}) == 0, cli.all());
        QVERIFY(cli.out.find("ann") == std::string::npos);
    }

    void addsAndChanges()
    {
        CliRun cli;
        cli.daemon.answer("POST /v1/principals", 201, "{}");
        cli.daemon.answer("PUT /v1/principals/shop", 200, "{}");
        cli.daemon.answer("DELETE /v1/principals/shop/keys/7", 200, "{}");
        QVERIFY2(cli.run({"principal", "add", "shop", "--role", "support"}) == 0, cli.all());
        QVERIFY2(cli.run({"principal", "role", "shop", "viewer", "--reason", "r"}) == 0, cli.all());
        QVERIFY2(cli.run({"principal", "disable", "shop", "--reason", "r"}) == 0, cli.all());
        QVERIFY2(cli.run({"principal", "enable", "shop", "--reason", "r"}) == 0, cli.all());
        QVERIFY2(cli.run({"principal", "key", "revoke", "shop", "7", "--reason", "r"}) == 0, cli.all());
        std::vector<std::string> bodies;
        for (const ApiCall& call : cli.daemon.calls())
            bodies.push_back(call.body);
        const std::vector<std::string> expected{R"({"name":"shop","role":"support"})",
            R"({"role":"viewer","reason":"r"})", R"({"disabled":true,"reason":"r"})",
            R"({"disabled":false,"reason":"r"})", R"({"reason":"r"})"};
        QVERIFY(bodies == expected);
        for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
                 {"principal", "add", "shop"}, {"principal", "add", "shop", "--role", "Boss!"},
                 {"principal", "disable", "shop"}, {"principal", "key", "revoke", "shop", "7"}})
            QCOMPARE(cli.run(wrong), 64);
    }

    void printsAKeyOnce()
    {
        CliRun cli;
        cli.daemon.answer("POST /v1/principals/shop/keys", 201, keyAnswer);
        QVERIFY2(cli.run({"principal", "key", "add", "shop"}) == 0, cli.all());
        QCOMPARE(cli.out, std::string("gk_secret\n"));
        QVERIFY(!cli.daemon.calls().front().headers.empty()); // its Idempotency-Key
        cli.daemon.answer("POST /v1/principals/shop/keys", 200, replayedAnswer);
        QCOMPARE(cli.run({"principal", "key", "add", "shop"}), 74);
        QVERIFY2(cli.err.find("principal key revoke shop 7") != std::string::npos, cli.all());
    }

    void writesAKeyToAFileOfItsOwner()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("shop.key"));
        CliRun cli;
        cli.daemon.answer("POST /v1/principals/shop/keys", 201, keyAnswer);
        for (const char* style : {"--timeout=10", "--json"}) {
            QVERIFY2(cli.run({"principal", "key", "add", "shop", "--file", path.toStdString(), style}) == 0,
                cli.all());
            QVERIFY(cli.out.find("gk_secret") == std::string::npos
                && cli.err.find("gk_secret") == std::string::npos);
            QFile file(path);
            QVERIFY(file.open(QIODevice::ReadOnly));
            QCOMPARE(file.readAll(), QByteArray("gk_secret\n"));
            QVERIFY(isPrivate(path));
            // What is there already is left alone, and no key is made for nothing.
            const std::size_t calls = cli.daemon.calls().size();
            QCOMPARE(cli.run({"principal", "key", "add", "shop", "--file", path.toStdString()}), 73);
            QCOMPARE(cli.daemon.calls().size(), calls);
            QVERIFY(file.remove());
        }
    }

    void makesAProfileWhoseSecretStaysHere()
    {
        const QTemporaryDir folder;
        const std::string own = folder.filePath(QStringLiteral("admin.profile")).toStdString();
        const QString made = folder.filePath(QStringLiteral("carol.profile"));
        Profile admin{.name = "gantryd at h",
            .commands = "tcp://h:1",
            .events = "tcp://h:2",
            .workers = "tcp://h:3",
            .serverKey = std::string(40, 's'),
            .principal = "admin",
            .role = "admin"};
        QVERIFY(giveOwnKeys(admin));
        QVERIFY(saveProfile(own, admin));
        CliRun cli;
        cli.daemon.answer("POST /v1/principals/carol/keys", 201,
            R"({"principal":"carol","role":"support","key":{"id":9,"kind":"curve"}})");
        QVERIFY2(
            cli.run({"--profile", own, "principal", "profile", "carol", made.toStdString()}) == 0, cli.all());
        const auto profile = loadProfile(made.toStdString());
        QVERIFY2(profile, profile ? "" : profile.error().message.c_str());
        QVERIFY(isPrivate(made));
        QCOMPARE(profile->commands, admin.commands);
        QCOMPARE(profile->workers, admin.workers);
        QCOMPARE(profile->serverKey, admin.serverKey);
        QCOMPARE(profile->principal, std::string("carol"));
        QCOMPARE(profile->role, std::string("support"));
        QVERIFY(profile->secretKey != admin.secretKey && profile->publicKey != admin.publicKey);
        const std::string body = cli.daemon.calls().front().body;
        QVERIFY(body.find(R"("kind":"curve")") != std::string::npos);
        QVERIFY(body.find(profile->secretKey) == std::string::npos);
        QVERIFY(cli.out.find(profile->secretKey) == std::string::npos);
        QCOMPARE(cli.run({"--profile", own, "principal", "profile", "carol", made.toStdString()}), 73);
    }

    void tellsTheLog()
    {
        CliRun cli;
        cli.daemon.answer("GET /v1/principals/log?principal=shop&limit=100", 200,
            R"({"items":[{"number":3,"at":"2026-03-01T11:00:00Z","by":"ann","act":"key_revoked","principal":"shop",)"
            R"("key":7,"before":"api","reason":"left"}]})");
        QVERIFY2(cli.run({"principal", "log", "shop"}) == 0, cli.all());
        for (const char* part : {"ann", "key_revoked", "shop", "7", "api", "left"})
            QVERIFY2(cli.out.find(part) != std::string::npos, cli.all());
    }
};

QTEST_APPLESS_MAIN(PrincipalCommandsTest)
#include "tst_principal_commands.moc"
