// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/credit_account.h"

#include <QTest>

using namespace gantry;
using namespace gantry::bus;
using std::chrono::seconds;

namespace {

engine::LeaseToken lease(std::uint64_t number)
{
    return {.lease = number};
}

constexpr CreditAccount::SteadyTime start{};

} // namespace

/// A worker never has or has coming more than its credit, and gets it back however a task ends.
class TestCreditAccount : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void claimsWhatIsFree()
    {
        CreditAccount account(10);
        QCOMPARE(account.toClaim(), 10U);
        account.openClaim(1, 10);
        QCOMPARE(account.toClaim(), 0U);
        account.hold(1, lease(1), start + seconds(30));
        QCOMPARE(account.claimed(), 9U);
        QCOMPARE(account.held(), 1U);
        QVERIFY(account.release(lease(1)));
        QCOMPARE(account.toClaim(), 1U);
    }

    void whatWasNotHeldGivesNoCredit()
    {
        CreditAccount account(2);
        account.openClaim(1, 2);
        account.hold(1, lease(1), start);
        account.hold(1, lease(2), start);
        QVERIFY(!account.release(lease(3)));
        QVERIFY(!account.extend(lease(3), start));
        QCOMPARE(account.toClaim(), 0U);
        QVERIFY(account.release(lease(1)));
        QVERIFY(!account.release(lease(1)));
        QCOMPARE(account.toClaim(), 1U);
    }

    void tokenOfAnEarlierEpochIsNotThisOne()
    {
        CreditAccount account(1);
        account.openClaim(1, 1);
        account.hold(1, lease(1), start + seconds(1));
        engine::LeaseToken old = lease(1);
        old.epoch = 7;
        QVERIFY(!account.release(old));
        QVERIFY(!account.extend(old, start));
        QCOMPARE(account.held(), 1U);
    }

    void smallClaimsAreGathered()
    {
        CreditAccount account(100);
        for (std::uint64_t claim = 1; claim <= 4; ++claim)
            account.openClaim(claim, 1);
        QCOMPARE(account.toClaim(), 0U);
        account.closeClaim(2);
        QCOMPARE(account.toClaim(), 97U);
    }

    void neverMoreAtOnceThanCanBeSent()
    {
        CreditAccount account(1000);
        QCOMPARE(account.toClaim(), 512U);
        account.openClaim(1, 512);
        QCOMPARE(account.toClaim(), 0U);
        for (std::uint64_t i = 0; i < 512; ++i)
            account.hold(1, lease(i), start + seconds(1));
        QCOMPARE(account.claimed(), 0U);
        QCOMPARE(account.toClaim(), 488U);
    }

    void leasesRunOut()
    {
        CreditAccount account(3);
        account.openClaim(1, 3);
        for (std::uint64_t i = 1; i <= 3; ++i)
            account.hold(1, lease(i), start + seconds(i));
        account.expire(start);
        QCOMPARE(account.held(), 3U);
        QVERIFY(account.extend(lease(1), start + seconds(60)));
        account.expire(start + seconds(2));
        QCOMPARE(account.held(), 2U);
        QCOMPARE(account.toClaim(), 1U);
        account.expire(start + seconds(3));
        QCOMPARE(account.held(), 1U);
        account.expire(start + seconds(60));
        QCOMPARE(account.held(), 0U);
    }

    void lessCreditClaimsNothingUntilThereIsRoom()
    {
        CreditAccount account(4);
        account.openClaim(1, 4);
        for (std::uint64_t i = 1; i <= 4; ++i)
            account.hold(1, lease(i), start + seconds(i));
        account.setCredit(2);
        QCOMPARE(account.toClaim(), 0U);
        for (std::uint64_t i = 1; i <= 3; ++i)
            QVERIFY(account.release(lease(i)));
        QCOMPARE(account.toClaim(), 1U);
        account.openClaim(2, 1);
        account.closeClaims();
        QCOMPARE(account.claimed(), 0U);
    }

    void allIsTakenOut()
    {
        CreditAccount account(2);
        account.openClaim(1, 2);
        account.hold(1, lease(7), start);
        account.hold(1, lease(8), start);
        QCOMPARE(account.takeAll().size(), 2U);
        QCOMPARE(account.held(), 0U);
        QVERIFY(account.takeAll().empty());
    }
};

QTEST_GUILESS_MAIN(TestCreditAccount)
#include "tst_credit_account.moc"
