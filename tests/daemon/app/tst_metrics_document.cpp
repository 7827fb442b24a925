// SPDX-License-Identifier: GPL-3.0-or-later
// docs/operations.md is what alerts are written from: every metric of a running daemon stands there, and no other.
#include "tests/support/daemon_process.h"
#include "tests/support/http_client.h"
#include "tests/support/test_certificate.h"

#include <QFile>
#include <QRegularExpression>
#include <QSet>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::test;

namespace {

QSet<QString> matches(const QString& text, const QString& pattern)
{
    QSet<QString> names;
    auto match = QRegularExpression(pattern, QRegularExpression::MultilineOption).globalMatch(text);
    while (match.hasNext())
        names.insert(match.next().captured(1));
    return names;
}

} // namespace

class MetricsDocumentTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void namesEveryMetric()
    {
        QTemporaryDir data;
        const TestCertificate made = makeTestCertificate(data.filePath(QStringLiteral("tls")).toStdString());
        auto daemon = DaemonProcess::start(data.path().toStdString(),
            "[service.carrier]\nurl = \"https://carrier.example\"\n[tls]\ncertificate_file = \""
                + made.certificate + "\"\nkey_file = \"" + made.key + "\"\n");
        QVERIFY2(daemon.has_value(), daemon ? "" : daemon.error().message.c_str());
        // A family without a member isn't told: hit a limit, so that there is one.
        HttpClient brewer("127.0.0.1", daemon->httpPort());
        brewer.useTls(made.certificate);
        QCOMPARE(brewer.request("BREW", "/")->status, 400);
        HttpClient client("127.0.0.1", daemon->httpPort());
        client.useTls(made.certificate);
        // The first request is counted when the second asks.
        const std::vector<std::pair<std::string, std::string>> key{
            {"Authorization", "Bearer " + daemon->key()}};
        QVERIFY(client.request("GET", "/metrics", key).has_value());
        const auto answer = client.request("GET", "/metrics", key);
        QVERIFY(answer.has_value());
        QCOMPARE(answer->status, 200);
        const auto told = matches(QString::fromStdString(answer->body), QStringLiteral("^# TYPE (\\w+) "));

        QFile file(qEnvironmentVariable("GANTRY_SOURCE") + QStringLiteral("/docs/operations.md"));
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.errorString()));
        const auto documented =
            matches(QString::fromUtf8(file.readAll()), QStringLiteral("^\\| `(gantry_\\w+)` \\|"));
        QVERIFY(!told.isEmpty());
        QCOMPARE(QStringList((told - documented).values()), QStringList());
        QCOMPARE(QStringList((documented - told).values()), QStringList());
        QVERIFY(answer->body.find("gantry_bus_accepted_peers_total ") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(MetricsDocumentTest)
#include "tst_metrics_document.moc"
