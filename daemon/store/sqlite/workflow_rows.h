// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/records.h"
#include "daemon/store/sqlite/connection.h"
#include "shared/util/result.h"

#include <vector>

namespace gantry::store {

// Workflow definitions and choices in tables. Each runs inside the caller's transaction.

/// Adds a definition; false: it is there with the same contents. Errors: ActionNotAllowed (with other contents), and the driver's.
Result<bool> insertWorkflow(Connection& connection, const WorkflowRecord& record);

Result<void> insertChoices(Connection& connection, const std::vector<WorkflowChoice>& choices);

/// All definitions, by name and version.
Result<std::vector<WorkflowRecord>> selectWorkflows(Connection& connection);

/// The choice that holds for each channel that has one, by channel.
Result<std::vector<WorkflowChoice>> selectChoices(Connection& connection);

} // namespace gantry::store
