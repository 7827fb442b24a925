// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/people_store.h"
#include "shared/util/result.h"

#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gantry::engine {

/// How long people stay logged in, and how often at once.
struct SessionLimits {
    static constexpr std::chrono::milliseconds idle = std::chrono::hours(1);
    static constexpr std::chrono::milliseconds whole = std::chrono::hours(12);
    static constexpr std::size_t ofPerson = 10; ///< at once; the oldest gives way
    static constexpr std::chrono::hours kept{24 * 90}; ///< on record, after they have run out
};

/// Somebody has shown the password.
struct OpenSession {
    std::string provedHash; ///< that it fitted: must still be the one that is kept
    std::string tokenHash; ///< of the token that will be given out
    std::string peer;
    std::string betterHash{}; ///< of the same password with today's parameters; empty: stays as it is
};

/// Ends all sessions of the person but `keep`.
struct SetPassword {
    std::string hash;
    std::string provedHash{}; ///< as above; empty: an administrator sets it, and the person must change it
    std::uint64_t keep = 0;
};

/// Any person's; the name in the command is not looked at.
struct EndSession {
    std::uint64_t session = 0;
};

/// What became of an act on a person.
struct PersonOutcome {
    store::PersonSession session{}; ///< that was opened or ended
};

/// One act on one person. That the name is a person's has been looked at before. Errors: NotFound (no such session), Unauthenticated (the password was changed
/// meanwhile), and those of the store.
struct PersonCommand {
    std::string person;
    std::variant<OpenSession, SetPassword, EndSession> act;
    std::string actor;
    std::string reason;
    std::function<void(const Result<PersonOutcome>&)> reply{};
};

/// Told of all living sessions whenever they have changed, after the commit and before anybody is answered. On the partition's thread.
using SessionListener = std::function<void(const std::vector<store::PersonSession>&)>;

/// Gives what sessions were used since it was last asked.
using SessionUseSource = std::function<std::vector<store::KeyUse>()>;

} // namespace gantry::engine
