// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/private_file.h"

#include <QTemporaryDir>
#include <QTest>
#include <sys/stat.h>
#include <unistd.h>

using namespace gantry;

namespace {

constexpr unsigned us = 1000;
constexpr unsigned other = 1001;
constexpr unsigned root = 0;

} // namespace

class PrivateFileTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void trustsByOwnerAndMode_data()
    {
        QTest::addColumn<unsigned>("mode");
        QTest::addColumn<unsigned>("owner");
        QTest::addColumn<bool>("isTrusted");
        QTest::addColumn<bool>("mayHoldSecrets");
        QTest::newRow("ours alone") << 0600U << us << true << true;
        QTest::newRow("ours, read-only") << 0400U << us << true << true;
        QTest::newRow("group reads") << 0640U << us << true << false;
        QTest::newRow("all read") << 0644U << us << true << false;
        QTest::newRow("all read, group does not") << 0604U << us << true << false;
        QTest::newRow("group writes") << 0620U << us << false << false;
        QTest::newRow("all write") << 0602U << us << false << false;
        QTest::newRow("root's alone") << 0600U << root << true << true;
        QTest::newRow("root's, group reads") << 0640U << root << true << true;
        QTest::newRow("root's, group writes") << 0660U << root << false << false;
        QTest::newRow("root's, all read") << 0644U << root << true << false;
        QTest::newRow("another's") << 0600U << other << false << false;
    }

    void trustsByOwnerAndMode()
    {
        QFETCH(const unsigned, mode);
        QFETCH(const unsigned, owner);
        QFETCH(const bool, isTrusted);
        QFETCH(const bool, mayHoldSecrets);
        QCOMPARE(complaintOf("f", mode, owner, us).empty(), isTrusted);
        QCOMPARE(secretComplaintOf("f", mode, owner, us).empty(), mayHoldSecrets);
    }

    void saysWhatToDo()
    {
        QCOMPARE(secretComplaintOf("/a/key", 0644, us, us),
            std::string("/a/key holds a secret but others than its owner may use it. Run: chmod 600 /a/key"));
        QCOMPARE(secretComplaintOf("/a/key", 0644, root, us),
            std::string("/a/key holds a secret but others than its owner may use it. Run: chmod 640 /a/key"));
        QVERIFY(secretComplaintOf("/a/key", 0620, us, us).ends_with("Run: chmod 600 /a/key"));
        QCOMPARE(complaintOf("/a/key", 0664, us, us),
            std::string("/a/key may be changed by others than its owner. Run: chmod go-w /a/key"));
        QCOMPARE(complaintOf("/a/key", 0600, other, us),
            std::string(
                "/a/key belongs to another user (1001), who could change it. Run: chown 1000 /a/key"));
    }

    void keepsWhatIsWrittenPrivate()
    {
        const std::string path = m_folder.filePath(QStringLiteral("kept")).toStdString();
        QVERIFY(writePrivateFile(path, "one"));
        QVERIFY(writePrivateFile(path, "two"));
        struct stat status { };
        QCOMPARE(::stat(path.c_str(), &status), 0);
        QCOMPARE(status.st_mode & 07777U, 0600U);
        QCOMPARE(readPrivateFile(path).value(), std::string("two"));
        QCOMPARE(::chmod(path.c_str(), 0644), 0);
        QCOMPARE(readPrivateFile(path).error().code, ErrorCode::Forbidden);
        const auto trusted = readTrustedFile(path);
        QVERIFY(trusted && !trusted->secretComplaint.empty());
        QCOMPARE(::chmod(path.c_str(), 0666), 0);
        QCOMPARE(readTrustedFile(path).error().code, ErrorCode::Forbidden);
    }

    void rootsToolsReadAServicesFiles()
    {
        if (::geteuid() != 0)
            QSKIP("only root can give a file away");
        const std::string path = m_folder.filePath(QStringLiteral("service's")).toStdString();
        QVERIFY(writePrivateFile(path, "secret"));
        QCOMPARE(::chown(path.c_str(), other, other), 0);
        QCOMPARE(readPrivateFile(path).error().code, ErrorCode::Forbidden);
        QCOMPARE(readPrivateFile(path, Links::Followed, Owner::Anyone).value(), std::string("secret"));
        QCOMPARE(::chmod(path.c_str(), 0640), 0);
        QCOMPARE(readPrivateFile(path, Links::Followed, Owner::Anyone).error().code, ErrorCode::Forbidden);
    }

    void looksAtWhatALinkLeadsTo()
    {
        const std::string path = m_folder.filePath(QStringLiteral("target")).toStdString();
        const std::string link = m_folder.filePath(QStringLiteral("link")).toStdString();
        QVERIFY(writePrivateFile(path, "secret"));
        QCOMPARE(::symlink(path.c_str(), link.c_str()), 0);
        QCOMPARE(readPrivateFile(link).value(), std::string("secret"));
        const auto refused = readPrivateFile(link, Links::Refused);
        QVERIFY(!refused && refused.error().code == ErrorCode::Forbidden);
        QVERIFY(refused.error().message.find("symbolic link") != std::string::npos);
        QCOMPARE(::chmod(path.c_str(), 0644), 0);
        QCOMPARE(readPrivateFile(link).error().code, ErrorCode::Forbidden);
    }

    void isNotHeldUpByAPipe()
    {
        const std::string path = m_folder.filePath(QStringLiteral("pipe")).toStdString();
        QCOMPARE(::mkfifo(path.c_str(), 0600), 0);
        QCOMPARE(readPrivateFile(path).error().code, ErrorCode::InvalidValue);
        QCOMPARE(readPrivateFile(m_folder.path().toStdString()).error().code, ErrorCode::InvalidValue);
        QCOMPARE(readPrivateFile(path + ".not-there").error().code, ErrorCode::NotFound);
    }

    void readsNoMoreThanItsMost()
    {
        const std::string path = m_folder.filePath(QStringLiteral("long")).toStdString();
        QVERIFY(writePrivateFile(path, std::string(64 * 1024, 'a')));
        QCOMPARE(readPrivateFile(path)->size(), std::size_t{64 * 1024});
        QVERIFY(writePrivateFile(path, std::string(64 * 1024 + 1, 'a')));
        QCOMPARE(readPrivateFile(path).error().code, ErrorCode::InvalidValue);
    }

private:
    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(PrivateFileTest)
#include "tst_private_file.moc"
