// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/principals.h"

#include "daemon/api/fingerprint.h"

namespace gantry::api {

Principals::Principals(
    const std::vector<store::PrincipalRecord>& records, std::string pepper, const Clock& clock)
    : m_pepper(std::move(pepper))
    , m_clock(clock)
{
    for (const store::PrincipalRecord& record : records) {
        const Entry entry{{record.name, record.role}, record.expiresAt};
        m_byName.emplace(record.name, entry);
        if (!record.keyHash.empty())
            m_byHash.emplace(record.keyHash, entry);
        if (!record.curveKey.empty())
            m_byCurveKey.emplace(record.curveKey, entry);
    }
}

std::optional<Principal> Principals::find(const Index& index, const std::string& key) const
{
    const auto found = index.find(key);
    if (found == index.end() || (found->second.expiresAt && *found->second.expiresAt <= m_clock.now()))
        return std::nullopt;
    return found->second.principal;
}

std::optional<Principal> Principals::byApiKey(std::string_view key) const
{
    // Looked up by a keyed hash: how long the look-up takes tells nothing of the keys there are.
    return find(m_byHash, hashApiKey(key, m_pepper));
}

std::optional<Principal> Principals::byCurveKey(std::string_view key) const
{
    return find(m_byCurveKey, std::string(key));
}

std::optional<Principal> Principals::byName(std::string_view name) const
{
    return find(m_byName, std::string(name));
}

} // namespace gantry::api
