// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/profile.h"
#include "daemon/bus/profile_file.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace gantry;

namespace {

/// A profile whose address of commands and own keys are as given.
QByteArray profileText(const QByteArray& commands, const QByteArray& key)
{
    return "{\"commands\":" + commands + ",\"events\":\"tcp://h:1\",\"server_key\":\"" + QByteArray(40, 'a')
        + "\",\"public_key\":\"" + key + "\",\"secret_key\":\"" + key + "\"}";
}

} // namespace

/// Profile files: what gantryd writes, a console reads; anything else is refused in words.
class TestProfile : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        m_path = m_folder.filePath(QStringLiteral("admin.profile")).toStdString();
    }

    void whatTheDaemonWritesIsRead()
    {
        const auto keys = bus::makeCurveKeyPair().value();
        const auto server = bus::makeCurveKeyPair().value();
        QVERIFY(bus::writeProfile(m_path,
            {"Depot \"1\"", "tcp://127.0.0.1:7411", "tcp://[::1]:7412", "tcp://127.0.0.1:7413",
                server.publicKey, keys, "admin", Role::Admin}));
        QCOMPARE(QFile::permissions(QString::fromStdString(m_path)) & (QFile::ReadGroup | QFile::ReadOther),
            QFile::Permissions());
        const auto profile = console::loadProfile(m_path);
        QVERIFY2(profile, profile ? "" : profile.error().message.c_str());
        QCOMPARE(profile->name, std::string("Depot \"1\""));
        QCOMPARE(profile->commands, std::string("tcp://127.0.0.1:7411"));
        QCOMPARE(profile->events, std::string("tcp://[::1]:7412"));
        QCOMPARE(profile->serverKey, server.publicKey);
        QCOMPARE(profile->publicKey, keys.publicKey);
        QCOMPARE(profile->secretKey, keys.secretKey);
        QCOMPARE(profile->principal, std::string("admin"));
        QCOMPARE(profile->role, std::string("admin"));
    }

    void readableByOthersIsRefused_data()
    {
        QTest::addColumn<int>("permission");
        QTest::newRow("group reads") << int(QFile::ReadGroup);
        QTest::newRow("group writes") << int(QFile::WriteGroup);
        QTest::newRow("others read") << int(QFile::ReadOther);
        QTest::newRow("others execute") << int(QFile::ExeOther);
    }

    void readableByOthersIsRefused()
    {
        QFETCH(int, permission);
        write("{}");
        QVERIFY(QFile::setPermissions(QString::fromStdString(m_path),
            QFile::ReadOwner | QFile::WriteOwner | QFile::Permissions(permission)));
        const auto profile = console::loadProfile(m_path);
        QVERIFY(!profile);
        QCOMPARE(profile.error().code, ErrorCode::Forbidden);
        QVERIFY(profile.error().message.find("chmod 600") != std::string::npos);
    }

    void missingFileIsSaid()
    {
        const auto profile = console::loadProfile(m_path + ".none");
        QVERIFY(!profile);
        QCOMPARE(profile.error().code, ErrorCode::NotFound);
    }

    void badContentIsRefused_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<int>("code");
        QTest::newRow("empty") << QByteArray() << int(ErrorCode::MalformedJson);
        QTest::newRow("cut off") << QByteArray("{\"name\":\"x") << int(ErrorCode::MalformedJson);
        QTest::newRow("no object") << QByteArray("[]") << int(ErrorCode::WrongType);
        QTest::newRow("nothing in it") << QByteArray("{}") << int(ErrorCode::MissingField);
        const QByteArray key(40, 'a');
        QTest::newRow("number for text") << profileText("7411", key) << int(ErrorCode::WrongType);
        QTest::newRow("no address") << profileText("\"h:1\"", key) << int(ErrorCode::InvalidValue);
        QTest::newRow("short key") << profileText("\"tcp://h:1\"", "abc") << int(ErrorCode::InvalidValue);
        QTest::newRow("too long") << QByteArray(70'000, ' ') << int(ErrorCode::InvalidValue);
    }

    void badContentIsRefused()
    {
        QFETCH(QByteArray, content);
        QFETCH(int, code);
        write(content);
        QVERIFY(QFile::setPermissions(QString::fromStdString(m_path), QFile::ReadOwner | QFile::WriteOwner));
        const auto profile = console::loadProfile(m_path);
        QVERIFY(!profile);
        QCOMPARE(int(profile.error().code), code);
    }

    void keyPairIsMadeOnceAndKept()
    {
        const std::string path = m_folder.filePath(QStringLiteral("server.curve")).toStdString();
        const auto made = bus::loadOrMakeKeyPair(path);
        QVERIFY(made);
        const auto again = bus::loadOrMakeKeyPair(path);
        QVERIFY(again);
        QCOMPARE(again->publicKey, made->publicKey);
        QCOMPARE(again->secretKey, made->secretKey);
        QVERIFY(QFile::setPermissions(QString::fromStdString(path), QFile::ReadOwner | QFile::ReadGroup));
        QCOMPARE(bus::loadOrMakeKeyPair(path).error().code, ErrorCode::Forbidden);
    }

    void damagedKeyPairIsNotReplaced()
    {
        const std::string path = m_folder.filePath(QStringLiteral("damaged.curve")).toStdString();
        auto keys = bus::makeCurveKeyPair().value();
        keys.publicKey = bus::makeCurveKeyPair().value().publicKey;
        QVERIFY(bus::writeKeyPair(path, keys));
        QCOMPARE(bus::loadOrMakeKeyPair(path).error().code, ErrorCode::Corrupt);
    }

private:
    void write(const QByteArray& content)
    {
        QFile file(QString::fromStdString(m_path));
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        QCOMPARE(file.write(content), content.size());
    }

    QTemporaryDir m_folder;
    std::string m_path;
};

QTEST_GUILESS_MAIN(TestProfile)
#include "tst_profile.moc"
