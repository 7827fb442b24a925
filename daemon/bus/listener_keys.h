// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

namespace gantry::bus {

/// Whether a public CURVE key (Z85) is accepted now. Any thread; does not count as its use.
using KeyCheck = std::function<bool(std::string_view curveKey)>;

/// The keys that the event socket has let in. libzmq tells nobody when one of them leaves, and an open connection is not asked again: this is how a key is found that
/// was let in and is accepted no more. No more keys than there are principals' keys. Any thread.
class ListenerKeys {
public:
    void add(const std::string& key)
    {
        const std::lock_guard lock(m_mutex);
        m_keys.insert(key);
    }

    /// Whether one of them is not accepted any more; then all are forgotten, for whoever may comes again.
    [[nodiscard]] bool takeDead(const KeyCheck& isLiving)
    {
        const std::lock_guard lock(m_mutex);
        if (std::all_of(m_keys.begin(), m_keys.end(), isLiving))
            return false;
        m_keys.clear();
        return true;
    }

private:
    std::mutex m_mutex;
    std::set<std::string> m_keys;
};

} // namespace gantry::bus
