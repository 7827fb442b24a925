// SPDX-License-Identifier: GPL-3.0-or-later
// What gantryd does not start with, and what it says then. The real program, on real files.
#include "daemon/app/exposure.h"
#include "shared/util/private_file.h"
#include "tests/support/daemon_process.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::test;

namespace {

constexpr uid_t nobody = 65534;

} // namespace

class StartRefusalsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_data = m_folder->path().toStdString();
    }

    /// Each file that a first start has made, opened to others one after the other.
    void refusesFilesThatOthersMayUse_data()
    {
        QTest::addColumn<QByteArray>("file");
        for (const char* file :
            {"server.pepper", "server.curve", "admin.curve", "admin.key", "gantry.db", "gantry.db.lock"})
            QTest::newRow(file) << QByteArray(file);
    }

    void refusesFilesThatOthersMayUse()
    {
        QFETCH(const QByteArray, file);
        QVERIFY(startsOnce());
        const std::string path = m_data + '/' + file.toStdString();
        for (const mode_t mode : {0640, 0604, 0620}) {
            QCOMPARE(::chmod(path.c_str(), mode), 0);
            refuses({}, path, "Run: chmod ");
        }
        QCOMPARE(::chmod(path.c_str(), 0600), 0);
        if (::geteuid() == 0) { // only root can give a file away
            QCOMPARE(::chown(path.c_str(), nobody, nobody), 0);
            refuses({}, path + " belongs to another user (65534)", "Run: chown 0 ");
            QCOMPARE(::chown(path.c_str(), 0, 0), 0);
        }
        const std::string elsewhere = path + ".elsewhere";
        QCOMPARE(::rename(path.c_str(), elsewhere.c_str()), 0);
        QCOMPARE(::symlink(elsewhere.c_str(), path.c_str()), 0);
        refuses({}, path + " is a symbolic link", "Put the file itself in its place.");
        QCOMPARE(::rename(elsewhere.c_str(), path.c_str()), 0);
        QVERIFY(startsOnce());
    }

    void refusesADataDirectoryThatOthersMayChange()
    {
        QVERIFY(startsOnce());
        for (const mode_t mode : {0770, 0702}) {
            QCOMPARE(::chmod(m_data.c_str(), mode), 0);
            refuses({}, m_data + " may be changed by others", "Run: chmod go-w ");
        }
        QCOMPARE(::chmod(m_data.c_str(), 0700), 0);
        if (::geteuid() == 0) {
            QCOMPARE(::chown(m_data.c_str(), nobody, nobody), 0);
            refuses({}, m_data + " belongs to another user (65534)", "Run: chown 0 ");
            QCOMPARE(::chown(m_data.c_str(), 0, 0), 0);
        }
        QVERIFY(startsOnce());
    }

    void makesItsFilesForItselfAlone()
    {
        const mode_t before = ::umask(0); // whatever the service's umask is
        const bool started = startsOnce();
        ::umask(before);
        QVERIFY(started);
        for (const char* file : {"server.pepper", "server.curve", "admin.curve", "admin.key", "admin.profile",
                 "gantry.db", "gantry.db.lock"}) {
            struct stat status { };
            QCOMPARE(::stat((m_data + '/' + file).c_str(), &status), 0);
            QVERIFY2((status.st_mode & 077U) == 0, file);
        }
    }

    void refusesAConfigurationThatOthersMayChange()
    {
        const std::string path = m_data + "/gantryd.toml";
        QVERIFY(writePrivateFile(path, "[store]\nreaders = 1\n"));
        QCOMPARE(::chmod(path.c_str(), 0662), 0);
        const Ended ended = run({"--config", path, "--data-dir", m_data});
        QCOMPARE(ended.code, EX_NOPERM);
        QVERIFY2(
            ended.said.find(path + " may be changed by others") != std::string::npos, ended.said.c_str());
    }

    void refusesSecretsInAConfigurationThatOthersMayRead_data()
    {
        QTest::addColumn<QByteArray>("settings");
        QTest::addColumn<QByteArray>("named");
        QTest::newRow("header") << QByteArray("[service.a]\nurl = \"https://a\"\n[service.a.headers]\n"
                                              "X-Api-Key = \"s3cret\"\n")
                                << QByteArray("service.a.headers.X-Api-Key");
        QTest::newRow("payment") << QByteArray("[payment]\nurl = \"http://us:s3cret@127.0.0.1:1\"\n")
                                 << QByteArray("payment.url");
    }

    void refusesSecretsInAConfigurationThatOthersMayRead()
    {
        QFETCH(const QByteArray, settings);
        QFETCH(const QByteArray, named);
        const std::string path = m_data + "/gantryd.toml";
        QVERIFY(writePrivateFile(path, settings.toStdString()));
        QCOMPARE(::chmod(path.c_str(), 0644), 0);
        const Ended ended = run({"--check", "--config", path});
        QCOMPARE(ended.code, EX_NOPERM);
        QVERIFY2(
            ended.said.find("The secret is " + named.toStdString()) != std::string::npos, ended.said.c_str());
        QVERIFY(ended.said.find("s3cret") == std::string::npos);
        QCOMPARE(::chmod(path.c_str(), 0600), 0);
        QCOMPARE(run({"--check", "--config", path}).code, EX_OK);
    }

    void readsAConfigurationWithoutSecretsThatOthersMayRead()
    {
        const std::string path = m_data + "/gantryd.toml";
        QVERIFY(writePrivateFile(
            path, "[service.a]\nurl = \"https://a\"\n[service.a.headers]\nX-Api-Version = \"3\"\n"));
        QCOMPARE(::chmod(path.c_str(), 0644), 0);
        QCOMPARE(run({"--check", "--config", path}).code, EX_OK);
    }

    void refusesPlainHttpBeyondThisMachine_data()
    {
        QTest::addColumn<QByteArray>("address");
        for (const char* address : {"0.0.0.0:0", "[::]:0", "10.1.2.3:7410", "[2001:db8::1]:7410",
                 "[::ffff:10.1.2.3]:7410", "orders.example:7410"})
            QTest::newRow(address) << QByteArray(address);
    }

    void refusesPlainHttpBeyondThisMachine()
    {
        QFETCH(const QByteArray, address);
        const Ended ended = run({"--data-dir", m_data, "--http", address.toStdString()});
        QCOMPARE(ended.code, EX_CONFIG);
        QVERIFY2(ended.said.find("HTTP would listen on " + address.toStdString() + " without TLS")
                != std::string::npos,
            ended.said.c_str());
        QVERIFY(ended.said.find("behind_tls_proxy = true") != std::string::npos);
    }

    void saysAtEachStartThatAProxyMustStandInFront()
    {
        const std::string path = m_data + "/gantryd.toml";
        QVERIFY(writePrivateFile(path, "[listen]\nbehind_tls_proxy = true\n"));
        const std::string ready = m_data + "/gantryd.addr";
        for (int start = 0; start < 2; ++start) {
            QFile::remove(QString::fromStdString(ready + ".log"));
            auto daemon = ChildProcess::start(programFolder() + "/gantryd",
                {"--config", path, "--data-dir", m_data, "--http", "0.0.0.0:0", "--commands", "127.0.0.1:0",
                    "--events", "127.0.0.1:0", "--workers", "127.0.0.1:0"},
                ready);
            QVERIFY2(daemon, daemon ? "" : daemon.error().message.c_str());
            QCOMPARE(daemon->terminate(), EX_OK);
            QFile log(QString::fromStdString(ready + ".log"));
            QVERIFY(log.open(QIODevice::ReadOnly));
            QVERIFY(log.readAll().contains("gantryd: warning: HTTP listens on 0.0.0.0:0 without TLS"));
        }
    }

    void knowsWhatIsThisMachine()
    {
        for (const char* host : {"127.0.0.1", "127.9.9.9", "::1", "localhost", "::ffff:127.0.0.1"})
            QVERIFY2(app::isLoopback(host), host);
        for (const char* host : {"0.0.0.0", "::", "128.0.0.1", "::2", "::ffff:0.0.0.0", "127.0.0.1.example",
                 "127.1", "LOCALHOST", ""})
            QVERIFY2(!app::isLoopback(host), host);
    }

private:
    struct Ended {
        int code = -1;
        std::string said;
    };

    static Ended run(const std::vector<std::string>& arguments)
    {
        QStringList words;
        for (const std::string& argument : arguments)
            words << QString::fromStdString(argument);
        QProcess process;
        process.start(QString::fromStdString(programFolder()) + QStringLiteral("/gantryd"), words);
        if (!process.waitForFinished(30'000))
            return {};
        return {process.exitCode(), process.readAllStandardError().toStdString()};
    }

    bool startsOnce()
    {
        auto daemon = DaemonProcess::start(m_data);
        if (!daemon)
            qWarning("%s", daemon.error().message.c_str());
        return daemon && daemon->process().terminate() == EX_OK;
    }

    void refuses(std::vector<std::string> arguments, const std::string& what, const std::string& toDo)
    {
        for (const char* door : {"--http", "--commands", "--events", "--workers"})
            arguments.insert(arguments.end(), {door, "127.0.0.1:0"});
        arguments.insert(arguments.end(), {"--data-dir", m_data});
        const Ended ended = run(arguments);
        QCOMPARE(ended.code, EX_NOPERM);
        QVERIFY2(ended.said.find(what) != std::string::npos, ended.said.c_str());
        QVERIFY2(ended.said.find(toDo) != std::string::npos, ended.said.c_str());
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::string m_data;
};

QTEST_GUILESS_MAIN(StartRefusalsTest)
#include "tst_start_refusals.moc"
