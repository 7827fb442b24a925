// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/server_socket.h"
#include "daemon/bus/zap_handler.h"
#include "tests/support/bus/bus_fixture.h"
#include "tests/support/bus/raw_peer.h"

#include <QTcpSocket>
#include <QTest>
#include <list>

using namespace gantry;
using namespace gantry::test;
using std::chrono::milliseconds;

namespace {

/// A TCP connection that never says a word of ZeroMQ's.
class HalfOpen {
public:
    explicit HalfOpen(const std::string& endpoint)
    {
        m_socket.connectToHost(QStringLiteral("127.0.0.1"),
            static_cast<quint16>(std::stoul(endpoint.substr(endpoint.rfind(':') + 1))));
        m_socket.waitForConnected();
    }
    bool isCut()
    {
        return m_socket.state() == QAbstractSocket::UnconnectedState || m_socket.waitForDisconnected(10'000);
    }

private:
    QTcpSocket m_socket;
};

} // namespace

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

    void fullDoorLetsNobodyInUntilOneLeaves()
    {
        m_fixture = std::make_unique<BusFixture>();
        m_fixture->doors.connections = 2;
        const auto started = m_fixture->start();
        QVERIFY2(started, started ? "" : started.error().message.c_str());
        const RawIdentity identity{m_fixture->serverKeys().publicKey, m_fixture->adminKeys()};
        for (const auto& [type, endpoint] : doors()) { // each door has its own places
            const auto before = m_fixture->bus().counters().fullDoors;
            auto first = std::make_unique<RawPeer>(type, endpoint, identity);
            RawPeer second(type, endpoint, identity);
            QCOMPARE(first->isLetIn(), std::optional<bool>(true));
            QCOMPARE(second.isLetIn(), std::optional<bool>(true));
            RawPeer third(type, endpoint, identity);
            QCOMPARE(third.isLetIn(), std::optional<bool>(false));
            QVERIFY(m_fixture->bus().counters().fullDoors > before);
            first.reset();
            QVERIFY(waitFor([&] { return third.isLetIn(milliseconds(100)) == std::optional<bool>(true); }));
        }
    }

    void connectionsAreCounted()
    {
        QVERIFY(waitFor(
            [&] { return m_fixture->bus().counters().connections == 0; })); // the self-test's have ended
        const auto ended = m_fixture->bus().counters().endedConnections;
        const RawIdentity identity{m_fixture->serverKeys().publicKey, m_fixture->adminKeys()};
        {
            RawPeer commands(zmq::socket_type::dealer, m_fixture->bus().commandsAddress(), identity);
            RawPeer events(zmq::socket_type::sub, m_fixture->bus().eventsAddress(), identity);
            QCOMPARE(commands.isLetIn(), std::optional<bool>(true));
            QCOMPARE(events.isLetIn(), std::optional<bool>(true));
            QVERIFY(waitFor([&] { return m_fixture->bus().counters().connections == 2; }));
        }
        QVERIFY(waitFor([&] { return m_fixture->bus().counters().connections == 0; }));
        QCOMPARE(m_fixture->bus().counters().endedConnections, ended + 2);
    }

    void whoNeverShowsAKeyIsCutAndTakesNoPlace()
    {
        m_fixture = std::make_unique<BusFixture>();
        m_fixture->doors = {.connections = 8, .handshake = milliseconds(200)};
        const auto started = m_fixture->start();
        QVERIFY2(started, started ? "" : started.error().message.c_str());
        std::list<HalfOpen> silent;
        for (int i = 0; i < 8; ++i)
            silent.emplace_back(m_fixture->bus().commandsAddress());
        for (HalfOpen& each : silent)
            QVERIFY(each.isCut());
        RawPeer peer(zmq::socket_type::dealer, m_fixture->bus().commandsAddress(),
            {m_fixture->serverKeys().publicKey, m_fixture->adminKeys()});
        QVERIFY(waitFor([&] { return peer.isLetIn(milliseconds(100)) == std::optional<bool>(true); }));
        QCOMPARE(m_fixture->bus().counters().connections, 1U);
    }

    void revokedKeyIsRefusedOnAnOpenConnection()
    {
        RawPeer peer(zmq::socket_type::dealer, m_fixture->bus().commandsAddress(),
            {m_fixture->serverKeys().publicKey, m_fixture->adminKeys()});
        QVERIFY(peer.request(1, R"({"command":"hello","protocol":4})"));
        auto answer = peer.receive();
        QVERIFY(answer && answer->at(1).find("\"hello\"") != std::string::npos);
        m_fixture->revoke(true);
        QVERIFY(peer.request(2, R"({"command":"hello","protocol":4})"));
        answer = peer.receive();
        QVERIFY(answer && answer->at(1).find("unauthenticated") != std::string::npos);
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
