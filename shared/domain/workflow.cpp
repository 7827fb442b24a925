// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/workflow.h"

#include <algorithm>

namespace gantry {

Performer performerOf(StepKind kind) noexcept
{
    switch (kind) {
    case StepKind::Builtin:
    case StepKind::Service:
    case StepKind::Worker:
    case StepKind::Http: return Performer::Machine;
    case StepKind::Manual:
    case StepKind::Approval: return Performer::Person;
    case StepKind::Timer: return Performer::Clock;
    }
    return Performer::Machine;
}

std::optional<std::size_t> Workflow::indexOf(std::string_view step) const noexcept
{
    const auto found =
        std::find_if(steps.begin(), steps.end(), [step](const auto& each) { return each.name == step; });
    if (found == steps.end())
        return std::nullopt;
    return static_cast<std::size_t>(found - steps.begin());
}

const StepDefinition* Workflow::reservingBefore(
    std::string_view step, const std::vector<std::string>& skipped) const noexcept
{
    for (std::size_t i = indexOf(step).value_or(0); i-- > 0;)
        if (std::find(skipped.begin(), skipped.end(), steps[i].name) == skipped.end())
            return steps[i].reserveFor.count() > 0 ? &steps[i] : nullptr;
    return nullptr;
}

std::vector<std::string> Workflow::skippedFor(const OrderDocument& document) const
{
    std::vector<std::string> skipped;
    for (const StepDefinition& step : steps)
        if (step.when && !isTrue(*step.when, document))
            skipped.push_back(step.name);
    return skipped;
}

Workflow standardWorkflow()
{
    using std::chrono::milliseconds;
    const RetryPolicy once{.maxAttempts = 1};
    const RetryPolicy payment{.maxAttempts = 5,
        .initial = milliseconds(500),
        .factor = 2.0,
        .max = milliseconds(30'000),
        .fatalCodes = {"declined", "voided", "invalid_request"}};
    return Workflow{.name = "standard",
        .version = 1,
        .steps = {
            {.name = "validate", .kind = StepKind::Builtin, .handler = "validate", .retry = once},
            {.name = "pay",
                .kind = StepKind::Service,
                .handler = "payment.capture",
                .compensation = "payment.refund",
                .retry = payment,
                .timeout = milliseconds(10'000)},
            {.name = "allocate",
                .kind = StepKind::Builtin,
                .handler = std::string(allocateHandler),
                .retry = once},
            {.name = "pick", .kind = StepKind::Manual, .role = Role::Warehouse},
            {.name = "pack", .kind = StepKind::Manual, .role = Role::Warehouse},
            {.name = "ship", .kind = StepKind::Manual, .role = Role::Warehouse},
        }};
}

} // namespace gantry
