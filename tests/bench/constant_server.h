// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <cstdint>
#include <sys/types.h>

namespace gantry::bench {

/// The daemon's own HTTP server in a process of its own that reads every request whole and answers each with the same few bytes: the limit for
/// everything that comes in over HTTP. Ends with this object.
class ConstantServer {
public:
    /// Forks: call before any thread is started. Errors: Unavailable.
    static Result<ConstantServer> start();

    ConstantServer(ConstantServer&& other) noexcept;
    ConstantServer& operator=(ConstantServer&&) = delete;
    ~ConstantServer();

    [[nodiscard]] std::uint16_t port() const noexcept { return m_port; }

private:
    ConstantServer(pid_t pid, int pipe)
        : m_pid(pid)
        , m_pipe(pipe)
    {
    }
    pid_t m_pid;
    int m_pipe; ///< the child ends when this closes
    std::uint16_t m_port = 0;
};

} // namespace gantry::bench
