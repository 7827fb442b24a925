// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/server_socket.h"
#include "daemon/bus/zap_handler.h"
#include "tests/support/bus/bus_fixture.h"
#include "tests/support/bus/raw_peer.h"

#include <QTest>

using namespace gantry;
using namespace gantry::test;
using std::chrono::milliseconds;

/// Who gets in, and who does not.
class TestBusAccess : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init()
    {
        m_fixture = std::make_unique<BusFixture>();
        const auto started = m_fixture->start();
        QVERIFY2(started, started ? "" : started.error().message.c_str());
    }
    void cleanup() { m_fixture.reset(); }

    void knownKeyGetsIn()
    {
        for (const auto& [type, endpoint] : doors()) {
            RawPeer peer(type, endpoint, {m_fixture->serverKeys().publicKey, m_fixture->adminKeys()});
            QCOMPARE(peer.isLetIn(), std::optional<bool>(true));
        }
    }

    void unknownKeyIsRefused()
    {
        const auto before = m_fixture->bus().counters().refusedPeers;
        for (const auto& [type, endpoint] : doors()) {
            RawPeer peer(
                type, endpoint, {m_fixture->serverKeys().publicKey, bus::makeCurveKeyPair().value()});
            QCOMPARE(peer.isLetIn(), std::optional<bool>(false));
        }
        QVERIFY(m_fixture->bus().counters().refusedPeers >= before + 2);
    }

    void wrongServerKeyGetsNowhere()
    {
        for (const auto& [type, endpoint] : doors()) {
            RawPeer peer(type, endpoint, {bus::makeCurveKeyPair().value().publicKey, m_fixture->adminKeys()});
            QVERIFY(peer.isLetIn(milliseconds(500)) != std::optional<bool>(true));
        }
    }

    void noKeyGetsNowhere()
    {
        for (const auto& [type, endpoint] : doors()) {
            RawPeer peer(type, endpoint, {});
            QVERIFY(peer.isLetIn(milliseconds(500)) != std::optional<bool>(true));
        }
    }

    void withoutZapHandlerNobodyGetsIn()
    {
        zmq::context_t context;
        zmq::socket_t socket(context, zmq::socket_type::router);
        bus::configureServer(socket, "commands", m_fixture->serverKeys(), {10, 10, 1000});
        const auto endpoint = bus::bindTcp(socket, "127.0.0.1:0");
        QVERIFY(endpoint);
        RawPeer peer(
            zmq::socket_type::dealer, *endpoint, {m_fixture->serverKeys().publicKey, m_fixture->adminKeys()});
        QVERIFY(peer.isLetIn(milliseconds(500)) != std::optional<bool>(true));
    }

    void deadZapHandlerLetsNobodyIn()
    {
        zmq::context_t context;
        bus::BusMeters meters;
        auto zap = std::make_unique<bus::ZapHandler>(
            context,
            [](std::string_view) {
                return api::Principal{"anyone", Role::Admin};
            },
            meters);
        zmq::socket_t socket(context, zmq::socket_type::router);
        bus::configureServer(socket, "commands", m_fixture->serverKeys(), {10, 10, 1000});
        const auto endpoint = bus::bindTcp(socket, "127.0.0.1:0");
        QVERIFY(endpoint);
        const RawIdentity identity{m_fixture->serverKeys().publicKey, m_fixture->adminKeys()};
        QCOMPARE(RawPeer(zmq::socket_type::dealer, *endpoint, identity).isLetIn(), std::optional<bool>(true));
        QVERIFY(zap->isAlive(milliseconds(5'000)));
        zap.reset();
        QVERIFY(RawPeer(zmq::socket_type::dealer, *endpoint, identity).isLetIn(milliseconds(500))
            != std::optional<bool>(true));
    }

    void lookupThatThrowsRefuses()
    {
        zmq::context_t context;
        bus::BusMeters meters;
        const bus::ZapHandler zap(
            context,
            [](std::string_view) -> std::optional<api::Principal> { throw std::runtime_error("broken"); },
            meters);
        zmq::socket_t socket(context, zmq::socket_type::router);
        bus::configureServer(socket, "commands", m_fixture->serverKeys(), {10, 10, 1000});
        const auto endpoint = bus::bindTcp(socket, "127.0.0.1:0");
        QVERIFY(endpoint);
        RawPeer peer(
            zmq::socket_type::dealer, *endpoint, {m_fixture->serverKeys().publicKey, m_fixture->adminKeys()});
        QCOMPARE(peer.isLetIn(), std::optional<bool>(false));
        QCOMPARE(meters.refusedPeers.load(), 1U);
    }

    void revokedKeyIsRefusedOnAnOpenConnection()
    {
        RawPeer peer(zmq::socket_type::dealer, m_fixture->bus().commandsAddress(),
            {m_fixture->serverKeys().publicKey, m_fixture->adminKeys()});
        QVERIFY(peer.request(1, R"({"command":"hello","protocol":3})"));
        auto answer = peer.receive();
        QVERIFY(answer && answer->at(1).find("\"hello\"") != std::string::npos);
        m_fixture->revoke(true);
        QVERIFY(peer.request(2, R"({"command":"hello","protocol":3})"));
        answer = peer.receive();
        QVERIFY(answer && answer->at(1).find("unauthenticated") != std::string::npos);
    }

    void revokedKeyHearsNoMoreEvents()
    {
        const std::string events = m_fixture->bus().eventsAddress();
        const std::string& server = m_fixture->serverKeys().publicKey;
        RawPeer clerk(zmq::socket_type::sub, events, {server, m_fixture->clerkKeys()});
        RawPeer admin(zmq::socket_type::sub, events, {server, m_fixture->adminKeys()});
        for (RawPeer* peer : {&clerk, &admin}) {
            peer->subscribe("");
            QVERIFY(peer->receive()); // a heartbeat
        }
        const auto refused = m_fixture->bus().counters().refusedPeers;
        m_fixture->revokeClerk();
        // Both connections are ended; the clerk's socket tries to come back, and is refused.
        QVERIFY(waitFor([&] { return m_fixture->bus().counters().refusedPeers > refused; }));
        while (clerk.receive(milliseconds(0))) { } // what had come before
        m_fixture->commit(1);
        const auto hears = [&admin] {
            const auto frames = admin.receive(milliseconds(100));
            return frames && frames->front() == "heartbeat"
                && frames->at(1).find("\"sequence\":1") != std::string::npos;
        };
        QVERIFY(waitFor(hears));
        m_fixture->commit(1);
        QVERIFY(waitFor([&admin] {
            const auto frames = admin.receive(milliseconds(100));
            return frames && frames->front() == "events.0";
        }));
        QVERIFY(!clerk.receive(milliseconds(0)));
    }

    void keyThatNobodyLostEndsNoConnection()
    {
        RawPeer admin(zmq::socket_type::sub, m_fixture->bus().eventsAddress(),
            {m_fixture->serverKeys().publicKey, m_fixture->adminKeys()});
        admin.subscribe("");
        const auto accepted = m_fixture->bus().counters().acceptedPeers;
        for (int i = 0; i < 5; ++i)
            QVERIFY(admin.receive());
        QVERIFY(m_fixture->bus().counters().acceptedPeers <= accepted + 1);
    }

    void addressThatIsNoneIsRefused_data()
    {
        QTest::addColumn<QString>("address");
        for (const char* address : {"", "7411", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "127.0.0.1:x",
                 "::1:7411", "ipc:///tmp/x", "host.example:7411", "[127.0.0.1]:7411"})
            QTest::addRow("%s", address) << QString::fromLatin1(address);
    }

    void addressThatIsNoneIsRefused()
    {
        QFETCH(QString, address);
        bus::BusSettings settings = m_fixture->settings();
        settings.commands = address.toStdString();
        settings.events = "127.0.0.1:0";
        const auto started = bus::Bus::start(std::move(settings));
        QVERIFY(!started);
        QCOMPARE(started.error().code, ErrorCode::InvalidValue);
    }

    void portInUseIsSaid()
    {
        const auto started = bus::Bus::start(m_fixture->settings());
        QVERIFY(!started);
        QCOMPARE(started.error().code, ErrorCode::Unavailable);
    }

    void keyThatIsNoneIsRefused()
    {
        bus::BusSettings settings = m_fixture->settings();
        settings.commands = "127.0.0.1:0";
        settings.events = "127.0.0.1:0";
        settings.serverKeys.secretKey = "short";
        const auto started = bus::Bus::start(std::move(settings));
        QVERIFY(!started);
        QCOMPARE(started.error().code, ErrorCode::InvalidValue);
    }

private:
    std::vector<std::pair<zmq::socket_type, std::string>> doors()
    {
        return {{zmq::socket_type::dealer, m_fixture->bus().commandsAddress()},
            {zmq::socket_type::sub, m_fixture->bus().eventsAddress()}};
    }

    std::unique_ptr<BusFixture> m_fixture;
};

QTEST_GUILESS_MAIN(TestBusAccess)
#include "tst_bus_access.moc"
