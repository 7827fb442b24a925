// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/link.h"
#include "tests/support/bus/profiles.h"

#include <QTest>
#include <map>

using namespace gantry;
using namespace gantry::console;
using namespace gantry::test;
using std::chrono::milliseconds;

namespace {

/// What somebody who only gets the link's signals knows: must equal the truth.
struct Follower {
    explicit Follower(const Profile& profile)
        : link(Link::open(profile))
    {
        QObject::connect(link.get(), &Link::replicaChanged, link.get(),
            [this](const std::shared_ptr<const ReplicaChange>& change) { take(*change); });
        QObject::connect(link.get(), &Link::statusChanged, link.get(),
            [this](const LinkStatus& status) { states.push_back(status.state); });
    }

    void take(const ReplicaChange& change)
    {
        resets += change.reset ? 1 : 0;
        if (change.reset)
            orders.clear();
        for (const auto& order : change.changed)
            orders[order->id] = order;
        for (const OrderId& id : change.removed)
            orders.erase(id);
    }

    [[nodiscard]] bool equals(const engine::DigestAnswer& truth) const
    {
        std::uint64_t digest = 0;
        for (const auto& [id, order] : orders)
            digest += digestOf(*order);
        return link->status().state == LinkState::Live && orders.size() == truth.count
            && digest == truth.digest;
    }

    std::unique_ptr<Link> link;
    std::map<OrderId, std::shared_ptr<const Order>> orders;
    std::vector<LinkState> states;
    int resets = 0;
};

} // namespace

/// The console's connection against a real bus: it always ends up live and equal.
class TestLink : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_fixture = std::make_unique<BusFixture>();
        m_fixture->commit(3'000);
        const auto started = m_fixture->start();
        QVERIFY2(started, started ? "" : started.error().message.c_str());
    }
    void cleanup() { m_fixture.reset(); }

    void joinsAndFollows()
    {
        Follower follower(profileFor(*m_fixture));
        QCOMPARE(follower.link->status().state, LinkState::Connecting);
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }));
        for (int i = 0; i < 50; ++i)
            m_fixture->commit(20);
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }));
        QCOMPARE(follower.resets, 1);
        ReplicaDigest own;
        follower.link->digest([&](const ReplicaDigest& digest) { own = digest; });
        QVERIFY(waitFor([&] { return own.sequence > 0; }));
        QCOMPARE(own.digest, m_fixture->digest().digest);
        QCOMPARE(own.sequence, m_fixture->digest().sequence);
        QCOMPARE(own.epoch, m_fixture->digest().epoch);
        QCOMPARE(own.count, m_fixture->digest().count);
    }

    void joinsWhileOrdersChange()
    {
        // Between any two parts of the snapshot many orders change, come and go.
        m_fixture->commit(40'000);
        m_fixture->beforePart = [&] { m_fixture->commit(500); };
        Follower follower(profileFor(*m_fixture));
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }));
        QCOMPARE(follower.resets, 1);
    }

    void gapIsReplayed()
    {
        Follower follower(profileFor(*m_fixture));
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }));
        m_fixture->commit(30, true);
        m_fixture->commit(30);
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }));
        QCOMPARE(follower.resets, 1);
    }

    void daemonRestartGivesANewSnapshot()
    {
        Follower follower(profileFor(*m_fixture));
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }));
        m_fixture->stop();
        m_fixture->commit(100);
        QVERIFY(m_fixture->start());
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()) && follower.resets == 2; }));
        m_fixture->commit(100);
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }));
    }

    void callsGoThrough()
    {
        Follower follower(profileFor(*m_fixture));
        std::vector<int> statuses;
        for (int i = 0; i < 100; ++i)
            follower.link->call({"GET", "/v1/orders"}, [&](const Result<ApiAnswer>& answer) {
                QCOMPARE(QThread::currentThread(), follower.link->thread());
                statuses.push_back(answer ? answer->status : 0);
            });
        QVERIFY(waitFor([&] { return statuses.size() == 100; }));
        QCOMPARE(statuses, std::vector<int>(100, 200));
    }

private:
    std::unique_ptr<BusFixture> m_fixture;
};

QTEST_GUILESS_MAIN(TestLink)
#include "tst_link.moc"
