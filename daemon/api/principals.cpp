// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/principals.h"

#include "daemon/api/fingerprint.h"

namespace gantry::api {

namespace {

std::optional<Principal> living(const store::PrincipalRecord& principal, Timestamp now)
{
    if (!principal.isLiving(now))
        return std::nullopt;
    return Principal{principal.name, principal.role};
}

/// The beginning of a minute: uses are told no finer, so that most change nothing.
std::int64_t minuteOf(Timestamp time)
{
    return toMillis(std::chrono::floor<std::chrono::minutes>(time));
}

} // namespace

Principals::Principals(
    const std::vector<store::PrincipalRecord>& records, std::string pepper, const Clock& clock)
    : m_known(std::make_shared<const Known>())
    , m_pepper(std::move(pepper))
    , m_clock(clock)
{
    replace(records);
}

void Principals::replace(const std::vector<store::PrincipalRecord>& records)
{
    const auto before = known();
    auto after = std::make_shared<Known>();
    for (const store::PrincipalRecord& record : records) {
        auto shared = std::make_shared<store::PrincipalRecord>(record);
        shared->keys.clear();
        for (const store::PrincipalKey& key : record.keys) {
            const auto used = before->uses.find(key.id);
            auto lastUse = used != before->uses.end()
                ? used->second
                : std::make_shared<LastUse>(key.lastUsedAt ? toMillis(*key.lastUsedAt) : 0);
            after->uses.emplace(key.id, lastUse);
            if (!key.revokedAt)
                after->byMaterial.emplace(
                    key.material, Entry{shared, key.id, key.expiresAt, std::move(lastUse)});
        }
        after->byName.emplace(record.name, std::move(shared));
    }
    m_known.store(std::move(after));
}

std::optional<Principal> Principals::find(const std::string& material) const
{
    const auto set = known();
    const auto found = set->byMaterial.find(material);
    const Timestamp now = m_clock.now();
    if (found == set->byMaterial.end() || (found->second.expiresAt && *found->second.expiresAt <= now))
        return std::nullopt;
    auto principal = living(*found->second.principal, now);
    if (principal)
        principal->key = found->second.key;
    LastUse& lastUse = *found->second.lastUse;
    if (const std::int64_t minute = minuteOf(now);
        principal && lastUse.load(std::memory_order_relaxed) < minute)
        lastUse.store(minute, std::memory_order_relaxed);
    return principal;
}

std::optional<Principal> Principals::byApiKey(std::string_view key) const
{
    // Looked up by a keyed hash: how long the look-up takes tells nothing of the keys there are.
    return find(hash(key));
}

std::optional<Principal> Principals::byCurveKey(std::string_view key) const
{
    return find(std::string(key));
}

std::optional<Principal> Principals::byName(std::string_view name) const
{
    const auto set = known();
    const auto found = set->byName.find(std::string(name));
    return found == set->byName.end() ? std::nullopt : living(*found->second, m_clock.now());
}

std::string Principals::hash(std::string_view apiKey) const
{
    return hashApiKey(apiKey, m_pepper);
}

std::optional<Timestamp> Principals::lastUsed(std::uint64_t key) const
{
    const auto set = known();
    const auto found = set->uses.find(key);
    const std::int64_t at = found == set->uses.end() ? 0 : found->second->load(std::memory_order_relaxed);
    return at == 0 ? std::nullopt : std::optional(fromMillis(at));
}

std::vector<store::KeyUse> Principals::takeUses()
{
    std::vector<store::KeyUse> uses;
    const auto set = known();
    for (const auto& [key, lastUse] : set->uses) {
        const std::int64_t at = lastUse->load(std::memory_order_relaxed);
        if (std::int64_t& told = m_told[key]; told < at) {
            told = at;
            uses.push_back({key, fromMillis(at)});
        }
    }
    return uses;
}

} // namespace gantry::api
