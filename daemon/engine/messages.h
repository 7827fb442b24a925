// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/delivery_messages.h"
#include "daemon/engine/incident_index.h"
#include "daemon/engine/pause_messages.h"
#include "daemon/engine/principal_messages.h"
#include "daemon/engine/waiting_facts.h"
#include "daemon/engine/worker_messages.h"
#include "daemon/store/bulk_records.h"
#include "daemon/store/records.h"
#include "shared/domain/audit.h"
#include "shared/domain/command.h"
#include "shared/domain/order_document.h"
#include "shared/domain/workflow.h"
#include "shared/protocol/event_codec.h"
#include "shared/util/result.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gantry::engine {

/// What a command did to an order.
struct CommandOutcome {
    std::shared_ptr<const Order> order; ///< after the command
    bool replayed = false; ///< the request had been done before; nothing changed
    std::uint32_t version = 0; ///< of the order right after the command, when it was done
};

/// Called exactly once, on the partition's thread, after the commit. Must be quick and must not throw.
using CommandReply = std::function<void(const Result<CommandOutcome>&)>;

/// Take an order in. The engine makes the id and chooses the workflow.
struct Submission {
    std::shared_ptr<const OrderDocument> document;
    std::shared_ptr<const std::string> encoded; ///< encodeDocument(*document), made on the caller's thread
    store::Fingerprint fingerprint{}; ///< of `encoded`
    std::string actor;
    std::optional<IdempotencyKey> idempotency{};
    CommandReply reply{};
};

/// Do something to an order that exists. What it changes is audited.
struct OrderCommand {
    OrderId order;
    Command command; ///< the engine fills in `at` and `chance`
    std::optional<IdempotencyKey> idempotency{};
    CommandReply reply{};
    AuditOrigin origin{};
};

/// A part of the set of open orders, for a replica that joins.
struct SnapshotPart {
    std::uint32_t partition = 0;
    std::uint64_t epoch = 0;
    std::uint64_t sequence = 0; ///< the part is exact as of this sequence
    std::vector<std::shared_ptr<const Order>> orders; ///< by ascending id
    bool isLast = false;
};

/// Asks for open orders with an id over `after`, at most `limit`. Orders that change between two parts are told by events that the replica has
/// buffered; each order carries its version, so an event that a part already holds is known by its number.
struct SnapshotRequest {
    std::optional<OrderId> after;
    std::size_t limit = 1000;
    std::function<void(const SnapshotPart&)> reply;
};

/// The digest of all open orders, for comparing a replica with the truth.
struct DigestAnswer {
    std::uint64_t epoch = 0;
    std::uint64_t sequence = 0;
    std::uint64_t digest = 0; ///< sum of digestOf() over the open orders
    std::uint64_t count = 0;
};

struct DigestRequest {
    std::function<void(const DigestAnswer&)> reply;
};

/// The open incidents by cause.
struct IncidentsAnswer {
    std::uint64_t sequence = 0; ///< as of which
    std::vector<IncidentGroup> groups; ///< the most frequent first
    std::size_t omitted = 0; ///< causes left off
};

struct IncidentsRequest {
    std::size_t limit = 100; ///< causes
    std::function<void(const IncidentsAnswer&)> reply;
};

/// Changes what is on hand of a SKU. The engine fills in `change.at`.
struct StockCommand {
    store::StockChange change;
    std::function<void(const Result<store::StockChanged>&)> reply;
};

/// Adds a warehouse, or gives it another rank.
struct PutWarehouse {
    store::Warehouse warehouse;
    std::function<void(const Result<void>&)> reply;
};

/// Stores a workflow definition that has been checked. True: it was not there.
struct StoreWorkflow {
    std::shared_ptr<const Workflow> workflow;
    std::string source; ///< as it was written
    std::string actor;
    std::function<void(const Result<bool>&)> reply;
};

/// Lets the new orders of channels go by a stored definition; channel "": of all that have no choice of their own. Name "": the channels give their
/// choice up.
struct ChooseWorkflow {
    std::string name;
    int version = 0;
    std::vector<std::string> channels;
    std::string actor;
    std::function<void(const Result<void>&)> reply;
};

/// Writes what has become of bulk actions.
struct StoreBulk {
    std::shared_ptr<const store::BulkChanges> changes;
    std::function<void(const Result<void>&)> reply;
};

/// Everything that can stand in a partition's inbox. Immutable once posted.
using Message = std::variant<Submission, OrderCommand, SnapshotRequest, DigestRequest, IncidentsRequest,
    StockCommand, PutWarehouse, StoreWorkflow, ChooseWorkflow, ClaimRequest, WithdrawClaims, WorkerReport,
    ExtendLeases, ReleaseLeases, StoreBulk, PauseCommand, PausesRequest, WaitingFactsRequest,
    PrincipalCommand, Delivery, ChangeIntakeSource>;

/// Where messages go in. Callable from any thread, never blocks. False: the inbox is full (tell the caller to come again: Busy) and the message
/// was not taken; its reply is not called.
class Inbox {
public:
    virtual ~Inbox() = default;
    [[nodiscard]] virtual bool post(Message message) = 0;
};

/// What one batch changed, told after its commit and never before.
struct CommittedBatch {
    std::uint32_t partition = 0;
    std::uint64_t epoch = 0;
    std::vector<LoggedEvent> events; ///< sequences without a gap
};

/// Gets every committed batch, in order, on the partition's thread. Must be quick: hand over and return.
using BatchListener = std::function<void(std::shared_ptr<const CommittedBatch>)>;

} // namespace gantry::engine
