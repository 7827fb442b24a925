// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/decide.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace gantry::test {

/// A summary that nothing is wrong with, on the given workflow.
std::shared_ptr<const OrderSummary> summaryFor(const Workflow& workflow);

/// check (machine, one attempt), charge (machine, three attempts, undone by `refund`, `declined` is fatal), reserve (machine, two attempts, undone by
/// `unreserve`), pick (warehouse), ship (support, undone by `recall`).
Workflow sampleWorkflow();

/// A workflow with one machine step, which nothing undoes and which is tried twice.
Workflow singleStepWorkflow();

/// One order and its history, driven by commands as the engine does it.
class Journal {
public:
    explicit Journal(Workflow workflow = sampleWorkflow());

    /// What decide() says to a command; accepted events are applied.
    Result<std::vector<Event>> send(const Command& command);

    /// The same for a body, at the journal's time, as an admin.
    Result<std::vector<Event>> send(CommandBody body, Role role = Role::Admin);

    /// Takes the order in.
    Journal& submit();

    /// Reports success for the due machine step, or completes the person's step.
    Journal& pass();

    /// Goes on until the order stands at that step.
    Journal& passTo(std::string_view step);

    /// Reports a failure of the due attempt.
    Journal& fail(std::string code = "timeout", bool fatal = false);

    /// Lets the time of the next attempt come.
    Journal& retryDue();

    /// Takes an action as an admin.
    Journal& act(Action action);

    /// Places a hold of that id.
    Journal& hold(std::string id);

    Journal& advance(std::chrono::milliseconds time)
    {
        m_now += time;
        return *this;
    }

    /// Moves the order to another version, which must be possible.
    Journal& migrate(Workflow to, StepMap map = {});

    [[nodiscard]] const Order& order() const { return m_order; }
    [[nodiscard]] const std::vector<Event>& events() const { return m_events; }
    [[nodiscard]] const Workflow& workflow() const { return m_workflow; }
    [[nodiscard]] Timestamp now() const { return m_now; }

    /// The type names of the history, joined by a space.
    [[nodiscard]] std::string story() const;

private:
    Journal& mustTake(CommandBody body);

    Workflow m_workflow;
    Timestamp m_now = fromMillis(1'770'000'000'000);
    Order m_order;
    std::vector<Event> m_events;
};

} // namespace gantry::test
