// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/wake_up.h"

#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace gantry::bus {

WakeUp::WakeUp()
    : m_fd(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC))
{
    if (m_fd < 0)
        throw std::system_error(errno, std::generic_category(), "eventfd");
}

WakeUp::~WakeUp()
{
    ::close(m_fd);
}

void WakeUp::ring() noexcept
{
    const std::uint64_t one = 1;
    // It fails only when the counter is full, and then it is rung already.
    [[maybe_unused]] const auto written = ::write(m_fd, &one, sizeof one);
}

void WakeUp::clear() noexcept
{
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(m_fd, &count, sizeof count);
}

} // namespace gantry::bus
