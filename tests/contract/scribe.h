// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/store.h"
#include "shared/domain/command.h"
#include "shared/domain/order_document.h"
#include "shared/domain/workflow.h"
#include "shared/util/random_source.h"

#include <map>
#include <string>
#include <vector>

namespace gantry::test {

/// A small order of one line.
OrderDocument documentOf(const std::string& channel, const std::string& externalId,
    const std::string& sku = "SKU-1", std::int64_t quantity = 1);

/// Stands in for the engine in tests of the store: decides real commands by the domain's own rules, gathers what changes, and hands it over as
/// the batch that the engine would make. Remembers everything that it was told is committed.
class Scribe {
public:
    /// `info`: where the partition stands. `seed` makes the ids.
    Scribe(const store::PartitionInfo& info, std::uint64_t seed);

    /// What orders go by from now on; `standard` at first. Call before the first order.
    void use(Workflow workflow) { m_workflow = std::move(workflow); }

    /// Adds a new order to the changes; at its first step then.
    OrderId submit(const OrderDocument& document, Timestamp at);

    /// Adds what a command does to an order to the changes.
    void act(const OrderId& id, CommandBody command, Timestamp at);

    /// Cancels an order that has something to be undone, and lets the undoing fail for good.
    void failUndoing(const OrderId& id, Timestamp at);

    /// The machine's or a person's present step succeeds.
    void complete(const OrderId& id, Timestamp at, const std::string& result = {});

    /// The order as it will be after the next commit.
    [[nodiscard]] const Order& order(const OrderId& id) { return working(id).order; }

    /// The changes since the last commit.
    [[nodiscard]] store::BatchChanges changes() const;
    [[nodiscard]] store::BatchChanges& extra() { return m_extra; } ///< idempotency and stock, written along

    /// Commits the changes; what was not committed is forgotten.
    Result<void> commit(store::PartitionStore& partition);
    Result<void> commit(store::Batch& batch);

    /// What the store must hold: committed orders and all committed events, in sequence.
    [[nodiscard]] const std::map<OrderId, store::OrderRecord>& orders() const { return m_committed; }
    [[nodiscard]] const std::vector<store::EventRecord>& log() const { return m_log; }
    [[nodiscard]] const std::map<OrderId, std::string>& documents() const { return m_documents; }
    [[nodiscard]] store::Counters recount() const;

private:
    store::OrderRecord& working(const OrderId& id);
    void forget();

    Workflow m_workflow = standardWorkflow();
    SeededRandom m_random;
    std::uint64_t m_committedSequence;
    std::uint64_t m_sequence;
    std::map<OrderId, store::OrderRecord> m_committed;
    std::vector<store::EventRecord> m_log;
    std::map<OrderId, std::string> m_documents;
    std::map<OrderId, store::OrderRecord> m_working;
    std::vector<store::EventRecord> m_events;
    std::vector<store::NewOrder> m_new;
    store::BatchChanges m_extra;
};

} // namespace gantry::test
