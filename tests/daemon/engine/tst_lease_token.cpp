// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/lease_token.h"

#include <QtTest>

using namespace gantry;
using namespace gantry::engine;

namespace {

LeaseToken sample(std::uint64_t lease = 7)
{
    return {OrderId::make(fromMillis(1'770'000'000'000), 5, {11, 13}), stepMark("pay"), 3, 2, lease};
}

} // namespace

class LeaseTokenTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyFieldComesBack()
    {
        const auto seal = TokenSeal::fromSecret("secret");
        LeaseToken token = sample(0xfedcba9876543210ULL);
        token.attempt = 0xfffffffeU;
        token.epoch = 0x80000001U;
        const auto read = seal.read(seal.text(token));
        QVERIFY(read.has_value());
        QVERIFY(*read == token);
    }

    void theTextFitsIntoAPath()
    {
        const std::string text = TokenSeal::fromSecret("secret").text(sample());
        QCOMPARE(text.size(), std::size_t(64));
        for (const char c : text)
            QVERIFY(std::isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_');
    }

    void anotherProcessWithTheSameSecretReadsIt()
    {
        const std::string text = TokenSeal::fromSecret("secret").text(sample());
        QVERIFY(TokenSeal::fromSecret("secret").read(text).has_value());
        QVERIFY(!TokenSeal::fromSecret("another").read(text).has_value());
    }

    void noChangedCharacterIsRead()
    {
        const auto seal = TokenSeal::fromSecret("secret");
        const std::string text = seal.text(sample());
        for (std::size_t i = 0; i < text.size(); ++i) {
            std::string bent = text;
            bent[i] = bent[i] == 'A' ? 'B' : 'A';
            QVERIFY2(!seal.read(bent), bent.c_str());
        }
    }

    void whatIsNoTokenIsNotRead()
    {
        const auto seal = TokenSeal::fromSecret("secret");
        const std::string text = seal.text(sample());
        QVERIFY(!seal.read(""));
        QVERIFY(!seal.read(text.substr(1)));
        QVERIFY(!seal.read(text + "A"));
        QVERIFY(!seal.read(std::string(64, '=')));
        QVERIFY(!seal.read(std::string(64, '\0')));
        QVERIFY(!seal.read(std::string(64, '\xff')));
        QVERIFY(!seal.read(text.substr(0, 63) + "="));
    }

    void eachLeaseHasItsOwn()
    {
        const auto seal = TokenSeal::fromSecret("secret");
        QVERIFY(seal.text(sample(1)) != seal.text(sample(2)));
    }
};

QTEST_GUILESS_MAIN(LeaseTokenTest)
#include "tst_lease_token.moc"
