// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/http_runner.h"

#include "tests/daemon/steps/call_tasks.h"
#include "tests/daemon/steps/stub_service.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <mutex>

using namespace gantry;
using namespace gantry::test;
using namespace std::chrono_literals;

namespace {

constexpr int patience = 60'000; ///< ms: more than a slow machine takes

/// What the runner says, from any thread.
class Ear {
public:
    engine::TaskDone slot()
    {
        return [this](engine::TaskResult result) {
            const std::lock_guard lock(m_mutex);
            m_results.push_back(std::move(result));
        };
    }
    void limit(engine::LaneLimit limit)
    {
        const std::lock_guard lock(m_mutex);
        m_limits.push_back(limit.limit);
    }
    std::size_t count()
    {
        const std::lock_guard lock(m_mutex);
        return m_results.size();
    }
    std::vector<engine::TaskResult> results()
    {
        const std::lock_guard lock(m_mutex);
        return m_results;
    }
    std::vector<std::size_t> limits()
    {
        const std::lock_guard lock(m_mutex);
        return m_limits;
    }

private:
    std::mutex m_mutex;
    std::vector<engine::TaskResult> m_results;
    std::vector<std::size_t> m_limits;
};

void answerOk(QSslSocket& connection, const QByteArray&)
{
    connection.write(StubService::reply(200, R"({"label":"L1"})"));
}

steps::HttpService serviceAt(const StubService& stub)
{
    steps::HttpService service{.name = "carrier", .isTls = false, .host = "127.0.0.1"};
    service.port = stub.serverPort();
    service.allowsPrivate = true;
    service.connectTimeout = 20s;
    service.breaker.failures = 1000;
    return service;
}

/// A name that leads to these addresses.
steps::Resolver leadsTo(const QStringList& addresses)
{
    return [addresses](const QString&, QObject* context, auto found) {
        QList<QHostAddress> list;
        for (const QString& address : addresses)
            list.append(QHostAddress(address));
        QTimer::singleShot(0, context, [list, found] { found(list, QStringLiteral("no such name")); });
    };
}

/// A runner with one service, and what came of its tasks.
struct World {
    explicit World(steps::HttpService service, steps::Resolver resolver = steps::systemResolver())
        : runner({.services = {std::move(service)},
            .clock = clock,
            .limitLane = [this](const engine::LaneLimit& limit) { ear.limit(limit); },
            .resolver = std::move(resolver)})
    {
    }

    engine::TaskResult call(std::chrono::milliseconds timeout = 20s)
    {
        const std::size_t before = ear.count();
        auto task = taskOf(definition);
        task.timeout = timeout;
        runner.start(std::move(task), ear.slot());
        [&] { QTRY_COMPARE_WITH_TIMEOUT(ear.count(), before + 1, patience); }();
        return ear.count() > before ? ear.results().back() : engine::TaskResult{};
    }

    SystemClock clock;
    HttpCall definition = labelCall();
    Ear ear;
    steps::HttpRunner runner;
};

/// A certificate that vouches for itself, and its key.
struct Certificate {
    explicit Certificate(const QString& name)
    {
        QTemporaryDir folder;
        const QString keyPath = folder.filePath(QStringLiteral("key.pem"));
        const QString certificatePath = folder.filePath(QStringLiteral("certificate.pem"));
        QProcess openssl;
        openssl.start(QStringLiteral("openssl"),
            {QStringLiteral("req"), QStringLiteral("-x509"), QStringLiteral("-newkey"), QStringLiteral("ec"),
                QStringLiteral("-pkeyopt"), QStringLiteral("ec_paramgen_curve:P-256"),
                QStringLiteral("-nodes"), QStringLiteral("-days"), QStringLiteral("3"),
                QStringLiteral("-subj"), QStringLiteral("/CN=test"), QStringLiteral("-addext"),
                QStringLiteral("subjectAltName=") + name, QStringLiteral("-keyout"), keyPath,
                QStringLiteral("-out"), certificatePath});
        if (!openssl.waitForFinished(patience) || openssl.exitCode() != 0)
            qFatal("openssl made no certificate: %s", openssl.readAllStandardError().constData());
        QFile keyFile(keyPath);
        QFile certificateFile(certificatePath);
        if (!keyFile.open(QIODevice::ReadOnly) || !certificateFile.open(QIODevice::ReadOnly))
            qFatal("openssl wrote no certificate");
        key = QSslKey(keyFile.readAll(), QSsl::Ec);
        pem = certificateFile.readAll();
        certificate = QSslCertificate(pem);
    }
    QSslKey key;
    QSslCertificate certificate;
    QByteArray pem;
};

} // namespace

class HttpRunnerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void recordsWhatTheServiceGave()
    {
        StubService stub(answerOk);
        World world(serviceAt(stub));
        const auto result = world.call();
        QVERIFY2(result.succeeded, result.message.c_str());
        QCOMPARE(result.result, std::string(R"({"label":"L1"})"));
        QVERIFY(stub.requests().front().startsWith("POST /labels HTTP/1.1\r\n"));
    }

    void usesAConnectionAgain()
    {
        StubService stub(answerOk);
        World world(serviceAt(stub));
        for (int i = 0; i < 5; ++i)
            QVERIFY(world.call().succeeded);
        QVERIFY(stub.connections() < 5); // some may have been idle for too long on a slow machine
    }

    void callsAgainWhereAnIdleConnectionIsGone()
    {
        // Closes each connection behind its first answer without saying so, or as the second request comes.
        int answers = 0;
        StubService stub([&answers](QSslSocket& connection, const QByteArray&) {
            if (++answers % 2 == 0)
                return connection.abort();
            connection.write(StubService::reply(200, "{}"));
        });
        World world(serviceAt(stub));
        for (int i = 0; i < 3; ++i) {
            const auto result = world.call();
            QVERIFY2(result.succeeded, result.message.c_str());
        }
    }

    void troubles_data()
    {
        QTest::addColumn<QByteArray>("bytes"); // what the service says before it closes
        QTest::addColumn<QByteArray>("code"); // empty: success
        QTest::newRow("nothing") << QByteArray() << QByteArray("connection_lost");
        QTest::newRow("garbage") << QByteArray("\x16\x03\x01 hello\n") << QByteArray("bad_response");
        QTest::newRow("half a line") << QByteArray("HTTP/1.1 20") << QByteArray("connection_lost");
        QTest::newRow("half a head") << QByteArray("HTTP/1.1 200 OK\r\nContent-")
                                     << QByteArray("connection_lost");
        QTest::newRow("half a body") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{\"a\"")
                                     << QByteArray("connection_lost");
        QTest::newRow("body until it closes")
            << QByteArray("HTTP/1.1 200 OK\r\n\r\n{\"a\":1}") << QByteArray();
        QTest::newRow("chunks") << QByteArray(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{\"a\":1}\r\n0\r\n\r\n")
                                << QByteArray();
        QTest::newRow("not JSON") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
                                  << QByteArray("bad_response");
        QTest::newRow("too large") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 999999999\r\n\r\n")
                                   << QByteArray("response_too_large");
        QTest::newRow("too large until it closes") << QByteArray("HTTP/1.1 200 OK\r\n\r\n")
                + QByteArray(5000, ' ') << QByteArray("response_too_large");
        QTest::newRow("endless head")
            << "HTTP/1.1 200 OK\r\nX: " + QByteArray(40'000, 'x') << QByteArray("bad_response");
        QTest::newRow("two lengths") << QByteArray(
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 7\r\n\r\n{}")
                                     << QByteArray("bad_response");
        QTest::newRow("unavailable") << QByteArray("HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n")
                                     << QByteArray("http_503");
        QTest::newRow("refused") << QByteArray("HTTP/1.1 422 No\r\nContent-Length: 0\r\n\r\n")
                                 << QByteArray("http_422");
    }

    void troubles()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, code);
        StubService stub([bytes](QSslSocket& connection, const QByteArray&) {
            connection.write(bytes);
            connection.disconnectFromHost();
        });
        auto service = serviceAt(stub);
        service.maxResponseBytes = 4000;
        World world(service);
        const auto result = world.call();
        QCOMPARE(QByteArray::fromStdString(result.code), code);
        QCOMPARE(result.succeeded, code.isEmpty());
    }

    void anEndlessBodyIsCutOff()
    {
        qint64 written = 0;
        bool isGone = false;
        StubService stub([&](QSslSocket& connection, const QByteArray&) {
            connection.write("HTTP/1.1 200 OK\r\n\r\n");
            connect(&connection, &QSslSocket::bytesWritten, &connection,
                [&written, &connection] { written += connection.write(QByteArray(16 * 1024, ' ')); });
            connect(&connection, &QSslSocket::disconnected, &connection, [&isGone] { isGone = true; });
        });
        World world(serviceAt(stub));
        QCOMPARE(world.call().code, std::string("response_too_large"));
        QTRY_VERIFY_WITH_TIMEOUT(isGone, patience);
        QVERIFY2(
            written < 64LL * 1024 * 1024, QByteArray::number(written).constData()); // what two sockets hold
    }

    void whatComesBehindAnAnswerIsNobodyElsesAnswer()
    {
        StubService stub([](QSslSocket& connection, const QByteArray&) {
            connection.write(
                StubService::reply(200, R"({"mine":true})") + StubService::reply(200, R"({"mine":false})"));
        });
        World world(serviceAt(stub));
        for (int i = 0; i < 3; ++i)
            QCOMPARE(world.call().result, std::string(R"({"mine":true})"));
        QCOMPARE(stub.connections(), 3);
    }

    void saysSoWhereARequestMayHaveArrived()
    {
        // The idle connection is closed as the second request comes, and then nobody is there any more.
        auto stub = std::make_unique<StubService>(answerOk);
        World world(serviceAt(*stub));
        QVERIFY(world.call().succeeded);
        stub->setAnswer([&stub](QSslSocket& connection, const QByteArray&) {
            stub->close();
            connection.abort();
        });
        const auto result = world.call();
        QCOMPARE(result.code, std::string("connection_lost"));
        QVERIFY2(result.message.find("Whether it acted is not known") != std::string::npos,
            result.message.c_str());
    }

    void followsNoRedirect()
    {
        StubService elsewhere(answerOk);
        const QByteArray place =
            "Location: http://127.0.0.1:" + QByteArray::number(elsewhere.serverPort()) + "/\r\n";
        StubService stub([place](QSslSocket& connection, const QByteArray&) {
            connection.write(StubService::reply(307, "{}", place));
        });
        World world(serviceAt(stub));
        const auto result = world.call();
        QCOMPARE(result.code, std::string("http_307"));
        QVERIFY(result.fatal);
        QCOMPARE(stub.requests().size(), 1);
        QCOMPARE(elsewhere.connections(), 0);
    }

    void honorsRetryAfter_data()
    {
        QTest::addColumn<bool>("isDate");
        QTest::newRow("seconds") << false;
        QTest::newRow("date") << true;
    }

    void honorsRetryAfter()
    {
        QFETCH(bool, isDate);
        StubService stub([isDate](QSslSocket& connection, const QByteArray&) {
            const auto later = QLocale::c().toString(QDateTime::currentDateTimeUtc().addSecs(7200),
                QStringLiteral("ddd, dd MMM yyyy hh:mm:ss 'GMT'"));
            connection.write(StubService::reply(
                429, "{}", "Retry-After: " + (isDate ? later.toLatin1() : QByteArray("7200")) + "\r\n"));
        });
        World world(serviceAt(stub));
        const auto result = world.call();
        QCOMPARE(result.code, std::string("http_429"));
        QVERIFY(result.retryAfter && *result.retryAfter <= 7200s && *result.retryAfter > 7000s);
    }

    void silenceEndsWithTheTimeOut()
    {
        StubService stub([](QSslSocket&, const QByteArray&) {});
        World world(serviceAt(stub));
        const auto result = world.call(200ms);
        QCOMPARE(result.code, std::string("timeout"));
        QVERIFY(!result.fatal);
    }

    void aDripEndsWithTheTimeOut()
    {
        StubService stub([](QSslSocket& connection, const QByteArray&) {
            connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
            auto* timer = new QTimer(&connection);
            QObject::connect(timer, &QTimer::timeout, &connection, [&connection] { connection.write("x"); });
            timer->start(20);
        });
        World world(serviceAt(stub));
        QCOMPARE(world.call(400ms).code, std::string("timeout"));
    }

    void nobodyThere()
    {
        steps::HttpService service{.name = "carrier", .isTls = false, .host = "127.0.0.1"};
        {
            const StubService stub(answerOk);
            service = serviceAt(stub);
        }
        World world(service);
        const auto result = world.call();
        QCOMPARE(result.code, std::string("connect_failed"));
        QVERIFY(!result.fatal && result.message.find("Nothing was sent") != std::string::npos);
    }

    void aConnectionHasATimeOutOfItsOwn()
    {
        StubService stub([](QSslSocket&, const QByteArray&) {});
        auto service = serviceAt(stub);
        service.isTls = true; // the server never says a word of TLS
        service.connectTimeout = 200ms;
        World world(service);
        QCOMPARE(world.call(60s).code, std::string("connect_failed"));
    }

    void aNameThatLeadsNowhere()
    {
        StubService stub(answerOk);
        auto service = serviceAt(stub);
        service.host = "carrier.test";
        World world(service, leadsTo({}));
        const auto result = world.call();
        QCOMPARE(result.code, std::string("connect_failed"));
        QVERIFY(result.message.find("no such name") != std::string::npos);
    }

    void refusesAddressesThatAreNotPublic()
    {
        StubService stub(answerOk);
        auto service = serviceAt(stub);
        service.allowsPrivate = false;
        QCOMPARE(World(service).call().code, std::string("address_refused"));
        service.host = "localhost";
        QCOMPARE(World(service).call().code, std::string("address_refused"));
        service.host = "carrier.test"; // a name of the outside that leads inside
        const auto result =
            World(service, leadsTo({QStringLiteral("127.0.0.1"), QStringLiteral("169.254.169.254")})).call();
        QCOMPARE(result.code, std::string("address_refused"));
        QVERIFY(result.message.find("169.254.169.254") != std::string::npos);
        QCOMPARE(stub.connections(), 0);
    }

    void looksANameUpOnce()
    {
        StubService stub(answerOk);
        auto service = serviceAt(stub);
        service.host = "carrier.test";
        int lookups = 0;
        World world(service, [&lookups](const QString& name, QObject* context, auto found) {
            ++lookups;
            leadsTo({QStringLiteral("127.0.0.1")})(name, context, found);
        });
        QVERIFY(world.call().succeeded);
        QCOMPARE(lookups, 1);
        QCOMPARE(headerOf(stub.requests().front(), "Host"),
            "carrier.test:" + QByteArray::number(stub.serverPort()));
    }

    void triesTheNextAddress()
    {
        StubService stub(answerOk);
        auto service = serviceAt(stub);
        service.host = "carrier.test";
        World world(service, leadsTo({QStringLiteral("127.0.0.9"), QStringLiteral("127.0.0.1")}));
        const auto result = world.call();
        QVERIFY2(result.succeeded, result.message.c_str());
    }

    void anAddressThatSaysNothingLeavesTimeForTheNext()
    {
        const Certificate certificate(QStringLiteral("DNS:carrier.test"));
        StubService stub(answerOk);
        stub.setTls(certificate.certificate, certificate.key);
        QTcpServer silent; // takes connections and never says a word of TLS
        if (!silent.listen(QHostAddress(QStringLiteral("127.0.0.2")), stub.serverPort()))
            QSKIP("127.0.0.2 is not of this machine.");
        auto service = serviceAt(stub);
        service.isTls = true;
        service.host = "carrier.test";
        service.caCertificates = certificate.pem.toStdString();
        service.connectTimeout = 6s;
        World world(service, leadsTo({QStringLiteral("127.0.0.2"), QStringLiteral("127.0.0.1")}));
        const auto result = world.call();
        QVERIFY2(result.succeeded, result.message.c_str());
        QVERIFY(silent.hasPendingConnections());
    }

    void verifiesCertificates_data()
    {
        QTest::addColumn<QString>("name"); // that the certificate is for
        QTest::addColumn<bool>("isTrusted");
        QTest::addColumn<bool>("isGood");
        QTest::newRow("good") << QStringLiteral("DNS:carrier.test") << true << true;
        QTest::newRow("of another name") << QStringLiteral("DNS:other.test") << true << false;
        QTest::newRow("of the address, not the name") << QStringLiteral("IP:127.0.0.1") << true << false;
        QTest::newRow("of nobody known") << QStringLiteral("DNS:carrier.test") << false << false;
    }

    void verifiesCertificates()
    {
        QFETCH(QString, name);
        QFETCH(bool, isTrusted);
        QFETCH(bool, isGood);
        QVERIFY(QSslSocket::supportsSsl());
        const Certificate certificate(name);
        StubService stub(answerOk);
        stub.setTls(certificate.certificate, certificate.key);
        auto service = serviceAt(stub);
        service.isTls = true;
        service.host = "carrier.test";
        service.caCertificates =
            (isTrusted ? certificate : Certificate(QStringLiteral("DNS:carrier.test"))).pem.toStdString();
        World world(service, leadsTo({QStringLiteral("127.0.0.1")}));
        for (int i = 0; i < 2; ++i) {
            const auto result = world.call();
            QVERIFY2(result.succeeded == isGood, result.message.c_str());
            if (!isGood)
                QCOMPARE(result.code, std::string("tls_failed"));
        }
        QCOMPARE(stub.requests().size(), isGood ? 2 : 0); // nothing is said to a stranger
    }

    void theSystemsCertificatesDoNotKnowOurs()
    {
        const Certificate certificate(QStringLiteral("DNS:carrier.test"));
        StubService stub(answerOk);
        stub.setTls(certificate.certificate, certificate.key);
        auto service = serviceAt(stub);
        service.isTls = true;
        service.host = "carrier.test";
        World world(service, leadsTo({QStringLiteral("127.0.0.1")}));
        QCOMPARE(world.call().code, std::string("tls_failed"));
        QCOMPARE(stub.requests().size(), 0);
    }

    void notConfigured()
    {
        StubService stub(answerOk);
        World world(serviceAt(stub));
        world.definition.service = "stranger";
        const auto result = world.call();
        QCOMPARE(result.code, std::string("not_configured"));
        QVERIFY(result.fatal && result.message.find("[service.stranger]") != std::string::npos);
    }

    void leavesAServiceAloneAndTriesItAgain()
    {
        bool isWell = false;
        StubService stub([&isWell](QSslSocket& connection, const QByteArray&) {
            connection.write(StubService::reply(isWell ? 200 : 500, "{}"));
        });
        auto service = serviceAt(stub);
        service.maxInFlight = 7;
        service.breaker = {
            .failures = 3, .failureRate = 0.5, .window = 600'000ms, .open = 300ms, .probes = 1};
        World world(service);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(world.call().code, std::string("http_500"));
        QTRY_COMPARE_WITH_TIMEOUT(world.ear.limits().size(), std::size_t{1}, patience);
        QCOMPARE(world.ear.limits().front(), std::size_t{0});
        const auto open = world.runner.status();
        // It may be half-open by now on a slow machine, but closed it can't be.
        QVERIFY(open->front().state != engine::BreakerState::Closed);
        QVERIFY(open->front().lastError.find("http_500") == 0);
        QTRY_COMPARE_WITH_TIMEOUT(world.ear.limits(), (std::vector<std::size_t>{0, 1}), patience);
        QCOMPARE(world.call().code, std::string("http_500")); // the probe fails
        QTRY_COMPARE_WITH_TIMEOUT(world.ear.limits(), (std::vector<std::size_t>{0, 1, 0, 1}), patience);
        isWell = true;
        QVERIFY(world.call().succeeded);
        QTRY_COMPARE_WITH_TIMEOUT(world.ear.limits(), (std::vector<std::size_t>{0, 1, 0, 1, 7}), patience);
        QTRY_VERIFY_WITH_TIMEOUT(
            world.runner.status()->front().state == engine::BreakerState::Closed, patience);
        QVERIFY(world.runner.status()->front().lastSuccess);
        QCOMPARE(stub.requests().size(), 5);
    }

    void handsBackWhatMayNotBeCalled()
    {
        StubService stub([](QSslSocket& connection, const QByteArray&) {
            connection.write(StubService::reply(500, "{}"));
        });
        auto service = serviceAt(stub);
        service.breaker = {
            .failures = 1, .failureRate = 0.5, .window = 600'000ms, .open = 3'600'000ms, .probes = 1};
        World world(service);
        QCOMPARE(world.call().code, std::string("http_500"));
        const auto result = world.call();
        QVERIFY(result.isHandedBack && !result.succeeded && result.code.empty());
        QCOMPARE(stub.requests().size(), 1);
        const auto status = world.runner.status()->front();
        QVERIFY(status.state == engine::BreakerState::Open && status.nextProbe);
        QVERIFY(*status.nextProbe > world.clock.now() + 50min);
    }

    void refusalsAreNoReasonToLeaveAServiceAlone()
    {
        StubService stub([](QSslSocket& connection, const QByteArray&) {
            connection.write(StubService::reply(422, "{}"));
        });
        auto service = serviceAt(stub);
        service.breaker.failures = 1;
        World world(service);
        for (int i = 0; i < 5; ++i)
            QCOMPARE(world.call().code, std::string("http_422"));
        QVERIFY(world.ear.limits().empty());
    }

    void aSilentServiceKeepsNobodyElseWaiting()
    {
        StubService silent([](QSslSocket&, const QByteArray&) {});
        StubService stub(answerOk);
        SystemClock clock;
        Ear ear;
        auto other = serviceAt(silent);
        other.name = "silent";
        steps::HttpRunner runner({.services = {serviceAt(stub), other}, .clock = clock});
        HttpCall definition = labelCall();
        HttpCall silence = labelCall();
        silence.service = "silent";
        for (int i = 0; i < 50; ++i)
            runner.start(taskOf(silence), [](const engine::TaskResult&) {});
        for (int i = 0; i < 50; ++i)
            runner.start(taskOf(definition), ear.slot());
        QTRY_COMPARE_WITH_TIMEOUT(ear.count(), std::size_t{50}, patience);
        for (const auto& result : ear.results())
            QVERIFY2(result.succeeded, result.message.c_str());
    }

    void reportsNothingAfterItsEnd()
    {
        StubService stub([](QSslSocket&, const QByteArray&) {});
        Ear ear;
        HttpCall definition = labelCall();
        {
            SystemClock clock;
            auto service = serviceAt(stub);
            service.host = "localhost";
            steps::HttpRunner runner({.services = {service}, .clock = clock});
            for (int i = 0; i < 50; ++i) {
                auto task = taskOf(definition);
                task.timeout = 10min;
                runner.start(std::move(task), ear.slot());
            }
            // Some are sent, some are still being connected or looked up.
            QTRY_VERIFY_WITH_TIMEOUT(!stub.requests().isEmpty(), patience);
        }
        QCOMPARE(ear.count(), std::size_t{0});
    }
};

QTEST_GUILESS_MAIN(HttpRunnerTest)
#include "tst_http_runner.moc"
