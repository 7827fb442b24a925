// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/records.h"
#include "shared/util/clock.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gantry::api {

/// Who is asking, and as what.
struct Principal {
    std::string name;
    Role role = Role::Viewer;
    std::uint64_t key = 0; ///< the id of the key that it came in by; 0: not known
};

/// Everyone who may come in, by either kind of key. What it knows is an immutable set that is replaced as a whole: any thread may ask, and whoever asks after
/// replace() has returned gets the new answer.
class Principals {
public:
    /// `pepper`: 32 secret bytes that API keys are hashed with.
    Principals(const std::vector<store::PrincipalRecord>& records, std::string pepper, const Clock& clock);

    /// Knows these from now on, and no others. One thread at a time.
    void replace(const std::vector<store::PrincipalRecord>& records);

    /// By the secret of an `Authorization: Bearer` header. Empty if no living key fits.
    [[nodiscard]] std::optional<Principal> byApiKey(std::string_view key) const;

    /// By a CURVE public key, Z85.
    [[nodiscard]] std::optional<Principal> byCurveKey(std::string_view key) const;

    /// By name, as the bus tells it of a connection whose key it has just looked up.
    [[nodiscard]] std::optional<Principal> byName(std::string_view name) const;

    /// What an API key is kept as.
    [[nodiscard]] std::string hash(std::string_view apiKey) const;

    /// When a key was last used, to the minute; empty: never.
    [[nodiscard]] std::optional<Timestamp> lastUsed(std::uint64_t key) const;

    /// What was used since this was last called. One thread at a time.
    [[nodiscard]] std::vector<store::KeyUse> takeUses();

private:
    /// When a key was last used, in milliseconds since 1970; 0: never. Shared by all sets that know the key.
    using LastUse = std::atomic<std::int64_t>;
    struct Entry {
        std::shared_ptr<const store::PrincipalRecord> principal; ///< without its keys
        std::uint64_t key = 0;
        std::optional<Timestamp> expiresAt; ///< of the key
        std::shared_ptr<LastUse> lastUse;
    };
    struct Known {
        std::unordered_map<std::string, Entry> byMaterial;
        std::unordered_map<std::string, std::shared_ptr<const store::PrincipalRecord>> byName;
        std::unordered_map<std::uint64_t, std::shared_ptr<LastUse>>
            uses; ///< by key; those that are revoked, too
    };
    [[nodiscard]] std::shared_ptr<const Known> known() const { return m_known.load(); }
    [[nodiscard]] std::optional<Principal> find(const std::string& material) const;

    std::atomic<std::shared_ptr<const Known>> m_known;
    std::unordered_map<std::uint64_t, std::int64_t> m_told; ///< what takeUses() has given, by key
    std::string m_pepper;
    const Clock& m_clock;
};

} // namespace gantry::api
