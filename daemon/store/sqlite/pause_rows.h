// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/records.h"
#include "daemon/store/sqlite/connection.h"
#include "shared/util/result.h"

#include <cstddef>
#include <vector>

namespace gantry::store {

// Pauses in a table. Each runs inside the caller's transaction.

/// Begins a pause; false: there is one already, and it stays as it is.
Result<bool> insertPause(Connection& connection, const Pause& pause);

/// Ends the pause that holds; false: there is none.
Result<bool> endPause(Connection& connection, PauseScope scope, const std::string& name, const PauseEnd& end);

/// The pauses that hold, by scope and name.
Result<std::vector<Pause>> selectPauses(Connection& connection);

/// The last that have ended, the newest end first.
Result<std::vector<EndedPause>> selectEndedPauses(Connection& connection, std::size_t limit);

} // namespace gantry::store
