// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/time.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry {

/// A BLAKE2b-256.
using AuditHash = std::array<std::uint8_t, 32>;

/// What keeps an erased reason from being guessed by its digest.
using AuditSalt = std::array<std::uint8_t, 16>;

/// By which way an act came.
enum class AuditDoor : std::uint8_t { Http, ZeroMq, Bulk };

constexpr std::string_view auditDoorName(AuditDoor door) noexcept
{
    switch (door) {
    case AuditDoor::Http: return "http";
    case AuditDoor::ZeroMq: return "zeromq";
    case AuditDoor::Bulk: return "bulk";
    }
    return {};
}

/// From where somebody acts.
struct AuditOrigin {
    AuditDoor door = AuditDoor::Http;
    std::string peer{}; ///< the caller's address; of a bulk action its id; empty: not known
    std::uint64_t key = 0; ///< the id of the actor's key; 0: not known
    bool operator==(const AuditOrigin&) const = default;
};

/// One act of a principal that has changed something. Personal data stands in it nowhere but in the reason, which can be erased.
struct AuditAct {
    Timestamp at{};
    std::string actor{};
    AuditOrigin origin{};
    std::string action{}; ///< e.g. `order.cancel`
    std::string targetKind{}; ///< e.g. `order`
    std::string target{}; ///< its id
    std::string reason{}; ///< as the actor gave it; empty: none was asked for
    std::string before{}; ///< a JSON object of the fields that changed; empty: there is nothing to say
    std::string after{};
    bool operator==(const AuditAct&) const = default;
};

/// An act in the chain of a partition.
struct AuditEntry {
    std::uint32_t partition = 0;
    std::uint64_t sequence = 0; ///< from 1, without a gap
    AuditAct act{}; ///< without its reason if that was erased
    std::optional<AuditSalt> salt{}; ///< of the reason; none: it was erased
    AuditHash reasonDigest{};
    AuditHash previous{}; ///< the hash of the entry before; zeros before the first
    AuditHash hash{};
    bool operator==(const AuditEntry&) const = default;
};

/// Where a partition's chain begins and ends.
struct AuditChain {
    std::uint32_t partition = 0;
    std::uint64_t first = 1; ///< the sequence of the first entry that is kept
    AuditHash anchor{}; ///< the hash of the entry before that
    std::uint64_t last = 0; ///< 0: there is none yet
    AuditHash head{}; ///< the hash of the last entry
    bool operator==(const AuditChain&) const = default;
};

} // namespace gantry
