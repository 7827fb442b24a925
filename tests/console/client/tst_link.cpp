// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/link.h"
#include "tests/support/bus/profiles.h"

#include <QDeadlineTimer>
#include <QElapsedTimer>
#include <QScopeGuard>
#include <QTest>
#include <algorithm>
#include <map>
#include <thread>

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
        ++deliveries;
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
    int deliveries = 0;
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

    void daemonThatIsAwayIsStaleAndThenLiveAgain()
    {
        Follower follower(profileFor(*m_fixture));
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }));
        const auto shown = follower.orders.size();
        m_fixture->stop();
        m_fixture->commit(50);
        QVERIFY(waitFor([&] { return follower.link->status().state == LinkState::Stale; }));
        QCOMPARE(follower.orders.size(), shown);
        QVERIFY(!follower.link->status().detail.empty());
        QVERIFY(follower.link->status().since < std::chrono::system_clock::now() - std::chrono::seconds(4));
        QVERIFY(std::find(follower.states.begin(), follower.states.end(), LinkState::Live)
            != follower.states.end());
        QVERIFY(m_fixture->start());
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }, std::chrono::seconds(30)));
    }

    void silenceIsStaleAndAHeartbeatEndsIt()
    {
        m_fixture->stop();
        QVERIFY(m_fixture->start(std::chrono::hours(1)));
        Follower follower(profileFor(*m_fixture));
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }));
        QVERIFY(waitFor([&] { return follower.link->status().state == LinkState::Stale; }));
        m_fixture->commit(1);
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }));
        QCOMPARE(follower.resets, 1);
    }

    void refusedKeyIsSaid()
    {
        Profile profile = profileFor(*m_fixture);
        const auto stranger = bus::makeCurveKeyPair().value();
        profile.publicKey = stranger.publicKey;
        profile.secretKey = stranger.secretKey;
        Follower follower(profile);
        QVERIFY(waitFor(
            [&] { return follower.link->status().detail.find("refused the key") != std::string::npos; }));
        QCOMPARE(follower.link->status().state, LinkState::Connecting);
    }

    void refusedKeyThatIsLetInLaterConnects()
    {
        const Profile profile = profileFor(*m_fixture);
        m_fixture->revoke(true);
        Follower follower(profile);
        QVERIFY(waitFor(
            [&] { return follower.link->status().detail.find("refused the key") != std::string::npos; }));
        m_fixture->revoke(false);
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }, std::chrono::seconds(30)));
    }

    void unusableKeyIsSaid()
    {
        Profile profile = profileFor(*m_fixture);
        profile.secretKey = "short";
        Follower follower(profile);
        QVERIFY(waitFor(
            [&] { return follower.link->status().detail.find("can't be used") != std::string::npos; }));
    }

    void changesAreCoalesced()
    {
        Follower follower(profileFor(*m_fixture));
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }));
        QElapsedTimer timer;
        timer.start();
        const int before = follower.deliveries;
        for (int i = 0; i < 2'000; ++i)
            m_fixture->commit(2);
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }));
        QVERIFY(follower.deliveries - before <= timer.elapsed() / 50 + 2);
    }

    void blockedOwnerGetsOneChangeNotMany()
    {
        Follower follower(profileFor(*m_fixture));
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }));
        const int before = follower.deliveries;
        // This thread runs no events until the bus has published it all: nothing piles up for it.
        const auto published = m_fixture->bus().counters().publishedEvents;
        const auto last = m_fixture->digest().sequence;
        for (int i = 0; i < 1'000; ++i)
            m_fixture->commit(5);
        const auto wanted = published + m_fixture->digest().sequence - last;
        QDeadlineTimer deadline(10'000);
        while (m_fixture->bus().counters().publishedEvents < wanted && !deadline.hasExpired())
            std::this_thread::yield();
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }));
        QVERIFY(follower.deliveries - before <= 4);
    }

    void callUnderWayFailsWhenTheConnectionIsLost()
    {
        std::atomic<int> calls{0};
        const auto stop = qScopeGuard([this] { m_fixture->stop(); });
        m_fixture->stop();
        m_fixture->handler = [&](const api::ApiRequest&, const api::ApiReply&) { ++calls; };
        QVERIFY(m_fixture->start());
        Follower follower(profileFor(*m_fixture));
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }));
        std::optional<Error> error;
        follower.link->call({"POST", "/v1/orders"}, [&](const Result<ApiAnswer>& answer) {
            if (!answer)
                error = answer.error();
        });
        QVERIFY(waitFor([&] { return calls == 1; }));
        m_fixture->stop();
        QVERIFY(waitFor([&] { return error.has_value(); }));
        QCOMPARE(error->code, ErrorCode::Unavailable);
        QVERIFY(error->message.find("unknown") != std::string::npos);
        QVERIFY(m_fixture->start());
        QVERIFY(waitFor([&] { return follower.equals(m_fixture->digest()); }, std::chrono::seconds(30)));
        QCOMPARE(calls.load(), 1); // it was not sent again
    }

    void linkMayGoWithCallsUnderWay()
    {
        m_fixture->stop();
        m_fixture->handler = [](const api::ApiRequest&, const api::ApiReply&) {};
        QVERIFY(m_fixture->start());
        bool isCalled = false;
        {
            Follower follower(profileFor(*m_fixture));
            follower.link->call({"GET", "/v1/orders"}, [&](const Result<ApiAnswer>&) { isCalled = true; });
            follower.link->digest([&](const ReplicaDigest&) { isCalled = true; });
        }
        QCoreApplication::processEvents();
        QVERIFY(!isCalled);
    }

    void manyFollowersAllEqual()
    {
        std::vector<std::unique_ptr<Follower>> followers;
        for (int i = 0; i < 10; ++i)
            followers.push_back(std::make_unique<Follower>(profileFor(*m_fixture)));
        for (int i = 0; i < 100; ++i)
            m_fixture->commit(20, i % 10 == 5);
        m_fixture->commit(1);
        for (const auto& follower : followers)
            QVERIFY(waitFor([&] { return follower->equals(m_fixture->digest()); }, std::chrono::seconds(30)));
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
