// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/fingerprint.h"
#include "shared/domain/role.h"
#include "shared/util/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::store {

enum class PrincipalKind : std::uint8_t { Person, Service };

/// An API key comes in by HTTP; a CURVE key by ZeroMQ.
enum class KeyKind : std::uint8_t { Api, Curve };

/// One key of a principal. Kept for good: a key that is revoked is never accepted again.
struct PrincipalKey {
    std::uint64_t id = 0; ///< given by the store; unique among all keys
    KeyKind kind = KeyKind::Api;
    std::string
        material{}; ///< of an API key its keyed BLAKE2b-256, 32 bytes; of a CURVE key the public key, Z85, 40 characters
    Timestamp createdAt{};
    std::optional<Timestamp> expiresAt{};
    std::optional<Timestamp> revokedAt{};
    std::optional<Timestamp> lastUsedAt{}; ///< to the minute
    bool operator==(const PrincipalKey&) const = default;

    /// Whether it is accepted at that time, as far as it is up to the key.
    [[nodiscard]] bool isLiving(Timestamp now) const noexcept
    {
        return !revokedAt && (!expiresAt || *expiresAt > now);
    }
};

/// A person or a service with keys. Never deleted: records name it.
struct PrincipalRecord {
    std::string name{};
    PrincipalKind kind = PrincipalKind::Service;
    Role role = Role::Viewer;
    Timestamp createdAt{};
    std::string createdBy{};
    std::optional<Timestamp> expiresAt{};
    std::optional<Timestamp> disabledAt{};
    std::vector<PrincipalKey> keys{}; ///< by id
    std::string
        customRole{}; ///< the name of a custom role; empty: `role` is the one. With one, `role` is Viewer
    bool operator==(const PrincipalRecord&) const = default;

    /// The name of the role that it has.
    [[nodiscard]] std::string_view nameOfRole() const noexcept
    {
        return customRole.empty() ? roleName(role) : std::string_view(customRole);
    }

    /// Whether it may come in at that time, if its key may.
    [[nodiscard]] bool isLiving(Timestamp now) const noexcept
    {
        return !disabledAt && (!expiresAt || *expiresAt > now);
    }
};

/// The acts that the log knows.
struct PrincipalAct {
    static constexpr const char* created = "created";
    static constexpr const char* roleChanged = "role_changed";
    static constexpr const char* disabled = "disabled";
    static constexpr const char* enabled = "enabled";
    static constexpr const char* keyAdded = "key_added";
    static constexpr const char* keyRevoked = "key_revoked";
    static constexpr const char* passwordChanged = "password_changed"; ///< by the person
    static constexpr const char* passwordReset = "password_reset"; ///< by an administrator
    static constexpr const char* sessionEnded = "session_ended"; ///< by an administrator
};

/// What was done to a principal. Append-only.
struct PrincipalLogEntry {
    std::uint64_t number = 0; ///< given by the store, in the sequence of writing
    Timestamp at{};
    std::string actor{};
    std::string act{}; ///< one of PrincipalAct
    std::string principal{};
    std::optional<std::uint64_t> key{};
    std::string before{}; ///< e.g. the role of before; empty if there is nothing to say
    std::string after{};
    std::string reason{};
    std::string idempotencyKey{}; ///< of the request; empty if it had none
    Fingerprint fingerprint{}; ///< of the request, if it had a key
    bool operator==(const PrincipalLogEntry&) const = default;
};

/// One act on principals: all of it is written, or nothing.
struct PrincipalChanges {
    std::optional<PrincipalRecord> principal{}; ///< added or replaced, without its keys
    std::optional<PrincipalKey>
        newKey{}; ///< of log.front().principal; the store gives its id, also to the log's entries of that act
    std::optional<std::uint64_t> revokedKey{};
    std::vector<PrincipalLogEntry> log{}; ///< at least one
};

/// When a key was last seen.
struct KeyUse {
    std::uint64_t key = 0;
    Timestamp at{};
    bool operator==(const KeyUse&) const = default;
};

std::string_view principalKindName(PrincipalKind kind) noexcept;
std::optional<PrincipalKind> principalKindFromName(std::string_view name) noexcept;
std::string_view keyKindName(KeyKind kind) noexcept;
std::optional<KeyKind> keyKindFromName(std::string_view name) noexcept;

} // namespace gantry::store
