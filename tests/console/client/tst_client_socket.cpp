// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/client_socket.h"
#include "daemon/bus/curve_keys.h"

#include <QDeadlineTimer>
#include <QTest>
#include <arpa/inet.h>
#include <atomic>
#include <memory>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace gantry;
using namespace gantry::console;

namespace {

constexpr ClientSocketLimits limits{1'000, 1'000, 1024 * 1024};

/// Listens on a free port of loopback, and closes each connection as soon as it is there.
class RudeServer {
public:
    RudeServer()
        : m_socket(socket(AF_INET, SOCK_STREAM, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        if (bind(m_socket, generic, size) != 0 || listen(m_socket, 64) != 0
            || getsockname(m_socket, generic, &size) != 0)
            qFatal("no free port on loopback");
        m_endpoint = "tcp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
        m_thread = std::thread([this] {
            for (int peer = accept(m_socket, nullptr, nullptr); peer >= 0;
                 peer = accept(m_socket, nullptr, nullptr)) {
                close(peer);
                ++m_count;
            }
        });
    }
    ~RudeServer()
    {
        shutdown(m_socket, SHUT_RDWR);
        m_thread.join();
        close(m_socket);
    }
    RudeServer(const RudeServer&) = delete;
    RudeServer& operator=(const RudeServer&) = delete;

    [[nodiscard]] const std::string& endpoint() const { return m_endpoint; }
    [[nodiscard]] int count() const { return m_count; }

private:
    int m_socket;
    std::string m_endpoint;
    std::atomic<int> m_count{0};
    std::thread m_thread;
};

Profile profileOf(const std::string& endpoint)
{
    const auto server = bus::makeCurveKeyPair();
    const auto client = bus::makeCurveKeyPair();
    if (!server || !client)
        qFatal("no keys");
    Profile profile;
    profile.name = "test";
    profile.commands = endpoint;
    profile.serverKey = server->publicKey;
    profile.publicKey = client->publicKey;
    profile.secretKey = client->secretKey;
    return profile;
}

} // namespace

class TestClientSocket : public QObject {
    Q_OBJECT
private Q_SLOTS:
    /// The I/O thread tells the monitor what happens to a connection: when the socket goes in that moment, the thread must not wait for a reader for ever,
    /// or the context's other sockets hear nothing any more.
    void goingWhileTheConnectionBreaksHoldsNothingUp()
    {
        const RudeServer server;
        const Profile profile = profileOf(server.endpoint());
        auto context = std::make_unique<zmq::context_t>(1);
        bool isStuck = false;
        for (int round = 0; round < 500 && !isStuck; ++round) {
            const int before = server.count();
            const ClientSocket socket(*context, zmq::socket_type::dealer, server.endpoint(), profile, limits);
            const QDeadlineTimer deadline(20'000);
            while (server.count() == before && !deadline.hasExpired())
                std::this_thread::yield(); // no pause: the socket is to go in the very moment
            isStuck = server.count() == before;
        }
        if (isStuck)
            static_cast<void>(context.release()); // it can't be ended any more
        QVERIFY2(!isStuck, "a new socket does not connect any more");
    }
};

QTEST_GUILESS_MAIN(TestClientSocket)
#include "tst_client_socket.moc"
