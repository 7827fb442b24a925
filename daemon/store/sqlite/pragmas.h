// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/sqlite/connection.h"
#include "daemon/store/sqlite/sqlite_store.h"

#include <memory>

namespace gantry::store {

/// Opens the one connection that writes, with every setting made and read back: durable on each commit, no checkpoint but the writer's own.
/// Errors: Unavailable (a setting does not hold), Corrupt.
Result<std::unique_ptr<Connection>> openWriterConnection(const SqliteSettings& settings);

/// Opens a connection that can neither write nor checkpoint, not even when it is closed. Errors: as above.
Result<std::unique_ptr<Connection>> openReaderConnection(const SqliteSettings& settings);

} // namespace gantry::store
