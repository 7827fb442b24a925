// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/sqlite/sqlite_batch.h"
#include "daemon/store/sqlite/writer.h"
#include "daemon/store/store.h"

#include <memory>
#include <type_traits>

namespace gantry::store {

/// A partition of the embedded store, on the store's one writer.
class SqlitePartition final : public PartitionStore {
public:
    /// Takes the partition over under the next epoch. Errors: NotFound, those of Writer.
    static Result<std::unique_ptr<PartitionStore>> acquire(
        std::shared_ptr<Writer> writer, std::uint32_t partition);

    [[nodiscard]] const PartitionInfo& info() const override { return m_info; }
    Result<void> forEachOpenOrder(const std::function<void(OrderRecord)>& visit) override;
    Result<std::unique_ptr<Batch>> begin() override;
    Result<bool> maintain(Moment moment) override { return m_writer->maintain(moment); }
    Result<StockChanged> changeStock(const StockChange& change) override;
    Result<void> putWarehouse(const Warehouse& warehouse) override;
    Result<void> writeRole(const RoleVersion& version) override;
    Result<std::uint64_t> writePrincipal(const PrincipalChanges& changes) override;
    Result<std::uint64_t> writePeople(const PeopleChanges& changes) override;
    Result<void> noteSessionUses(const std::vector<KeyUse>& uses) override;
    Result<void> noteKeyUses(const std::vector<KeyUse>& uses) override;
    Result<bool> putWorkflow(const WorkflowRecord& workflow) override;
    Result<void> addWorkflowChoices(const std::vector<WorkflowChoice>& choices) override;
    Result<void> writeBulk(const BulkChanges& changes) override;
    Result<IntakeSource> changeIntakeSource(const IntakeSourceChange& change) override;
    Result<bool> putPause(const Pause& pause) override;
    Result<bool> endPause(PauseScope scope, const std::string& name, const PauseEnd& end) override;

private:
    SqlitePartition(std::shared_ptr<Writer> writer, PartitionInfo info);
    Result<void> checkEpoch();
    /// Commits what was written alone; for a rehearsal it is left to be rolled back.
    Result<void> finish() { return isRehearsing() ? Result<void>() : m_writer->commit(); }
    /// Runs what changes something and gives a Result, in a transaction of its own.
    template <typename Change>
    std::invoke_result_t<Change, Connection&> changeAlone(const Change& change);

    std::shared_ptr<Writer> m_writer;
    PartitionInfo m_info;
    BatchStatements m_statements;
};

} // namespace gantry::store
