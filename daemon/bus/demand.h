// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>

namespace gantry::bus {

/// Whether anybody listens to a topic, so that events for nobody need not be encoded. Bus thread only.
class Demand {
public:
    /// One message that the XPUB socket gave: 1 or 0, then the beginning of the topics meant. Gives whether somebody new listens to
    /// heartbeats.
    bool note(std::string_view message);

    /// Whether a subscription matches the topic.
    [[nodiscard]] bool isFor(std::string_view topic) const;

private:
    std::set<std::string, std::less<>> m_prefixes;
    bool m_isUncounted = false; ///< more subscriptions than are kept: everything is published
};

} // namespace gantry::bus
