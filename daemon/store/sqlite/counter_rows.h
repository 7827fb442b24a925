// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/records.h"
#include "daemon/store/sqlite/connection.h"
#include "shared/util/result.h"

#include <vector>

namespace gantry::store {

// What is kept about all orders together. Within the caller's transaction.

/// The maintained counters; steps without orders are left out.
Result<Counters> selectCounters(Connection& connection);

/// Every partition and where it stands.
Result<std::vector<PartitionInfo>> selectPartitions(Connection& connection);

} // namespace gantry::store
