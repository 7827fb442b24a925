// SPDX-License-Identifier: GPL-3.0-or-later
// The certificate of a running daemon: read anew on SIGHUP, told of before it expires, kept when the new one is no good.
#include "daemon/app/certificate.h"
#include "shared/util/private_file.h"
#include "tests/support/daemon_process.h"
#include "tests/support/http_client.h"
#include "tests/support/metric_text.h"
#include "tests/support/test_certificate.h"

#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <csignal>
#include <filesystem>
#include <sys/stat.h>
#include <sysexits.h>

using namespace gantry;
using namespace gantry::test;
namespace fs = std::filesystem;

namespace {

class StillClock final : public Clock {
public:
    explicit StillClock(Timestamp now)
        : m_now(now)
    {
    }
    [[nodiscard]] Timestamp now() const override { return m_now; }

private:
    Timestamp m_now;
};

} // namespace

class CertificateTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void isReadAnewWithoutARestart()
    {
        const TestCertificate live = makeTestCertificate(path("live"));
        const TestCertificate first = copyOf(live, "first");
        auto daemon = start(live);
        QVERIFY2(daemon, daemon ? "" : daemon.error().message.c_str());
        HttpClient open = clientOf(*daemon, first);
        QCOMPARE(open.request("GET", "/livez")->status, 200);
        QCOMPARE(open.tlsVersion(), std::string("TLSv1.3"));

        const TestCertificate second = makeTestCertificate(path("second"), {.days = 60});
        putInPlace(second, live);
        daemon->process().signal(SIGHUP);
        QTRY_VERIFY(log().contains("gantryd: the certificate was read anew; it is valid until "));
        QCOMPARE(open.request("GET", "/livez")->status, 200); // goes on
        QVERIFY(open.isConnected());
        QCOMPARE(clientOf(*daemon, second).request("GET", "/livez")->status, 200);
        QVERIFY(!clientOf(*daemon, first).connect());
        const std::string metrics = metricsOf(*daemon, second);
        const double days =
            (metricOf(metrics, "gantry_tls_certificate_expiry_time_seconds")
                - std::chrono::duration<double>(SystemClock().now().time_since_epoch()).count())
            / 86'400;
        QVERIFY2(days > 59.9 && days < 60.1, qPrintable(QString::number(days)));
        QCOMPARE(metricOf(metrics, "gantry_tls_reload_failures_total"), 0.0);

        // A pair that does not fit, then a key that others can read: the one before stays.
        const TestCertificate third = makeTestCertificate(path("third"));
        fs::copy_file(third.key, live.key, fs::copy_options::overwrite_existing);
        daemon->process().signal(SIGHUP);
        QTRY_VERIFY(log().contains("gantryd: warning: Everything stays as it was. The key "));
        putInPlace(third, live);
        QCOMPARE(::chmod(live.key.c_str(), 0644), 0);
        daemon->process().signal(SIGHUP);
        QTRY_VERIFY(log().contains(
            "Everything stays as it was. " + QByteArray::fromStdString(live.key) + " holds a secret"));
        QCOMPARE(open.request("GET", "/livez")->status, 200);
        QCOMPARE(metricOf(metricsOf(*daemon, second), "gantry_tls_reload_failures_total"), 2.0);

        QCOMPARE(::chmod(live.key.c_str(), 0600), 0);
        daemon->process().signal(SIGHUP);
        QTRY_COMPARE(clientOf(*daemon, third).connect().has_value(), true);
        QCOMPARE(daemon->process().terminate(), EX_OK);
    }

    void theExampleConsumerBelievesOnlyWhomItIsTold()
    {
        const TestCertificate live = makeTestCertificate(path("live"));
        const TestCertificate stranger = makeTestCertificate(path("stranger"));
        auto daemon = start(live);
        QVERIFY2(daemon, daemon ? "" : daemon.error().message.c_str());
        const auto answer =
            clientOf(*daemon, live)
                .request("POST", "/v1/orders",
                    {{"Authorization", "Bearer " + daemon->key()}, {"Content-Type", "application/json"}},
                    R"({"channel":"web","external_id":"1","currency":"EUR",)"
                    R"("lines":[{"sku":"a","quantity":1,"unit_price":1}],"total":1})");
        QVERIFY(answer && answer->status == 201);
        for (const bool isKnown : {false, true}) {
            QProcess consumer;
            consumer.setProcessChannelMode(QProcess::MergedChannels);
            consumer.start(QStringLiteral("/usr/bin/python3"),
                {qEnvironmentVariable("GANTRY_SOURCE", QStringLiteral("."))
                        + QStringLiteral("/resources/examples/consumer.py"),
                    QStringLiteral("--url"), QStringLiteral("https://127.0.0.1:%1").arg(daemon->httpPort()),
                    QStringLiteral("--ca"), QString::fromStdString((isKnown ? live : stranger).certificate),
                    QStringLiteral("--key-file"), QString::fromStdString(path("admin.key")),
                    QStringLiteral("--store"), QString::fromStdString(path("feed.db")),
                    QStringLiteral("--verbose")});
            QByteArray said;
            while (!said.contains('\n')) {
                QVERIFY(consumer.waitForReadyRead(20'000));
                said += consumer.readAll();
            }
            QCOMPARE(said.contains("CERTIFICATE_VERIFY_FAILED"), !isKnown);
            consumer.terminate();
            QVERIFY(consumer.waitForFinished());
        }
    }

    void isToldOfBeforeItExpires()
    {
        const TestCertificate live = makeTestCertificate(path("live"), {.days = 13});
        auto daemon = start(live);
        QVERIFY2(daemon, daemon ? "" : daemon.error().message.c_str());
        QTRY_VERIFY(log().contains("gantryd: warning: The TLS certificate expires at "));
    }

    void saysWhenItIsNotValid()
    {
        const TestCertificate live = makeTestCertificate(path("live"), {.days = 30});
        const api::TlsFiles files{live.certificate, live.key, {}};
        const auto identity = api::TlsIdentity::load(files);
        QVERIFY(identity);
        const Timestamp from = (*identity)->notBefore();
        const Timestamp to = (*identity)->notAfter();
        using std::chrono::days;
        using std::chrono::milliseconds;
        const auto said = [&](Timestamp now) { return app::certificateWarning(**identity, now); };
        QVERIFY(said(from - milliseconds(1)).find("not valid before") != std::string::npos);
        QCOMPARE(said(from), std::string());
        QCOMPARE(said(to - days(14) - milliseconds(1)), std::string());
        QVERIFY(said(to - days(14)).find("expires at") != std::string::npos);
        QVERIFY(said(to).find("has expired") != std::string::npos);
        QVERIFY(app::loadRenewedCertificate(files, StillClock(from)));
        for (const Timestamp now : {from - milliseconds(1), to})
            QCOMPARE(
                app::loadRenewedCertificate(files, StillClock(now)).error().code, ErrorCode::InvalidValue);
    }

    void sighupDoesNotEndADaemonWithoutOne()
    {
        auto daemon = DaemonProcess::start(m_data);
        QVERIFY(daemon);
        daemon->process().signal(SIGHUP);
        QTRY_VERIFY(log().contains("There is no certificate to read anew"));
        QCOMPARE(HttpClient("127.0.0.1", daemon->httpPort()).request("GET", "/livez")->status, 200);
    }

    void badPairsAreFoundAtTheStartAndByCheck()
    {
        const TestCertificate one = makeTestCertificate(path("one"));
        const TestCertificate other = makeTestCertificate(path("other"));
        QCOMPARE(::chmod(other.key.c_str(), 0640), 0);
        const std::string file = m_data + "/gantryd.toml";
        const auto codeOf = [&](const std::string& settings, const QStringList& more) {
            if (!writePrivateFile(file, settings))
                return -1;
            QProcess process;
            process.start(QString::fromStdString(programFolder()) + QStringLiteral("/gantryd"),
                QStringList{QStringLiteral("--config"), QString::fromStdString(file),
                    QStringLiteral("--data-dir"), QString::fromStdString(m_data)}
                    + more);
            return process.waitForFinished() ? process.exitCode() : -1;
        };
        const QStringList check{QStringLiteral("--check")};
        const QStringList checkOpen{
            QStringLiteral("--check"), QStringLiteral("--http"), QStringLiteral("0.0.0.0:0")};
        for (const QStringList& how : {QStringList(), check}) {
            QCOMPARE(codeOf(settingsOf({one.certificate, other.key}), how), EX_NOPERM); // others read the key
            QCOMPARE(codeOf("[tls]\ncertificate_file = \"" + one.certificate + "\"\n", how), EX_CONFIG);
            QCOMPARE(codeOf("[tls]\nclient_ca_file = \"" + one.certificate + "\"\n", how), EX_CONFIG);
        }
        QCOMPARE(::chmod(other.key.c_str(), 0600), 0);
        QCOMPARE(codeOf(settingsOf({one.certificate, other.key}), {}), EX_CONFIG);
        QCOMPARE(codeOf(settingsOf({one.certificate, other.key}), check), EX_CONFIG);
        QCOMPARE(codeOf(settingsOf({one.certificate, m_data + "/nowhere"}), check), EX_NOINPUT);
        QCOMPARE(codeOf(settingsOf(one), checkOpen), EX_OK); // with TLS it may listen for all
    }

    void init()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_data = m_folder->path().toStdString();
    }

private:
    std::string path(const char* name) const { return m_data + '/' + name; }

    static std::string settingsOf(const TestCertificate& made)
    {
        return "[tls]\ncertificate_file = \"" + made.certificate + "\"\nkey_file = \"" + made.key + "\"\n";
    }

    Result<DaemonProcess> start(const TestCertificate& made) const
    {
        return DaemonProcess::start(m_data, settingsOf(made));
    }

    TestCertificate copyOf(const TestCertificate& made, const char* name) const
    {
        TestCertificate copy{path(name) + ".pem", path(name) + ".key"};
        putInPlace(made, copy);
        return copy;
    }

    static void putInPlace(const TestCertificate& made, const TestCertificate& place)
    {
        fs::copy_file(made.certificate, place.certificate, fs::copy_options::overwrite_existing);
        fs::copy_file(made.key, place.key, fs::copy_options::overwrite_existing);
    }

    static HttpClient clientOf(const DaemonProcess& daemon, const TestCertificate& trusted)
    {
        HttpClient client("127.0.0.1", daemon.httpPort());
        client.useTls(trusted.certificate);
        return client;
    }

    static std::string metricsOf(const DaemonProcess& daemon, const TestCertificate& trusted)
    {
        const auto answer = clientOf(daemon, trusted)
                                .request("GET", "/metrics", {{"Authorization", "Bearer " + daemon.key()}});
        return answer ? answer->body : std::string();
    }

    QByteArray log() const
    {
        QFile file(QString::fromStdString(m_data + "/gantryd.addr.log"));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::string m_data;
};

QTEST_GUILESS_MAIN(CertificateTest)
#include "tst_certificate.moc"
