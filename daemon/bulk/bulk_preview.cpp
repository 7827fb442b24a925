// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bulk/bulk_preview.h"

#include "shared/domain/decide.h"

#include <limits>

namespace gantry::bulk {

namespace {

/// What does a step of an order, or undoes it.
std::string doerOf(const Workflow& workflow, const std::string& step, bool undoing)
{
    const auto index = workflow.indexOf(step);
    if (!index)
        return {};
    const StepDefinition& definition = workflow.steps[*index];
    return undoing ? definition.compensation : definition.handler;
}

} // namespace

BulkPreview::BulkPreview(Command command, Workflows workflows)
    : m_command(std::move(command))
    , m_workflows(std::move(workflows))
{
}

void BulkPreview::add(const Order* order)
{
    ++m_selected;
    if (!order) {
        ++m_refused[ErrorCode::NotFound];
        return;
    }
    ++m_places[{stateOf(*order), order->step.name}];
    const Workflow* workflow = m_workflows(order->summary->workflow, order->summary->workflowVersion);
    if (!workflow) {
        ++m_refused[ErrorCode::Unavailable];
        return;
    }
    const auto events = decide(*order, m_command, *workflow);
    if (!events) {
        ++m_refused[events.error().code];
        return;
    }
    ++m_acted;
    const OrderSummary& summary = *order->summary;
    MinorUnits& sum = m_atStake[std::string(summary.currency.code())];
    sum = addChecked(sum, summary.total).value_or(std::numeric_limits<MinorUnits>::max());
    addConsequences(*order, *events, *workflow);
}

void BulkPreview::addConsequences(
    const Order& order, const std::vector<Event>& events, const Workflow& workflow)
{
    Order after = order;
    for (const Event& event : events) {
        if (const auto* canceled = std::get_if<CancelRequested>(&event.body))
            for (const std::string& step : canceled->undo)
                ++m_undoes[{step, doerOf(workflow, step, true)}];
        after = apply(std::move(after), event);
    }
    if (after.outcome != Outcome::Open) {
        ++m_ends[stateOf(after)];
        return;
    }
    if (after.compensating && !order.compensating)
        return; // told by what is undone
    const bool isNews =
        !isMachineDue(order) || after.step.name != order.step.name || after.attempt != order.attempt;
    if (isMachineDue(after) && isNews)
        ++m_runs[{after.step.name, doerOf(workflow, after.step.name, after.compensating)}];
}

} // namespace gantry::bulk
