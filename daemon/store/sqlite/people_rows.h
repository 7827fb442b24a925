// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/people_store.h"
#include "daemon/store/sqlite/connection.h"

namespace gantry::store {

// Passwords and sessions in tables, as PeopleWriter and PeopleReader tell. Each runs inside the caller's transaction.

Result<std::uint64_t> insertPeopleChanges(Connection& connection, const PeopleChanges& changes);
Result<void> updateSessionUses(Connection& connection, const std::vector<KeyUse>& uses);
Result<std::optional<PersonPassword>> selectPassword(Connection& connection, std::string_view person);
Result<std::vector<PersonSession>> selectSessions(Connection& connection, Timestamp now);

} // namespace gantry::store
