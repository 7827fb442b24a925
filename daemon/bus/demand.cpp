// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/demand.h"

#include "shared/protocol/bus_messages.h"

#include <algorithm>

namespace gantry::bus {

namespace {

constexpr std::size_t mostPrefixes = 256;

} // namespace

bool Demand::note(std::string_view message)
{
    if (message.empty() || (message.front() != '\0' && message.front() != '\1'))
        return false;
    const std::string_view prefix = message.substr(1);
    const bool isForEvents = prefix.starts_with(eventTopicPrefix) || eventTopicPrefix.starts_with(prefix);
    if (message.front() == '\0') {
        if (const auto found = m_prefixes.find(prefix); found != m_prefixes.end())
            m_prefixes.erase(found);
        return false;
    }
    if (isForEvents) {
        if (m_prefixes.size() < mostPrefixes)
            m_prefixes.emplace(prefix);
        else
            m_isUncounted = true;
    }
    return heartbeatTopic.starts_with(prefix);
}

bool Demand::isFor(std::string_view topic) const
{
    return m_isUncounted || std::any_of(m_prefixes.begin(), m_prefixes.end(), [&](const std::string& prefix) {
        return topic.starts_with(prefix);
    });
}

} // namespace gantry::bus
