// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/records.h"
#include "shared/util/clock.h"

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
};

/// Everyone who may come in, by either kind of key. Immutable after it is made, so any thread may ask.
class Principals {
public:
    /// `pepper`: 32 secret bytes that API keys are hashed with.
    Principals(const std::vector<store::PrincipalRecord>& records, std::string pepper, const Clock& clock);

    /// By the secret of an `Authorization: Bearer` header. Empty if no living key fits.
    [[nodiscard]] std::optional<Principal> byApiKey(std::string_view key) const;

    /// By a CURVE public key, Z85.
    [[nodiscard]] std::optional<Principal> byCurveKey(std::string_view key) const;

    /// By name, as the bus tells it of a connection that ZAP let in.
    [[nodiscard]] std::optional<Principal> byName(std::string_view name) const;

private:
    struct Entry {
        Principal principal;
        std::optional<Timestamp> expiresAt;
    };
    using Index = std::unordered_map<std::string, Entry>;
    [[nodiscard]] std::optional<Principal> find(const Index& index, const std::string& key) const;

    Index m_byHash;
    Index m_byCurveKey;
    Index m_byName;
    std::string m_pepper;
    const Clock& m_clock;
};

} // namespace gantry::api
