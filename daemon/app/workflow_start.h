// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/workflow_catalog.h"
#include "daemon/store/store.h"
#include "shared/util/clock.h"

namespace gantry::app {

/// Fills the catalog from the store, which first gets what the program ships and does not hold yet; `standard` becomes the choice for all channels
/// where there is none. Call before the first order is looked at. Errors: the store's; VersionMismatch (a stored definition that this build
/// can't read).
Result<void> openWorkflows(engine::WorkflowCatalog& catalog, store::PartitionStore& partition,
    store::StoreReader& reader, const Clock& clock);

} // namespace gantry::app
