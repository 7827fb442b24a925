// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/http_limits.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <unordered_map>

namespace gantry::api {

/// Counts what all connections share: themselves, those of one address, and the bytes of requests in hand.
/// Callable from any thread.
class HttpAdmission {
public:
    /// Names the sender for the limit per address: an IPv4 address or the /64 prefix of an IPv6 address.
    using AddressKey = std::uint64_t;

    /// `limits` must outlive the object.
    explicit HttpAdmission(const HttpLimits& limits)
        : m_limits(limits)
    {
    }

    /// Lets one more connection in, or says which limit forbids it.
    [[nodiscard]] HttpLimit admit(AddressKey address);
    /// One connection that was let in is gone.
    void release(AddressKey address);
    [[nodiscard]] std::size_t connectionCount() const noexcept
    {
        return m_total.load(std::memory_order_relaxed);
    }
    /// Waits until no connection is left. False if some are left after `timeout`.
    [[nodiscard]] bool waitUntilEmpty(std::chrono::milliseconds timeout);

    /// Adds bytes received; false if that is more than all connections may hold. They count all the same until discharged.
    [[nodiscard]] bool charge(std::size_t bytes) noexcept;
    void discharge(std::size_t bytes) noexcept { m_bytes.fetch_sub(bytes, std::memory_order_relaxed); }
    [[nodiscard]] std::size_t bytesInFlight() const noexcept
    {
        return m_bytes.load(std::memory_order_relaxed);
    }

private:
    const HttpLimits& m_limits;
    std::atomic<std::size_t> m_bytes{0};
    std::atomic<std::size_t> m_total{0}; ///< written under the mutex only
    std::mutex m_mutex;
    std::condition_variable m_emptied;
    std::unordered_map<AddressKey, std::size_t> m_perAddress;
};

} // namespace gantry::api
