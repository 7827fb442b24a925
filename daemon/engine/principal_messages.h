// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/idempotency_key.h"
#include "daemon/store/principal_records.h"
#include "shared/util/result.h"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <variant>

namespace gantry::engine {

/// What can be done to principals.
struct PrincipalLimits {
    static constexpr std::size_t principals = 1000;
    static constexpr std::size_t livingKeys =
        2; ///< of each kind: so many let a key be changed without a pause
    static constexpr std::size_t nameBytes = 64;
};

struct CreatePrincipal {
    store::PrincipalKind kind = store::PrincipalKind::Service;
    Role role = Role::Viewer;
    std::optional<Timestamp> expiresAt{};
    std::string customRole{}; ///< if given, instead of `role`
};

/// Empty members stay as they are.
struct ChangePrincipal {
    std::optional<Role> role{};
    std::optional<bool> isDisabled{};
    std::string customRole{}; ///< if given, instead of `role`
};

struct AddKey {
    store::KeyKind kind = store::KeyKind::Api;
    std::string material; ///< as PrincipalKey has it
    std::optional<Timestamp> expiresAt{};
};

struct RevokeKey {
    std::uint64_t key = 0;
};

/// What became of an act on a principal.
struct PrincipalOutcome {
    store::PrincipalRecord principal{}; ///< as it is now
    std::uint64_t key = 0; ///< that was added or revoked; 0: the act was about none
    bool isNew = false; ///< something was added: the principal, or the key
    bool isReplayed = false; ///< this request had been done before; nothing was written
};

/// One act on one principal. An act that changes nothing succeeds and leaves no record. Errors: InvalidValue (no such role), NotFound (no such principal or key), ActionNotAllowed (the name or
/// key is taken, too many, or nobody would be left who can let others in), IdempotencyKeyReused, and those of the store.
struct PrincipalCommand {
    std::string name;
    std::variant<CreatePrincipal, ChangePrincipal, AddKey, RevokeKey> act;
    std::string actor;
    std::string reason;
    std::optional<IdempotencyKey> idempotency{};
    std::function<void(const Result<PrincipalOutcome>&)> reply{};
};

/// Told of all principals whenever one has changed, after the commit and before anybody is answered. On the partition's thread.
using PrincipalListener = std::function<void(const std::vector<store::PrincipalRecord>&)>;

/// Gives what keys were used since it was last asked.
using KeyUseSource = std::function<std::vector<store::KeyUse>()>;

} // namespace gantry::engine
