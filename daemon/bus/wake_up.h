// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace gantry::bus {

/// Wakes a thread that waits in zmq_poll: an eventfd, which may be rung from any thread, unlike a socket.
class WakeUp {
public:
    /// Throws std::system_error when the process has no descriptor left.
    WakeUp();
    ~WakeUp();
    WakeUp(const WakeUp&) = delete;
    WakeUp& operator=(const WakeUp&) = delete;

    /// Any thread.
    void ring() noexcept;

    /// The waiting thread: takes the ring back.
    void clear() noexcept;

    /// Readable after a ring.
    [[nodiscard]] int descriptor() const noexcept { return m_fd; }

private:
    int m_fd;
};

} // namespace gantry::bus
