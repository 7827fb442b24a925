// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/principal_records.h"
#include "shared/util/result.h"
#include "shared/util/time.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::store {

/// The password of a person, as it is kept.
struct PersonPassword {
    std::string person{};
    std::string hash{}; ///< Argon2id with its parameters and salt, as libsodium writes it
    bool mustChange = false; ///< an administrator has set it
    Timestamp setAt{};
    std::string setBy{};
    bool operator==(const PersonPassword&) const = default;
};

/// What somebody who has logged in comes in by.
struct PersonSession {
    std::uint64_t id = 0; ///< given by the store
    std::string person{};
    std::string tokenHash{}; ///< keyed BLAKE2b-256, 32 bytes
    bool mustChange = false; ///< nothing but changing the password may be done
    std::string peer{}; ///< address that it was begun from
    Timestamp startedAt{};
    Timestamp lastUsedAt{}; ///< to the minute
    std::chrono::milliseconds idle{}; ///< it ends when it is not used for so long
    Timestamp expiresAt{}; ///< however it is used
    bool operator==(const PersonSession&) const = default;
};

/// One act on people: all of it is written, or nothing.
struct PeopleChanges {
    std::optional<PersonPassword> password{}; ///< in the place of the one before
    std::optional<PersonSession> newSession{};
    std::vector<std::uint64_t> ended{}; ///< sessions
    std::optional<std::uint64_t> freed{}; ///< a session that need not change its password any more
    Timestamp at{}; ///< of the ending
    std::string by{}; ///< who ends
    std::optional<Timestamp> forgetBefore{}; ///< sessions that ran out before then are dropped
    std::vector<PrincipalLogEntry> log{};
};

/// Writes passwords and sessions; a part of PartitionStore, used on the same thread. Errors of all: StaleToken, and those of Batch::commit().
class PeopleWriter {
public:
    virtual ~PeopleWriter() = default;

    /// In a transaction of its own. Gives the id of the new session; 0 without one.
    virtual Result<std::uint64_t> writePeople(const PeopleChanges& changes) = 0;

    /// When sessions were last used; `KeyUse::key` is a session's id.
    virtual Result<void> noteSessionUses(const std::vector<KeyUse>& uses) = 0;
};

/// Looks at passwords and sessions; a part of StoreReader.
class PeopleReader {
public:
    virtual ~PeopleReader() = default;

    /// Empty if nobody of that name has one.
    virtual Result<std::optional<PersonPassword>> findPassword(std::string_view person) = 0;

    /// Those that nobody has ended and that have not run out at that time, by id.
    virtual Result<std::vector<PersonSession>> listSessions(Timestamp now) = 0;
};

} // namespace gantry::store
