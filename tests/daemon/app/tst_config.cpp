// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/config.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;

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
