// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/shared/support/journal.h"

#include <QtGlobal>
#include <algorithm>

namespace gantry::test {

using std::chrono::milliseconds;

std::shared_ptr<const OrderSummary> summaryFor(const Workflow& workflow)
{
    return std::make_shared<const OrderSummary>(OrderSummary{.channel = "web",
        .externalId = "10001",
        .customerName = "Ada Lovelace",
        .currency = *Currency::fromCode("EUR"),
        .total = 4998,
        .lineCount = 2,
        .quantity = 3,
        .createdAt = fromMillis(1'770'000'000'000),
        .workflow = workflow.name,
        .workflowVersion = workflow.version});
}

Workflow sampleWorkflow()
{
    const RetryPolicy thrice{.maxAttempts = 3, .initial = milliseconds(1000), .fatalCodes = {"declined"}};
    return Workflow{.name = "sample",
        .version = 3,
        .steps = {
            {.name = "check", .handler = "check", .retry = {.maxAttempts = 1}},
            {.name = "charge",
                .kind = StepKind::Service,
                .handler = "charge",
                .compensation = "refund",
                .retry = thrice},
            {.name = "reserve",
                .handler = "reserve",
                .compensation = "unreserve",
                .retry = {.maxAttempts = 2}},
            {.name = "pick", .kind = StepKind::Manual, .role = Role::Warehouse},
            {.name = "ship", .kind = StepKind::Manual, .compensation = "recall", .role = Role::Support},
        }};
}

Workflow singleStepWorkflow()
{
    return Workflow{
        .name = "single", .steps = {{.name = "only", .handler = "only", .retry = {.maxAttempts = 2}}}};
}

Journal::Journal(Workflow workflow)
    : m_workflow(std::move(workflow))
    , m_order{.id = OrderId::make(m_now, 7, {1, 2})}
{
}

Result<std::vector<Event>> Journal::send(const Command& command)
{
    auto decided = decide(m_order, command, m_workflow);
    if (!decided)
        return decided;
    for (const Event& event : *decided) {
        m_order = apply(std::move(m_order), event);
        m_events.push_back(event);
    }
    if (const auto* migration = std::get_if<MigrateWorkflow>(&command.body); migration && !decided->empty())
        m_workflow = *migration->to;
    return decided;
}

Result<std::vector<Event>> Journal::send(CommandBody body, Role role)
{
    return send(Command{.at = m_now, .actor = "tester", .role = role, .body = std::move(body)});
}

Journal& Journal::submit()
{
    return mustTake(SubmitOrder{summaryFor(m_workflow)});
}

Journal& Journal::pass()
{
    if (m_order.step.isApproval())
        return act(Action::Approve);
    if (m_order.step.performer == Performer::Person)
        return act(Action::Complete);
    if (m_order.step.performer == Performer::Clock) {
        m_now = std::max(m_now, m_order.step.dueAt.value_or(m_now));
        return mustTake(ElapseTimer{});
    }
    return mustTake(ReportSuccess{m_order.step.name, m_order.attempt, {}});
}

Journal& Journal::passTo(std::string_view step)
{
    while (m_order.step.name != step)
        pass();
    return *this;
}

Journal& Journal::fail(std::string code, bool fatal)
{
    return mustTake(
        ReportFailure{m_order.step.name, m_order.attempt, std::move(code), "It did not work.", fatal});
}

Journal& Journal::retryDue()
{
    if (m_order.retryAt)
        m_now = std::max(m_now, *m_order.retryAt);
    return mustTake(MakeRetryDue{});
}

Journal& Journal::act(Action action)
{
    return mustTake(TakeAction{.action = action,
        .reason = "as agreed by telephone",
        .holdId = action == Action::Hold ? "hold-1" : ""});
}

Journal& Journal::hold(std::string id)
{
    return mustTake(TakeAction{.action = Action::Hold, .reason = "to be looked at", .holdId = std::move(id)});
}

Journal& Journal::migrate(Workflow to, StepMap map)
{
    return mustTake(MigrateWorkflow{
        std::make_shared<const Workflow>(std::move(to)), {}, std::move(map), "the next version is better"});
}

std::string Journal::story() const
{
    std::string story;
    for (const Event& event : m_events) {
        story += story.empty() ? "" : " ";
        story += typeName(event.body);
    }
    return story;
}

Journal& Journal::mustTake(CommandBody body)
{
    const auto decided = send(std::move(body));
    if (!decided || decided->empty())
        qFatal("The journal's command was refused: %s",
            decided ? "it changed nothing" : decided.error().message.c_str());
    return *this;
}

} // namespace gantry::test
