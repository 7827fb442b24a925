// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/sqlite_partition.h"

#include "daemon/store/sqlite/intake_rows.h"
#include "daemon/store/sqlite/order_rows.h"
#include "daemon/store/sqlite/pause_rows.h"
#include "daemon/store/sqlite/people_rows.h"
#include "daemon/store/sqlite/principal_rows.h"
#include "daemon/store/sqlite/role_rows.h"
#include "daemon/store/sqlite/stock_rows.h"
#include "daemon/store/sqlite/workflow_rows.h"

#include <utility>

namespace gantry::store {

namespace {

/// The numbers of the states of open orders, as a list that an index serves.
std::string openStateNumbers()
{
    std::string list;
    for (const OrderState state : openStates())
        list.append(list.empty() ? "" : ", ").append(std::to_string(static_cast<int>(state)));
    return list;
}

} // namespace

Result<std::unique_ptr<PartitionStore>> SqlitePartition::acquire(
    std::shared_ptr<Writer> writer, std::uint32_t partition)
{
    if (auto begun = writer->begin(); !begun)
        return tl::unexpected(std::move(begun.error()));
    Connection& connection = writer->connection();
    Statement renew(connection,
        "UPDATE partition SET epoch = epoch + 1 WHERE partition = ?1 "
        "RETURNING first_slot, last_slot, epoch, sequence");
    PartitionInfo info;
    bool exists = false;
    for (renew.with(partition); renew.next(); exists = true)
        info = {partition, static_cast<Slot>(renew.integer(0)), static_cast<Slot>(renew.integer(1)),
            renew.natural(2), renew.natural(3)};
    auto read = connection.check("taking partition " + std::to_string(partition) + " over");
    if (read && !exists)
        read = failure(ErrorCode::NotFound,
            "There is no partition " + std::to_string(partition)
                + ". See `gantryctl stats` for those there are.");
    if (read)
        read = writer->commit();
    if (!read) {
        writer->rollback();
        return tl::unexpected(std::move(read.error()));
    }
    std::unique_ptr<SqlitePartition> store(new SqlitePartition(std::move(writer), info));
    if (auto prepared = connection.check("preparing statements"); !prepared)
        return tl::unexpected(std::move(prepared.error()));
    return store;
}

SqlitePartition::SqlitePartition(std::shared_ptr<Writer> writer, PartitionInfo info)
    : m_writer(std::move(writer))
    , m_info(info)
    , m_statements(m_writer->connection())
{
}

Result<void> SqlitePartition::forEachOpenOrder(const std::function<void(OrderRecord)>& visit)
{
    Statement select(m_writer->connection(),
        "SELECT " + std::string(orderColumns)
            + " FROM order_state s JOIN order_document d ON d.document = s.document WHERE s.state IN ("
            + openStateNumbers() + ')');
    Rows rows(select.with());
    while (rows.next()) {
        auto record = readOrderColumns(*rows, m_writer->parser());
        if (!record)
            return tl::unexpected(std::move(record.error()));
        const Slot slot = record->order.id.slot();
        if (slot >= m_info.firstSlot && slot <= m_info.lastSlot)
            visit(std::move(*record));
    }
    return m_writer->connection().check("loading the open orders");
}

Result<std::unique_ptr<Batch>> SqlitePartition::begin()
{
    if (auto begun = m_writer->begin(); !begun)
        return tl::unexpected(std::move(begun.error()));
    return std::make_unique<SqliteBatch>(*m_writer, m_statements, m_info);
}

Result<void> SqlitePartition::checkEpoch()
{
    Statement select(m_writer->connection(), "SELECT epoch FROM partition WHERE partition = ?1");
    Rows rows(select.with(m_info.partition));
    if (rows.next() && rows->natural(0) != m_info.epoch)
        return failure(ErrorCode::StaleToken,
            "Partition " + std::to_string(m_info.partition) + " was taken over since epoch "
                + std::to_string(m_info.epoch) + ". Nothing was written; this owner must stop.");
    return m_writer->connection().check("reading the partition");
}

template <typename Change>
std::invoke_result_t<Change, Connection&> SqlitePartition::changeAlone(const Change& change)
{
    if (auto begun = m_writer->begin(); !begun)
        return tl::unexpected(std::move(begun.error()));
    auto done = checkEpoch();
    std::invoke_result_t<Change, Connection&> changed =
        done ? change(m_writer->connection()) : tl::unexpected(std::move(done.error()));
    if (changed)
        if (auto committed = finish(); !committed)
            changed = tl::unexpected(std::move(committed.error()));
    m_writer->rollback();
    return changed;
}

Result<StockChanged> SqlitePartition::changeStock(const StockChange& change)
{
    return changeAlone([&](Connection&) { return m_writer->stock().change(change); });
}

Result<void> SqlitePartition::putWarehouse(const Warehouse& warehouse)
{
    const auto put = changeAlone(
        [&](Connection& connection) -> Result<bool> { return insertWarehouse(connection, warehouse); });
    return put ? Result<void>() : tl::unexpected(put.error());
}

Result<bool> SqlitePartition::putWorkflow(const WorkflowRecord& workflow)
{
    if (auto begun = m_writer->begin(); !begun)
        return tl::unexpected(std::move(begun.error()));
    auto done = checkEpoch();
    Result<bool> isNew =
        done ? insertWorkflow(m_writer->connection(), workflow) : tl::unexpected(std::move(done.error()));
    if (isNew)
        if (auto committed = finish(); !committed)
            isNew = tl::unexpected(std::move(committed.error()));
    m_writer->rollback();
    return isNew;
}

Result<void> SqlitePartition::writeRole(const RoleVersion& version)
{
    const auto written = changeAlone([&](Connection& connection) { return insertRole(connection, version); });
    return written ? Result<void>() : tl::unexpected(written.error());
}

Result<std::uint64_t> SqlitePartition::writePrincipal(const PrincipalChanges& changes)
{
    return changeAlone([&](Connection& connection) { return insertPrincipalChanges(connection, changes); });
}

Result<std::uint64_t> SqlitePartition::writePeople(const PeopleChanges& changes)
{
    return changeAlone([&](Connection& connection) { return insertPeopleChanges(connection, changes); });
}

Result<void> SqlitePartition::noteSessionUses(const std::vector<KeyUse>& uses)
{
    return changeAlone([&](Connection& connection) { return updateSessionUses(connection, uses); });
}

Result<void> SqlitePartition::noteKeyUses(const std::vector<KeyUse>& uses)
{
    return changeAlone([&](Connection& connection) { return updateKeyUses(connection, uses); });
}

Result<bool> SqlitePartition::putPause(const Pause& pause)
{
    return changeAlone([&pause](Connection& connection) { return insertPause(connection, pause); });
}

Result<bool> SqlitePartition::endPause(PauseScope scope, const std::string& name, const PauseEnd& end)
{
    return changeAlone([&](Connection& connection) { return store::endPause(connection, scope, name, end); });
}

Result<IntakeSource> SqlitePartition::changeIntakeSource(const IntakeSourceChange& change)
{
    IntakeSource after;
    const auto done = changeAlone([&](Connection& connection) -> Result<bool> {
        auto changed = changeSource(connection, change);
        if (!changed)
            return tl::unexpected(std::move(changed.error()));
        after = std::move(*changed);
        return true;
    });
    if (!done)
        return tl::unexpected(done.error());
    return after;
}

Result<void> SqlitePartition::addWorkflowChoices(const std::vector<WorkflowChoice>& choices)
{
    if (auto begun = m_writer->begin(); !begun)
        return begun;
    auto done = checkEpoch();
    if (done)
        done = insertChoices(m_writer->connection(), choices);
    if (done)
        done = finish();
    m_writer->rollback();
    return done;
}

} // namespace gantry::store
