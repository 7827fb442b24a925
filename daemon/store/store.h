// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/audit_store.h"
#include "daemon/store/bulk_store.h"
#include "daemon/store/intake_store.h"
#include "daemon/store/records.h"
#include "daemon/store/verify_reader.h"
#include "shared/util/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::store {

/// What one batch changes in one partition, gathered by the engine while it decides. The driver writes it all or nothing.
struct BatchChanges {
    std::vector<NewOrder> newOrders; ///< documents, in the order they came
    std::vector<OrderRecord> orders; ///< the state after the batch of every order that changed, each once
    std::vector<EventRecord> events; ///< sequences follow on without a gap
    std::vector<StockOutcome> stock; ///< reservations that end with this batch; an order's last word
    std::vector<IdempotencyRecord> idempotency;
    CounterChanges counters; ///< added to the maintained counters
    std::vector<DeliveryRecord>
        deliveries; ///< of webhooks: new ones, and those of which something has become
    std::vector<AuditAct> audit; ///< what principals did to orders, in sequence
};

/// Why a definition can't be stored when its name and version are taken by another one.
inline Error workflowIsTaken(const std::string& name, int version)
{
    return {ErrorCode::ActionNotAllowed,
        "The workflow " + name + ' ' + std::to_string(version)
            + " is stored with other contents, and a stored one never changes. Give yours the next version."};
}

/// The open transaction of one batch of one partition. Used on the partition's thread alone. Leaving it uncommitted rolls back.
class Batch : public DeliveryBatch {
public:
    /// The order of that channel and external id, if the partition has one. Sees what is committed: duplicates within the batch are
    /// the engine's to find, for the batch hands its changes over as a whole.
    virtual Result<std::optional<KnownOrder>> findByExternalId(
        std::string_view channel, std::string_view externalId) = 0;

    /// What a key was used for before, if it was. Sees what is committed, as findByExternalId() does.
    virtual Result<std::optional<IdempotencyRecord>> findIdempotencyKey(
        std::string_view principal, std::string_view key) = 0;

    /// The current state of an order that is not in memory (closed ones). Empty if there is none.
    virtual Result<std::optional<OrderRecord>> findOrder(const OrderId& id) = 0;

    /// The document of an order, as submitted. Errors: NotFound, Corrupt.
    virtual Result<std::string> readDocument(const OrderId& id) = 0;

    /// Reserves stock for several orders at once, set-wise and in SKU order inside this transaction: each order gets all it asked for or
    /// nothing; the first in `requests` is served first. An order is served by the first warehouse (by rank, then name) that has all it wants; or
    /// else line by line, each by the first that has the whole line, or from several in that sequence. A SKU without a stock record is never
    /// short. Asking again for an order that holds its reservation gives the same answer and reserves nothing more.
    virtual Result<std::vector<ReservationAnswer>> reserve(
        const std::vector<ReservationRequest>& requests) = 0;

    /// Ends reservations at once, so that reserve() can give the goods to others of this batch. An order that holds none is nothing to do. Errors:
    /// Corrupt (the books don't balance).
    virtual Result<void> settle(const std::vector<StockOutcome>& outcomes) = 0;

    /// Writes all changes and commits: when it returns without an error, everything is on disk. The partition's row is renewed in the same
    /// transaction under `epoch`: if another owner took the partition, nothing is written (StaleToken). Errors: StorageFull
    /// (nothing written, may be tried again), StaleToken, Unavailable (outcome unknown: the process must stop), Corrupt.
    virtual Result<void> commit(const BatchChanges& changes) = 0;
};

/// When maintain() is called: while nothing else waits, or between two batches with more in the inbox.
enum class Moment { Idle, UnderLoad };

/// One partition, owned by this process under an epoch. Used on one thread: the partition's.
class PartitionStore : public BulkWriter, public IntakeWriter {
public:
    /// Where the partition stands: number, slots, epoch, last sequence.
    [[nodiscard]] virtual const PartitionInfo& info() const = 0;

    /// Calls `visit` with every open order. Errors: Corrupt, Unavailable.
    virtual Result<void> forEachOpenOrder(const std::function<void(OrderRecord)>& visit) = 0;

    /// Begins the transaction of a batch. Errors: Unavailable, StorageFull.
    virtual Result<std::unique_ptr<Batch>> begin() = 0;

    /// Housekeeping (checkpoints): call after every batch, and while idle for as long as it answers true (more is left to do). Cheap when
    /// nothing is due, and bounded in time. Errors: StorageFull (nothing lost, tried again later), Unavailable, Corrupt.
    virtual Result<bool> maintain(Moment moment) = 0;

    /// Changes what is on hand of a SKU, and keeps the movement, in a transaction of its own. Errors: InvalidValue (less than what is reserved
    /// would be left, too much, no such warehouse, nothing to be done), IdempotencyKeyReused, StaleToken, and those of commit().
    virtual Result<StockChanged> changeStock(const StockChange& change) = 0;

    /// Adds a warehouse or gives it another rank, in a transaction of its own. Errors: StaleToken, and those of commit().
    virtual Result<void> putWarehouse(const Warehouse& warehouse) = 0;

    /// Writes one act on principals in a transaction of its own, all or nothing; gives the id of its new key, 0 without one. What is allowed is the
    /// caller's to see to. Errors: Internal (a key of that material is there), StaleToken, and those of commit().
    virtual Result<std::uint64_t> writePrincipal(const PrincipalChanges& changes) = 0;

    /// Writes when keys were last seen, in a transaction of its own; an earlier time than is stored changes nothing. Errors: StaleToken, and those of commit().
    virtual Result<void> noteKeyUses(const std::vector<KeyUse>& uses) = 0;

    /// Stores a workflow definition in a transaction of its own; false: it was there, with the same contents. Errors: ActionNotAllowed (with
    /// other contents: nothing is changed), StaleToken, and those of commit().
    virtual Result<bool> putWorkflow(const WorkflowRecord& workflow) = 0;

    /// Adds choices, all or none, in a transaction of its own: each holds from now on for its channel. Errors: StaleToken, and those of
    /// commit().
    virtual Result<void> addWorkflowChoices(const std::vector<WorkflowChoice>& choices) = 0;

    /// Begins a pause in a transaction of its own; false: its scope and name are paused already, and nothing is changed. Errors: StaleToken, and those
    /// of commit().
    virtual Result<bool> putPause(const Pause& pause) = 0;

    /// Ends the pause of a scope and name, in a transaction of its own; what it was stays on record. False: there is none. Errors: StaleToken, and
    /// those of commit().
    virtual Result<bool> endPause(PauseScope scope, const std::string& name, const PauseEnd& end) = 0;
};

/// Read-only look at everything committed. Each thread opens its own. Reads are short; a deadline interrupts the long ones (Busy).
class StoreReader : public AuditReader, public BulkReader, public IntakeReader {
public:
    /// Errors: NotFound.
    virtual Result<StoredOrder> readOrder(const OrderId& id) = 0;

    /// The events of one order with a version over `afterVersion`, in sequence, at most `limit`.
    virtual Result<std::vector<EventRecord>> readEventsOfOrder(
        const OrderId& id, std::uint32_t afterVersion, std::size_t limit) = 0;

    /// The events of a partition's log with a sequence over `after`, at most `limit`.
    virtual Result<std::vector<EventRecord>> readLog(
        std::uint32_t partition, std::uint64_t after, std::size_t limit) = 0;

    /// One page of orders, newest first unless the request says otherwise. Stable while orders change: pages go by id. Bounded in time: a filter
    /// that few orders pass may give a page that is not full, or empty, and still has a `next` to go on after.
    virtual Result<OrderPage> listOrders(const OrderFilter& filter, const PageRequest& page) = 0;

    /// The maintained counters.
    virtual Result<Counters> readCounters() = 0;

    virtual Result<std::optional<StockLevel>> readStock(std::string_view sku) = 0;

    /// SKUs over `afterSku`, by SKU.
    virtual Result<std::vector<StockLevel>> listStock(std::string_view afterSku, std::size_t limit) = 0;

    /// What was done to a SKU's stock, newest first; with a number under `before`, if given.
    virtual Result<std::vector<StockMovement>> listMovements(
        std::string_view sku, std::optional<std::uint64_t> before, std::size_t limit) = 0;

    /// The warehouses in the sequence in which they serve.
    virtual Result<std::vector<Warehouse>> listWarehouses() = 0;

    /// Every principal by name, each with all its keys, also those that are revoked.
    virtual Result<std::vector<PrincipalRecord>> listPrincipals() = 0;

    /// What was done to principals, the last first: entries with a number below `before`, of one principal if its name is given, at most `limit`.
    virtual Result<std::vector<PrincipalLogEntry>> listPrincipalLog(
        std::string_view principal, std::optional<std::uint64_t> before, std::size_t limit) = 0;

    /// What an actor did to a principal under an Idempotency-Key, if anything.
    virtual Result<std::optional<PrincipalLogEntry>> findPrincipalAct(
        std::string_view actor, std::string_view key) = 0;

    /// Every stored definition, by name and version.
    virtual Result<std::vector<WorkflowRecord>> listWorkflows() = 0;

    /// The choice that holds for each channel that has one, by channel.
    virtual Result<std::vector<WorkflowChoice>> listWorkflowChoices() = 0;

    /// The pauses that hold, by scope and name.
    virtual Result<std::vector<Pause>> listPauses() = 0;

    /// Pauses that are over, the one that ended last first.
    virtual Result<std::vector<EndedPause>> listEndedPauses(std::size_t limit) = 0;

    /// Every partition and where it stands.
    virtual Result<std::vector<PartitionInfo>> listPartitions() = 0;
};

/// A store of orders: one interface, one contract (tests/contract), one driver a database.
class Store {
public:
    virtual ~Store() = default;

    /// Takes a partition over under a new epoch. Errors: NotFound, Busy (owned by another process that is alive).
    virtual Result<std::unique_ptr<PartitionStore>> acquire(std::uint32_t partition) = 0;

    /// A reader for the calling thread.
    virtual Result<std::unique_ptr<StoreReader>> openReader() = 0;

    /// A look at everything for a verification, for the calling thread.
    virtual Result<std::unique_ptr<VerifyReader>> openVerifyReader() = 0;
};

} // namespace gantry::store
