// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/command_client.h"
#include "console/client/link.h"
#include "shared/domain/command.h"
#include "shared/domain/decide.h"
#include "shared/domain/order_document.h"
#include "shared/protocol/event_codec.h"
#include "shared/util/clock.h"
#include "shared/util/random_source.h"

#include <map>
#include <set>
#include <simdjson.h>

namespace gantry::test {

/// A daemon in miniature, in memory: orders driven by the real decide() and apply(), answering the REST calls that the console makes in the
/// documented form. One thread.
class FakeDaemon {
public:
    /// `clock` must outlive it. The same seed gives the same ids.
    FakeDaemon(const Clock& clock, std::uint64_t seed);

    /// Takes an order in at that time.
    OrderId submit(const OrderDocument& document, Timestamp at);

    /// Runs a command; what it changed is told by the next takeChange().
    Result<std::uint32_t> run(const OrderId& id, Command command);

    /// The machine's part: succeeds or fails at the present step and attempt.
    void succeed(const OrderId& id, Timestamp at, std::string result = {});
    void fail(const OrderId& id, Timestamp at, std::string code, std::string message, bool fatal);

    /// A person's action.
    Result<std::uint32_t> act(const OrderId& id, Action action, Timestamp at, std::string actor,
        std::string reason, std::optional<Timestamp> expiresAt = {});

    /// What it says from now on of why that order does not go on; nothing unless told.
    void explain(const OrderId& id, std::string sentence, std::string help);

    [[nodiscard]] const Order& order(const OrderId& id) const { return m_entries.at(id).order; }
    [[nodiscard]] const std::vector<Event>& events(const OrderId& id) const
    {
        return m_entries.at(id).events;
    }
    [[nodiscard]] std::vector<OrderId> openIds() const;

    /// The order of that number in that channel's world; there must be one.
    [[nodiscard]] OrderId idOf(std::string_view externalId) const;

    /// What changed since the last time this or snapshot() was called.
    std::shared_ptr<const console::ReplicaChange> takeChange();

    /// All open orders, as a reset.
    std::shared_ptr<const console::ReplicaChange> snapshot();

    /// Answers a REST call as the daemon would, to a principal of that name and role.
    console::ApiAnswer answer(const console::ApiCall& call, const std::string& principal, Role role);

private:
    struct Entry {
        OrderDocument document;
        Order order;
        std::vector<Event> events;
        std::string sentence{};
        std::string help{};
    };

    [[nodiscard]] console::ApiAnswer answerOrder(const Entry& entry) const;
    [[nodiscard]] static console::ApiAnswer answerWaiting(const Entry& entry);
    [[nodiscard]] console::ApiAnswer answerEvents(const Entry& entry, std::string_view query) const;
    console::ApiAnswer answerAction(
        const Entry& entry, const console::ApiCall& call, const std::string& principal, Role role);
    [[nodiscard]] console::ApiAnswer answerList(std::string_view query) const;
    [[nodiscard]] console::ApiAnswer answerStats() const;

    const Clock& m_clock;
    SeededRandom m_random;
    Workflow m_workflow = standardWorkflow();
    std::map<OrderId, Entry> m_entries;
    std::set<OrderId> m_touched;
    console::ReplicaChange m_change;
    std::uint64_t m_sequence = 0;
    std::uint64_t m_lastHold = 0;
};

} // namespace gantry::test
