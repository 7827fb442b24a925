// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/http_admission.h"

namespace gantry::api {

HttpLimit HttpAdmission::admit(AddressKey address)
{
    const std::lock_guard lock(m_mutex);
    if (m_total >= m_limits.connections)
        return HttpLimit::Connections;
    auto& count = m_perAddress[address];
    if (count >= m_limits.connectionsPerAddress) {
        if (count == 0)
            m_perAddress.erase(address);
        return HttpLimit::ConnectionsPerAddress;
    }
    ++count;
    ++m_total;
    return HttpLimit::None;
}

void HttpAdmission::release(AddressKey address)
{
    const std::lock_guard lock(m_mutex);
    if (const auto at = m_perAddress.find(address); at != m_perAddress.end() && --at->second == 0)
        m_perAddress.erase(at);
    if (--m_total == 0)
        m_emptied.notify_all();
}

bool HttpAdmission::waitUntilEmpty(std::chrono::milliseconds timeout)
{
    std::unique_lock lock(m_mutex);
    return m_emptied.wait_for(lock, timeout, [this] { return m_total == 0; });
}

bool HttpAdmission::charge(std::size_t bytes) noexcept
{
    return m_bytes.fetch_add(bytes, std::memory_order_relaxed) + bytes <= m_limits.inFlightBytes;
}

} // namespace gantry::api
