// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/sessions.h"

#include "daemon/api/fingerprint.h"

#include <algorithm>
#include <utility>

namespace gantry::api {

Sessions::Sessions(const std::vector<store::PersonSession>& sessions, std::string pepper, const Clock& clock)
    : m_known(std::make_shared<const Known>())
    , m_pepper(std::move(pepper))
    , m_clock(clock)
{
    replace(sessions);
}

void Sessions::replace(const std::vector<store::PersonSession>& sessions)
{
    const auto before = m_known.load();
    auto after = std::make_shared<Known>();
    for (const store::PersonSession& session : sessions) {
        const auto known = before->find(session.tokenHash);
        auto lastUse = known != before->end() ? known->second.lastUse
                                              : std::make_shared<LastUse>(toMillis(session.lastUsedAt));
        after->emplace(session.tokenHash, Entry{session, std::move(lastUse)});
    }
    m_known.store(std::move(after));
}

bool Sessions::isLiving(const Entry& entry, Timestamp now)
{
    const Timestamp lastUse = fromMillis(entry.lastUse->load(std::memory_order_relaxed));
    return now < entry.session.expiresAt && now < lastUse + entry.session.idle;
}

std::optional<SessionHolder> Sessions::find(std::string_view token) const
{
    // Looked up by a keyed hash: how long the look-up takes tells nothing of the tokens there are.
    const auto set = m_known.load();
    const auto found = set->find(hash(token));
    const Timestamp now = m_clock.now();
    if (found == set->end() || !isLiving(found->second, now))
        return std::nullopt;
    const Entry& entry = found->second;
    if (const std::int64_t at = toMillis(now); entry.lastUse->load(std::memory_order_relaxed) < at)
        entry.lastUse->store(at, std::memory_order_relaxed);
    return SessionHolder{entry.session.id, entry.session.person, entry.session.mustChange};
}

std::vector<store::PersonSession> Sessions::living() const
{
    const auto set = m_known.load();
    const Timestamp now = m_clock.now();
    std::vector<store::PersonSession> sessions;
    for (const auto& [hash, entry] : *set)
        if (isLiving(entry, now)) {
            sessions.push_back(entry.session);
            sessions.back().lastUsedAt = fromMillis(entry.lastUse->load(std::memory_order_relaxed));
        }
    std::sort(sessions.begin(), sessions.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return sessions;
}

std::string Sessions::hash(std::string_view token) const
{
    return hashApiKey(token, m_pepper);
}

std::vector<store::KeyUse> Sessions::takeUses()
{
    std::vector<store::KeyUse> uses;
    const auto set = m_known.load();
    std::unordered_map<std::uint64_t, std::int64_t> told; // without those that have ended
    for (const auto& [hash, entry] : *set) {
        const std::int64_t at = entry.lastUse->load(std::memory_order_relaxed);
        const auto known = m_told.find(entry.session.id);
        if ((known == m_told.end() ? toMillis(entry.session.lastUsedAt) : known->second) < at)
            uses.push_back({entry.session.id, fromMillis(at)});
        told.emplace(entry.session.id, at);
    }
    m_told = std::move(told);
    return uses;
}

} // namespace gantry::api
