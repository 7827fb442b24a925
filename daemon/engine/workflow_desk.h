// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/messages.h"
#include "daemon/engine/workflow_catalog.h"
#include "daemon/store/store.h"
#include "shared/util/clock.h"

namespace gantry::engine {

/// Puts workflow definitions and choices into the store first, into the catalog then. Used by one thread: the partition's.
class WorkflowDesk {
public:
    /// Everything outlives the desk.
    WorkflowDesk(WorkflowCatalog& catalog, store::PartitionStore& store, const Clock& clock)
        : m_catalog(catalog)
        , m_store(store)
        , m_clock(clock)
    {
    }

    /// Stores a definition; true: it was not there. Errors: ActionNotAllowed (that version is there with other contents), and the store's.
    Result<bool> put(const StoreWorkflow& command);

    /// Chooses a definition for channels. Errors: NotFound, and the store's. A choice that holds already is not written again.
    Result<void> choose(const ChooseWorkflow& command);

private:
    WorkflowCatalog& m_catalog;
    store::PartitionStore& m_store;
    const Clock& m_clock;
};

} // namespace gantry::engine
