// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/tls_identity.h"
#include "shared/util/private_file.h"
#include "tests/support/test_certificate.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <sys/stat.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::api;
using namespace gantry::test;

class TlsIdentityTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void tellsItsDates()
    {
        const TestCertificate made = makeTestCertificate(path("dates"), {.days = 3});
        const auto identity = TlsIdentity::load({made.certificate, made.key, {}});
        QVERIFY2(identity, identity ? "" : identity.error().message.c_str());
        QVERIFY((*identity)->notAfter() - (*identity)->notBefore() == std::chrono::days(3));
        QVERIFY((*identity)->newSession() != nullptr);
    }

    void takesAKeyBehindALink()
    {
        const TestCertificate made = makeTestCertificate(path("linked"));
        const std::string link = path("link");
        QCOMPARE(::symlink(made.key.c_str(), link.c_str()), 0);
        QVERIFY(TlsIdentity::load({made.certificate, link, {}}));
    }

    void refusesWhatDoesNotFit()
    {
        const TestCertificate one = makeTestCertificate(path("one"));
        const TestCertificate other = makeTestCertificate(path("other"));
        refuses({one.certificate, other.key, {}}, ErrorCode::InvalidValue, "is not that of the certificate");
        refuses({one.key, one.key, {}}, ErrorCode::InvalidValue, "does not hold certificates in PEM");
        refuses(
            {one.certificate, one.certificate, {}}, ErrorCode::Forbidden, "chmod 600"); // 0644, as it may be
        refuses({path("nowhere"), one.key, {}}, ErrorCode::NotFound, "There is no file");
        refuses({one.certificate, path("nowhere"), {}}, ErrorCode::NotFound, "There is no file");
        refuses({one.certificate, one.key, path("nowhere")}, ErrorCode::NotFound, "There is no file");
        const std::string junk = path("junk");
        QVERIFY(writePrivateFile(junk, "junk"));
        refuses({one.certificate, junk, {}}, ErrorCode::InvalidValue, "does not hold a private key");
        refuses({junk, one.key, {}}, ErrorCode::InvalidValue, "does not hold certificates");
        refuses({one.certificate, one.key, junk}, ErrorCode::InvalidValue, "does not hold certificates");
        const auto whole = readTrustedFile(one.certificate);
        QVERIFY(whole);
        const std::string cut = path("cut");
        QVERIFY(writePrivateFile(cut, whole->content + whole->content.substr(0, whole->content.size() / 2)));
        refuses({cut, one.key, {}}, ErrorCode::InvalidValue, "damaged");
    }

    void refusesAKeyThatOthersMayRead()
    {
        const TestCertificate made = makeTestCertificate(path("open"));
        QCOMPARE(::chmod(made.key.c_str(), 0644), 0);
        refuses({made.certificate, made.key, {}}, ErrorCode::Forbidden, "Run: chmod 600 ");
        QCOMPARE(::chmod(made.key.c_str(), 0600), 0);
        QCOMPARE(::chmod(made.certificate.c_str(), 0666), 0);
        refuses({made.certificate, made.key, {}}, ErrorCode::Forbidden, "Run: chmod go-w ");
    }

    void refusesAPassphraseAtOnce()
    {
        const TestCertificate made = makeTestCertificate(path("locked"));
        const std::string locked = path("locked.key2");
        QProcess openssl;
        openssl.start(QStringLiteral("openssl"),
            {QStringLiteral("pkcs8"), QStringLiteral("-topk8"), QStringLiteral("-in"),
                QString::fromStdString(made.key), QStringLiteral("-out"), QString::fromStdString(locked),
                QStringLiteral("-passout"), QStringLiteral("pass:open-sesame")});
        QVERIFY(openssl.waitForFinished() && openssl.exitCode() == 0);
        QCOMPARE(::chmod(locked.c_str(), 0600), 0);
        refuses({made.certificate, locked, {}}, ErrorCode::InvalidValue, "locked by a passphrase");
    }

    void refusesAWeakKey()
    {
        const TestCertificate made = makeTestCertificate(path("weak"), {.algorithm = "rsa:1024"});
        refuses({made.certificate, made.key, {}}, ErrorCode::InvalidValue, "RSA of 2048 bits or more");
    }

private:
    std::string path(const char* name) const { return m_folder.filePath(QLatin1String(name)).toStdString(); }

    static void refuses(const TlsFiles& files, ErrorCode code, const char* words)
    {
        const auto identity = TlsIdentity::load(files);
        QVERIFY(!identity);
        QCOMPARE(identity.error().code, code);
        QVERIFY2(identity.error().message.find(words) != std::string::npos, identity.error().message.c_str());
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TlsIdentityTest)
#include "tst_tls_identity.moc"
