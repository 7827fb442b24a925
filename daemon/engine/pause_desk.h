// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/pause_book.h"
#include "daemon/engine/pause_messages.h"
#include "daemon/engine/workflow_catalog.h"
#include "daemon/store/store.h"
#include "shared/util/clock.h"

namespace gantry::engine {

/// Puts pauses and their ends into the store first, into the book then. Used by one thread: the partition's.
class PauseDesk {
public:
    /// Everything outlives the desk.
    PauseDesk(
        PauseBook& book, store::PartitionStore& store, const WorkflowCatalog& workflows, const Clock& clock)
        : m_book(book)
        , m_store(store)
        , m_workflows(workflows)
        , m_clock(clock)
    {
    }

    /// Errors: as PauseCommand tells.
    Result<PauseOutcome> change(const PauseCommand& command);

private:
    Result<PauseOutcome> begin(const PauseCommand& command);
    Result<PauseOutcome> end(const PauseCommand& command);
    [[nodiscard]] std::optional<Error> checkName(const PauseCommand& command) const;

    PauseBook& m_book;
    store::PartitionStore& m_store;
    const WorkflowCatalog& m_workflows;
    const Clock& m_clock;
};

} // namespace gantry::engine
