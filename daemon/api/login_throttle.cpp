// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/login_throttle.h"

#include <algorithm>

namespace gantry::api {

namespace {

using Millis = LoginThrottle::Millis;

/// 1, 2, 4, … seconds for each failure beyond those that are free.
Millis delayAfter(int failures, int free)
{
    constexpr int mostDoublings = 6; // beyond the longest
    if (failures <= free)
        return Millis(0);
    const int doublings = std::min(failures - free - 1, mostDoublings);
    return std::min(LoginThrottle::longest, Millis(std::chrono::seconds(1)) * (1 << doublings));
}

} // namespace

Millis LoginThrottle::left(const Book& book, std::string_view who, int free) const
{
    const auto found = book.find(who);
    if (found == book.end())
        return Millis(0);
    const Millis since = m_clock.monotonic() - found->second.last;
    return since > memory ? Millis(0) : delayAfter(found->second.count, free) - since;
}

std::optional<Millis> LoginThrottle::waitOf(std::string_view name, std::string_view peer) const
{
    const std::lock_guard lock(m_mutex);
    const Millis wait = std::max(left(m_names, name, freeOfName), left(m_peers, peer, freeOfPeer));
    return wait > Millis(0) ? std::optional(wait) : std::nullopt;
}

void LoginThrottle::note(Book& book, std::string_view who)
{
    const Millis now = m_clock.monotonic();
    if (book.size() >= mostKept && !book.contains(who))
        book.erase(std::min_element(book.begin(), book.end(),
            [](const auto& a, const auto& b) { return a.second.last < b.second.last; }));
    Failures& failures = book[std::string(who)];
    if (now - failures.last > memory)
        failures.count = 0;
    ++failures.count;
    failures.last = now;
}

void LoginThrottle::failed(std::string_view name, std::string_view peer)
{
    const std::lock_guard lock(m_mutex);
    note(m_names, name);
    note(m_peers, peer);
}

void LoginThrottle::succeeded(std::string_view name)
{
    const std::lock_guard lock(m_mutex);
    if (const auto found = m_names.find(name); found != m_names.end())
        m_names.erase(found);
}

} // namespace gantry::api
