// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/person_messages.h"
#include "daemon/store/store.h"
#include "shared/util/clock.h"

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace gantry::engine {

/// What the desk works with; everything outlives it.
struct PersonDeskSettings {
    store::PartitionStore& store;
    store::StoreReader& reader;
    const Clock& clock;
    SessionListener listener{}; ///< may be empty
    SessionUseSource takeUses{}; ///< may be empty
};

/// Decides what becomes of passwords and sessions, writes it, and tells of it. One thread: the partition's.
class PersonDesk {
public:
    explicit PersonDesk(PersonDeskSettings settings)
        : m_settings(std::move(settings))
    {
    }

    /// Loads the living sessions. Errors: the store's.
    Result<void> load();

    /// Errors: as PersonCommand tells.
    Result<PersonOutcome> change(const PersonCommand& command);

    /// Ends whatever sessions the person has. Errors: the store's.
    Result<void> endAllOf(const std::string& person, const std::string& actor);

    /// Housekeeping: writes when sessions were used, once a minute at most. Errors: the store's.
    Result<void> noteUses();

private:
    using Outcome = Result<PersonOutcome>;

    Outcome perform(const PersonCommand& command, const OpenSession& act);
    Outcome perform(const PersonCommand& command, const SetPassword& act);
    Outcome perform(const PersonCommand& command, const EndSession& act);
    /// Errors: Unauthenticated, and the store's.
    Result<store::PersonPassword> proved(const std::string& person, const std::string& hash);
    [[nodiscard]] store::PrincipalLogEntry entryOf(
        const PersonCommand& command, const std::string& person, const char* act) const;
    /// Writes, takes over and tells. Gives the id of the new session.
    Result<std::uint64_t> write(store::PeopleChanges changes);

    PersonDeskSettings m_settings;
    std::vector<store::PersonSession> m_sessions; ///< by id; those that have run out go with the next change
    std::optional<std::chrono::milliseconds> m_noted; ///< when noteUses() last wrote, on the monotonic clock
};

} // namespace gantry::engine
