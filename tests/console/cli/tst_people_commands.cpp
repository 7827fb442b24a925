// SPDX-License-Identifier: GPL-3.0-or-later
// gantryctl login, logout, password and session: what is asked of the daemon, and where the token goes.
#include "tests/console/cli/support/cli_run.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::console;

namespace {

const std::string loginAnswer = "{\"token\":\"gs_secret\",\"principal\":\"carol\",\"role\":\"support\","
                                "\"must_change_password\":true,\"session\":{\"id\":7}}";

std::string authorizationOf(const ApiCall& call)
{
    for (const auto& [name, value] : call.headers)
        if (name == "authorization")
            return value;
    return {};
}

} // namespace

class PeopleCommandsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_cli = std::make_unique<CliRun>();
        m_cli->environment["XDG_STATE_HOME"] = m_folder->path().toStdString() + "/state";
        m_cli->daemon.answer("POST /v1/login", 200, loginAnswer);
        m_cli->daemon.answer("POST /v1/logout", 200, "{\"ended\":{\"id\":7}}");
        m_cli->daemon.answer("GET /v1/sessions", 200,
            "{\"items\":[{\"id\":7,\"person\":\"carol\",\"peer\":\"10.0.0.7\",\"started_at\":\"2026-03-01T08:"
            "00:00Z\"}]}");
    }

    void callsAfterALoginAreByThePerson()
    {
        logIn();
        QVERIFY(m_cli->out.find("gs_secret") == std::string::npos
            && m_cli->err.find("gs_secret") == std::string::npos);
        QVERIFY2(m_cli->err.find("gantryctl password") != std::string::npos, m_cli->all());
        QCOMPARE(m_cli->daemon.calls().front().body,
            std::string("{\"name\":\"carol\",\"password\":\"a pass phrase\"}"));
        QCOMPARE(authorizationOf(m_cli->daemon.calls().front()), std::string());
        QVERIFY2(m_cli->run({"session", "list"}) == 0, m_cli->all());
        QCOMPARE(authorizationOf(m_cli->daemon.calls().back()), std::string("Bearer gs_secret"));
        QVERIFY2(m_cli->out.find("carol") != std::string::npos, m_cli->all());
        // By another profile, and so perhaps another daemon, the token is not shown.
        QVERIFY2(m_cli->run({"session", "list", "--profile", "/elsewhere"}) == 0, m_cli->all());
        QCOMPARE(authorizationOf(m_cli->daemon.calls().back()), std::string());
        QVERIFY2(m_cli->run({"logout"}) == 0, m_cli->all());
        QCOMPARE(authorizationOf(m_cli->daemon.calls().back()), std::string("Bearer gs_secret"));
        QVERIFY(files().isEmpty());
        const std::size_t calls = m_cli->daemon.calls().size();
        QVERIFY2(m_cli->run({"logout"}) == 0, m_cli->all());
        QCOMPARE(m_cli->daemon.calls().size(), calls); // nothing to end
    }

    void theTokenIsItsOwnersAlone()
    {
        logIn();
        QCOMPARE(files().size(), 1);
        const QString path = m_folder->path() + QStringLiteral("/state/gantry/") + files().front();
        const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
        QVERIFY((QFile::permissions(path) & others) == QFile::Permissions());
        QVERIFY(QFile::setPermissions(path, QFile::permissions(path) | QFile::ReadOther));
        QVERIFY2(m_cli->run({"session", "list"}) != 0, m_cli->all()); // is not used then
    }

    void aSessionThatIsOverIsForgotten()
    {
        logIn();
        m_cli->daemon.answer(
            "POST /v1/logout", 401, "{\"code\":\"unauthenticated\",\"status\":401,\"detail\":\"Over.\"}");
        QVERIFY2(m_cli->run({"logout"}) == 0, m_cli->all());
        QVERIFY(files().isEmpty());
    }

    void aWrongPasswordKeepsNothing()
    {
        m_cli->daemon.answer(
            "POST /v1/login", 401, "{\"code\":\"unauthenticated\",\"status\":401,\"detail\":\"No.\"}");
        m_cli->input = "wrong\n";
        QVERIFY2(m_cli->run({"login", "carol"}) != 0, m_cli->all());
        QVERIFY(files().isEmpty());
        m_cli->input.clear();
        QCOMPARE(m_cli->run({"login", "carol"}), 64);
        QCOMPARE(m_cli->run({"login"}), 64);
    }

    void changesAndResetsPasswords()
    {
        m_cli->daemon.answer("POST /v1/password", 200, "{}");
        m_cli->daemon.answer("PUT /v1/principals/carol/password", 200,
            "{\"principal\":\"carol\",\"password\":\"k7mq-2xwd-p9ea-hv4t-cz8n\",\"must_change_password\":"
            "true}");
        m_cli->daemon.answer("DELETE /v1/sessions/7", 200, "{}");
        m_cli->input = "old one\nnew one\n";
        QVERIFY2(m_cli->run({"password"}) == 0, m_cli->all());
        QCOMPARE(
            m_cli->daemon.calls().back().body, std::string("{\"current\":\"old one\",\"new\":\"new one\"}"));
        m_cli->input = "old one\n";
        QCOMPARE(m_cli->run({"password"}), 64);
        QVERIFY2(m_cli->run({"principal", "password", "carol", "--reason", "r"}) == 0, m_cli->all());
        QCOMPARE(m_cli->out, std::string("k7mq-2xwd-p9ea-hv4t-cz8n\n"));
        QVERIFY2(m_cli->run({"session", "end", "7", "--reason", "r"}) == 0, m_cli->all());
        QCOMPARE(m_cli->daemon.calls().back().body, std::string("{\"reason\":\"r\"}"));
        QCOMPARE(m_cli->run({"session", "end", "7"}), 64);
        QCOMPARE(m_cli->run({"principal", "password", "carol"}), 64);
    }

private:
    void logIn()
    {
        m_cli->input = "a pass phrase\n";
        QVERIFY2(m_cli->run({"login", "carol"}) == 0, m_cli->all());
    }

    [[nodiscard]] QStringList files() const
    {
        return QDir(m_folder->path() + QStringLiteral("/state/gantry")).entryList(QDir::Files);
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<CliRun> m_cli;
};

QTEST_GUILESS_MAIN(PeopleCommandsTest)
#include "tst_people_commands.moc"
