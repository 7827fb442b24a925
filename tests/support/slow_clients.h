// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace gantry::test {

/// How a client is slow.
enum class Slowness {
    Head, ///< sends a field's value, a byte at a time, and never ends it
    Body, ///< the same with an announced body
    Reading, ///< asks for much and does not read it
};

/// Connections of one thread to a server at 127.0.0.1 that are slow on purpose, a third of them each way. Bounded memory: what the server says is
/// not looked at, but for its end.
class SlowClients {
public:
    struct Plan {
        std::uint16_t port = 0;
        std::size_t count = 0;
        std::string key; ///< for those that ask for an answer
        bool isRenewed = false; ///< whose connection is ended opens another
        std::chrono::milliseconds pace{200}; ///< between two bytes of one client
    };

    /// Connects them all, and has sent the first bytes of each when it returns.
    explicit SlowClients(Plan plan);
    ~SlowClients();
    SlowClients(const SlowClients&) = delete;
    SlowClients& operator=(const SlowClients&) = delete;

    /// How many connections of that kind there are, open or ended.
    [[nodiscard]] std::size_t count(Slowness kind) const noexcept;
    /// How often the server has ended one. Any thread.
    [[nodiscard]] std::size_t ended() const noexcept { return m_ended; }

private:
    struct Client {
        int socket = -1;
        Slowness kind = Slowness::Head;
    };

    void open(Client& client);
    void run();
    void dribble(Client& client);
    [[nodiscard]] bool isEnded(const Client& client);

    Plan m_plan;
    std::vector<Client> m_clients;
    std::array<std::string, 3> m_openings; ///< what each kind begins with
    std::atomic<std::size_t> m_ended{0};
    std::atomic<bool> m_isStopping{false};
    std::thread m_thread;
};

} // namespace gantry::test
