// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/config.h"
#include "daemon/app/descriptors.h"

#include <QFile>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;

namespace {

bool hasLimitsOf(const app::Config& config, const app::Config& other)
{
    return config.httpLimits == other.httpLimits && config.httpThreads == other.httpThreads
        && config.doorLimits == other.doorLimits && config.commandLimits == other.commandLimits
        && config.workerLimits == other.workerLimits && config.queuedEvents == other.queuedEvents;
}

} // namespace

class ConfigTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsWhatIsThereAndKeepsTheRest()
    {
        const auto config = app::parseConfig(
            "data_dir = \"/srv/orders\"\n[listen]\nhttp = \"0.0.0.0:80\"\n[engine]\nbatch_messages = 7\n",
            "a.toml", {});
        QVERIFY(config.has_value());
        QCOMPARE(config->dataDir, std::string("/srv/orders"));
        QCOMPARE(config->http, std::string("0.0.0.0:80"));
        QCOMPARE(config->batchMessages, std::size_t{7});
        QCOMPARE(config->commands, app::Config{}.commands);
    }

    void saysWhereAMistakeIs_data()
    {
        QTest::addColumn<QByteArray>("toml");
        QTest::addColumn<int>("code");
        QTest::addColumn<QByteArray>("place");
        const auto code = [](ErrorCode each) { return static_cast<int>(each); };
        QTest::newRow("syntax") << QByteArray("a = \n") << code(ErrorCode::MalformedRequest)
                                << QByteArray("a.toml:1:");
        QTest::newRow("unknown key") << QByteArray("[engine]\n\nturbo = true\n")
                                     << code(ErrorCode::UnknownField)
                                     << QByteArray("a.toml:3:9: engine.turbo");
        QTest::newRow("unknown table")
            << QByteArray("[engines]\nbatch_messages = 1\n") << code(ErrorCode::UnknownField)
            << QByteArray("a.toml:2:18: engines.batch_messages");
        QTest::newRow("text for a number")
            << QByteArray("[store]\nreaders = \"2\"\n") << code(ErrorCode::WrongType)
            << QByteArray("a.toml:2:11: store.readers");
        QTest::newRow("out of range") << QByteArray("[store]\nreaders = 0\n") << code(ErrorCode::InvalidValue)
                                      << QByteArray("a.toml:2:11: store.readers");
        QTest::newRow("float") << QByteArray("[store]\nreaders = 2.0\n") << code(ErrorCode::WrongType)
                               << QByteArray("a.toml:2:11: store.readers");
        const auto limit = [&code](const char* title, const char* lines, const char* place) {
            QTest::newRow(title) << QByteArray(lines) << code(ErrorCode::InvalidValue) << QByteArray(place);
        };
        limit(
            "limit too small", "[http]\nhead_bytes = 100\n", "a.toml:2:14: http.head_bytes must be 1024 to");
        limit("deadline of zero", "[http]\nhead_deadline_ms = 0\n",
            "a.toml:2:20: http.head_deadline_ms must be");
        limit("body larger than any JSON", "[http]\nbody_bytes = 16_777_217\n",
            "a.toml:2:14: http.body_bytes must");
        limit("host with a port", "[http]\nhosts = [\"a:80\"]\n", "a.toml:2:9: http.hosts must be");
        limit("host in capitals", "[http]\nhosts = [\"A\"]\n", "a.toml:2:9: http.hosts must be");
        limit("hosts that are no list", "[http]\nhosts = \"a\"\n", "a.toml:2:9: http.hosts must be");
        limit("unknown method", "[http]\nmethods = [\"BREW\"]\n", "a.toml:2:11: http.methods must be");
        limit("no connection of the bus", "[bus]\nconnections = 0\n", "a.toml:2:15: bus.connections must be");
        limit("less in flight than one body", "[http]\nin_flight_bytes = 16_000_000\n",
            "a.toml: http.in_flight_bytes must be at least");
        limit("less in flight than one request", "[bus]\nin_flight_bytes = 100_000\n",
            "a.toml: bus.in_flight_bytes must be at least");
        const auto service = [&code](const char* title, const char* lines, const char* place) {
            QTest::newRow(title) << QByteArray("[service.a]\n") + lines << code(ErrorCode::InvalidValue)
                                 << QByteArray(place);
        };
        service("service without url", "", "a.toml:1:1: service a: url is missing.");
        service("url of another scheme", "url = \"ftp://a\"\n", "a.toml:2:7: service a: url must be");
        service("url without host", "url = \"http://\"\n", "a.toml:2:7: service a: url must be");
        service("url with a secret", "url = \"http://a:b@c\"\n", "a.toml:2:7: service a: url must be");
        service("url with a query", "url = \"http://a/?b\"\n", "a.toml:2:7: service a: url must be");
        service("unknown key of a service", "url = \"http://a\"\nverify = false\n",
            "a.toml:3:1: service a: verify is not a known key.");
        service("service's limit", "url = \"http://a\"\nmax_in_flight = 0\n",
            "a.toml:3:17: service a: max_in_flight must be");
        service("text for a truth", "url = \"http://a\"\nallow_private = \"yes\"\n",
            "a.toml:3:17: service a: allow_private must be");
        service("own header", "url = \"http://a\"\nheaders = { Host = \"b\" }\n",
            "a.toml:3:20: service a, headers: Host is written");
        service("certificates without TLS", "url = \"http://a\"\nca_file = \"/dev/null\"\n",
            "a.toml:3:11: service a: ca_file has no effect");
        service("more probes than calls", "url = \"http://a\"\nmax_in_flight = 1\nbreaker = { probes = 2 }\n",
            "a.toml:4:22: service a, breaker: probes is more");
        service("unknown key of a breaker", "url = \"http://a\"\nbreaker = { tries = 2 }\n",
            "a.toml:3:13: service a, breaker: tries is not");
        QTest::newRow("service that is no table")
            << QByteArray("[service]\na = 5\n") << code(ErrorCode::InvalidValue)
            << QByteArray("a.toml:2:5: service.a must be a table");
        QTest::newRow("service's name") << QByteArray("[service.\"A b\"]\nurl = \"http://a\"\n")
                                        << code(ErrorCode::InvalidValue) << QByteArray("a.toml:1:");
    }

    void saysWhereAMistakeIs()
    {
        QFETCH(QByteArray, toml);
        QFETCH(int, code);
        QFETCH(QByteArray, place);
        const auto config = app::parseConfig(toml.toStdString(), "a.toml", {});
        QVERIFY(!config.has_value());
        QCOMPARE(static_cast<int>(config.error().code), code);
        QVERIFY2(QByteArray::fromStdString(config.error().message).startsWith(place),
            config.error().message.c_str());
    }

    void readsLimits()
    {
        const auto config =
            app::parseConfig("[http]\nhead_deadline_ms = 700\nbulk_body_bytes = 2_000_000\n"
                             "hosts = [\"a.example\", \"[::1]\"]\nmethods = [\"GET\"]\n"
                             "[bus]\nconnections = 5\nhandshake_ms = 300\nrequest_bytes = 70_000\n"
                             "worker_message_bytes = 80_000\nqueued_events = 2_000\n",
                "a.toml", {});
        QVERIFY2(config, config ? "" : config.error().message.c_str());
        QCOMPARE(config->httpLimits.headDeadline, std::chrono::milliseconds(700));
        for (const api::HttpPathLimit& path : config->httpLimits.bodyBytesByPath)
            QCOMPARE(path.bodyBytes, 2'000'000U);
        QCOMPARE(config->httpLimits.hosts, (std::vector<std::string>{"a.example", "[::1]"}));
        QCOMPARE(config->httpLimits.methods, std::vector<std::string>{"GET"});
        QCOMPARE(config->doorLimits.connections, 5U);
        QCOMPARE(config->doorLimits.handshake, std::chrono::milliseconds(300));
        QCOMPARE(config->commandLimits.requestBytes, 70'000U);
        QCOMPARE(config->workerLimits.messageBytes, 80'000U);
        QCOMPARE(config->queuedEvents, 2'000U);
        QCOMPARE(config->httpLimits.connections, 2000U); // what is not said stays
    }

    void everyLimitIsDocumentedAndTakesItsDefault()
    {
        // docs/operations.md, "Limits": | what | `http.key` | default | …
        QFile file(qEnvironmentVariable("GANTRY_SOURCE") + QStringLiteral("/docs/operations.md"));
        QVERIFY2(file.open(QIODevice::ReadOnly), qPrintable(file.errorString()));
        const QRegularExpression row(QStringLiteral("^\\|[^|]+\\| `((?:http|bus)\\.\\w+)` \\| ([^|]+) \\|"),
            QRegularExpression::MultilineOption);
        auto match = row.globalMatch(QString::fromUtf8(file.readAll()));
        QStringList keys;
        while (match.hasNext()) {
            const auto found = match.next();
            keys << found.captured(1);
            QString value = found.captured(2).remove(QLatin1Char(','));
            if (value == QLatin1String("all"))
                value = QStringLiteral("[]");
            else if (!value.front().isDigit())
                value = QStringLiteral("[\"") + value.split(QLatin1Char(' ')).join(QStringLiteral("\",\""))
                    + QStringLiteral("\"]");
            const QString toml = keys.back() + QStringLiteral(" = ") + value + QLatin1Char('\n');
            const auto config = app::parseConfig(toml.toStdString(), "a.toml", {});
            QVERIFY2(config, config ? "" : config.error().message.c_str());
            QVERIFY2(hasLimitsOf(*config, app::Config{}), qPrintable(toml));
        }
        for (const std::string& key : app::configKeys())
            if (key.starts_with("http.") || key.starts_with("bus."))
                QVERIFY2(keys.removeOne(QString::fromStdString(key)), key.c_str());
        QCOMPARE(keys, QStringList());
    }

    void descriptorsSufficeForEveryDoor()
    {
        app::Config config;
        config.httpLimits.connections = 100;
        config.doorLimits.connections = 10;
        const auto needed = app::descriptorsNeeded(config);
        QVERIFY(needed > 100 + 3 * 10);
        QCOMPARE(*app::descriptorLimitFor(needed, needed, needed), needed);
        QCOMPARE(*app::descriptorLimitFor(needed, needed + 7, needed + 9), needed + 7); // never lowered
        QCOMPARE(*app::descriptorLimitFor(needed, 1, needed), needed);
        QCOMPARE(app::descriptorLimitFor(needed, 1, needed - 1).error().code, ErrorCode::InvalidValue);
    }

    void readsServices()
    {
        const QTemporaryDir folder;
        const auto write = [&folder](const char* name, const char* text, QFile::Permissions permissions) {
            QFile file(folder.filePath(QLatin1String(name)));
            if (!file.open(QIODevice::WriteOnly) || file.write(text) < 0 || !file.setPermissions(permissions))
                qFatal("can't write %s", name);
            return file.fileName().toStdString();
        };
        const auto ours = QFile::ReadOwner | QFile::WriteOwner;
        const std::string secret = write("secret", "Bearer abc\n", ours);
        const std::string ca = write("ca.pem", "-----BEGIN CERTIFICATE-----\n", ours | QFile::ReadOther);
        const auto config = app::parseConfig(
            "[service.carrier]\nurl = \"https://Carrier.Example/api/\"\nauthorization_file = \"" + secret
                + "\"\nca_file = \"" + ca
                + "\"\nconnect_timeout_ms = 100\nmax_response_bytes = 1000\nmax_in_flight = 3\n"
                  "allow_private = true\n[service.carrier.headers]\nX-Version = "
                  "\"3\"\n[service.carrier.header_files]\nX-Key = \""
                + secret
                + "\"\n[service.carrier.breaker]\nfailures = 2\nfailure_rate = 0.25\nwindow_ms = "
                  "1000\nopen_ms = 2000\n"
                  "probes = 3\n[service.stock]\nurl = \"http://[::1]:8080\"\n",
            "a.toml", {});
        QVERIFY2(config.has_value(), config ? "" : config.error().message.c_str());
        QCOMPARE(config->services.size(), std::size_t{2});
        const steps::HttpService& carrier = config->services.front();
        QCOMPARE(carrier.name, std::string("carrier"));
        QCOMPARE(carrier.url(), std::string("https://carrier.example/api"));
        QVERIFY(
            carrier.isTls && carrier.port == 443 && carrier.allowsPrivate && !carrier.caCertificates.empty());
        QCOMPARE(carrier.connectTimeout.count(), 100);
        QCOMPARE(carrier.maxResponseBytes, std::size_t{1000});
        QCOMPARE(carrier.maxInFlight, std::size_t{3});
        QCOMPARE(carrier.headers,
            (std::vector<std::pair<std::string, std::string>>{
                {"X-Version", "3"}, {"Authorization", "Bearer abc"}, {"X-Key", "Bearer abc"}}));
        QCOMPARE(carrier.breaker.failures, 2U);
        QCOMPARE(carrier.breaker.failureRate, 0.25);
        QCOMPARE(carrier.breaker.window.count(), 1000);
        QCOMPARE(carrier.breaker.open.count(), 2000);
        QCOMPARE(carrier.breaker.probes, 3U);
        const steps::HttpService& stock = config->services.back();
        QCOMPARE(stock.url(), std::string("http://[::1]:8080"));
        QVERIFY(!stock.isTls && stock.host == "::1" && !stock.allowsPrivate);

        const std::string open = write("open", "Bearer abc", ours | QFile::ReadOther);
        QCOMPARE(app::parseConfig(
                     "[service.a]\nurl = \"http://a\"\nauthorization_file = \"" + open + "\"\n", "a.toml", {})
                     .error()
                     .code,
            ErrorCode::Forbidden);
        QCOMPARE(app::parseConfig(
                     "[service.a]\nurl = \"http://a\"\nauthorization_file = \"/nowhere/key\"\n", "a.toml", {})
                     .error()
                     .code,
            ErrorCode::NotFound);
        const std::string twoLines = write("two", "a\nb", ours);
        const auto split = app::parseConfig(
            "[service.a]\nurl = \"http://a\"\nauthorization_file = \"" + twoLines + "\"\n", "a.toml", {});
        QVERIFY(!split && split.error().message.find("one line") != std::string::npos);
    }

    void takesAnEmptyFileAndMissesAMissingOne()
    {
        const QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("gantryd.toml"));
        QCOMPARE(app::loadConfig(path.toStdString(), {}).error().code, ErrorCode::NotFound);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.close();
        const auto config = app::loadConfig(path.toStdString(), {});
        QVERIFY2(config.has_value(), config ? "" : config.error().message.c_str());
        QCOMPARE(config->http, app::Config{}.http);
    }

    void readsAddresses_data()
    {
        QTest::addColumn<QString>("address");
        QTest::addColumn<bool>("isGood");
        QTest::newRow("IPv4") << "127.0.0.1:7410" << true;
        QTest::newRow("IPv6") << "[::1]:0" << true;
        QTest::newRow("no port") << "127.0.0.1" << false;
        QTest::newRow("empty port") << "127.0.0.1:" << false;
        QTest::newRow("port too large") << "127.0.0.1:65536" << false;
        QTest::newRow("port with sign") << "127.0.0.1:-1" << false;
        QTest::newRow("no host") << ":7410" << false;
        QTest::newRow("letters") << "localhost:http" << false;
        QTest::newRow("nothing") << "" << false;
    }

    void readsAddresses()
    {
        QFETCH(QString, address);
        QFETCH(bool, isGood);
        QCOMPARE(app::parseAddress(address.toStdString()).has_value(), isGood);
    }
};

QTEST_APPLESS_MAIN(ConfigTest)
#include "tst_config.moc"
