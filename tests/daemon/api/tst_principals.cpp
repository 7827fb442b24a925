// SPDX-License-Identifier: GPL-3.0-or-later
// Who is let in, and that a changed set counts at once.
#include "daemon/api/fingerprint.h"
#include "daemon/api/principals.h"

#include <QTest>
#include <atomic>
#include <thread>

using namespace gantry;
using namespace gantry::api;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const std::string pepper(32, 'p');

class ManualClock final : public Clock {
public:
    Timestamp at = fromMillis(1'772'300'000'000) + seconds(30);
    [[nodiscard]] Timestamp now() const override { return at; }
};

store::PrincipalRecord shop(Timestamp now)
{
    return {.name = "shop",
        .role = Role::Support,
        .createdAt = now,
        .keys = {{.id = 1, .kind = store::KeyKind::Api, .material = hashApiKey("one", pepper)},
            {.id = 2, .kind = store::KeyKind::Api, .material = hashApiKey("two", pepper)},
            {.id = 3, .kind = store::KeyKind::Curve, .material = std::string(40, 'k')}}};
}

} // namespace

class PrincipalsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void knowsEveryLivingKey()
    {
        const Principals principals({shop(m_clock.at)}, pepper, m_clock);
        for (const auto& found : {principals.byApiKey("one"), principals.byApiKey("two"),
                 principals.byCurveKey(std::string(40, 'k')), principals.byName("shop")}) {
            QVERIFY(found);
            QCOMPARE(found->name, std::string("shop"));
            QCOMPARE(found->role, Role::Support);
        }
        for (const std::string stranger : {"", "three", "ONE"})
            QVERIFY(!principals.byApiKey(stranger));
        QVERIFY(!principals.byCurveKey(std::string(40, 'j')) && !principals.byName("shop2"));
    }

    void endsWhatExpires()
    {
        store::PrincipalRecord record = shop(m_clock.at);
        record.keys[0].expiresAt = m_clock.at + seconds(1);
        store::PrincipalRecord guest{.name = "guest",
            .expiresAt = m_clock.at + seconds(1),
            .keys = {{.id = 4, .material = hashApiKey("guest", pepper)}}};
        const Principals principals({record, guest}, pepper, m_clock);
        QVERIFY(principals.byApiKey("one") && principals.byApiKey("guest") && principals.byName("guest"));
        m_clock.at += seconds(1);
        QVERIFY(!principals.byApiKey("one") && !principals.byApiKey("guest") && !principals.byName("guest"));
        QVERIFY(principals.byApiKey("two"));
    }

    void aReplacedSetCountsAtOnce()
    {
        store::PrincipalRecord record = shop(m_clock.at);
        Principals principals({record}, pepper, m_clock);
        record.keys[0].revokedAt = m_clock.at;
        record.role = Role::Viewer;
        principals.replace({record});
        QVERIFY(!principals.byApiKey("one"));
        QCOMPARE(principals.byApiKey("two")->role, Role::Viewer);
        record.disabledAt = m_clock.at;
        principals.replace({record});
        QVERIFY(!principals.byApiKey("two") && !principals.byName("shop")
            && !principals.byCurveKey(std::string(40, 'k')));
        principals.replace({});
        QVERIFY(!principals.byName("shop"));
    }

    void tellsUsesToTheMinuteAndOnce()
    {
        Principals principals({shop(m_clock.at)}, pepper, m_clock);
        QVERIFY(principals.takeUses().empty());
        QVERIFY(!principals.lastUsed(1));
        QVERIFY(principals.byApiKey("one"));
        const auto uses = principals.takeUses();
        QCOMPARE(uses.size(), std::size_t{1});
        QCOMPARE(uses.front().key, std::uint64_t{1});
        QVERIFY(uses.front().at <= m_clock.at && m_clock.at - uses.front().at < minutes(1));
        m_clock.at += seconds(1);
        QVERIFY(principals.byApiKey("one"));
        QVERIFY(principals.takeUses().empty());
        m_clock.at += minutes(1);
        principals.replace({shop(m_clock.at)}); // the uses go on to the next set
        QVERIFY(principals.byApiKey("one"));
        QCOMPARE(principals.takeUses().size(), std::size_t{1});
        QVERIFY(*principals.lastUsed(1) > uses.front().at);
        QVERIFY(!principals.lastUsed(2) && !principals.lastUsed(99));
    }

    void canBeAskedWhileItIsReplaced()
    {
        store::PrincipalRecord record = shop(m_clock.at);
        Principals principals({record}, pepper, m_clock);
        std::atomic<bool> isOver{false};
        std::atomic<int> wrong{0};
        std::vector<std::thread> askers;
        for (int i = 0; i < 3; ++i)
            askers.emplace_back([&] {
                while (!isOver)
                    if (!principals.byApiKey("one"))
                        ++wrong;
            });
        for (int i = 0; i < 500; ++i) {
            record.role = i % 2 == 0 ? Role::Viewer : Role::Admin;
            principals.replace({record});
            static_cast<void>(principals.takeUses());
        }
        isOver = true;
        for (std::thread& asker : askers)
            asker.join();
        QCOMPARE(wrong.load(), 0);
    }

private:
    ManualClock m_clock;
};

QTEST_APPLESS_MAIN(PrincipalsTest)
#include "tst_principals.moc"
