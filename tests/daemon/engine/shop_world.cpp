// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/engine/shop_world.h"

#include <algorithm>

namespace gantry::test {

namespace {

constexpr std::string_view undoMark = "/undo";

std::string keyOf(const OrderId& order, const std::string& step)
{
    return order.text() + '/' + step;
}

} // namespace

void OutsideWorld::perform(const std::string& key)
{
    if (++m_calls[key] > 1)
        return;
    if (m_calls.contains(key + std::string(undoMark)))
        m_tooLate.push_back(key);
    m_sequence.push_back(key);
}

bool OutsideWorld::wasDone(const OrderId& order, const std::string& step) const
{
    return m_calls.contains(keyOf(order, step));
}

bool OutsideWorld::wasUndone(const OrderId& order, const std::string& step) const
{
    return m_calls.contains(keyOf(order, step) + std::string(undoMark));
}

std::vector<std::string> OutsideWorld::undone(const OrderId& order) const
{
    const std::string head = order.text() + '/';
    std::vector<std::string> steps;
    for (const std::string& key : m_sequence)
        if (key.starts_with(head) && key.ends_with(undoMark))
            steps.push_back(key.substr(head.size(), key.size() - head.size() - undoMark.size()));
    return steps;
}

int OutsideWorld::calls(const std::string& key) const
{
    const auto found = m_calls.find(key);
    return found == m_calls.end() ? 0 : found->second;
}

Workflow ShopWorld::shopWorkflow()
{
    const RetryPolicy retry{.maxAttempts = 2, .initial = seconds(5)};
    const auto worker = [&retry](const char* name, const char* task, const char* undo) {
        return StepDefinition{
            .name = name, .kind = StepKind::Worker, .handler = task, .compensation = undo, .retry = retry};
    };
    return {.name = "shop",
        .steps = {{.name = "validate",
                      .kind = StepKind::Builtin,
                      .handler = "validate",
                      .retry = {.maxAttempts = 1}},
            worker("authorize", "payment.authorize", "payment.void"),
            {.name = "review", .kind = StepKind::Approval, .role = Role::Support, .approvals = 2},
            {.name = "cool-off", .kind = StepKind::Timer, .delay = seconds(60)},
            {.name = "pay",
                .kind = StepKind::Service,
                .handler = "payment.capture",
                .compensation = "payment.refund",
                .retry = retry},
            {.name = "allocate",
                .kind = StepKind::Builtin,
                .handler = "allocate",
                .retry = {.maxAttempts = 1}},
            {.name = "pick", .kind = StepKind::Manual, .role = Role::Warehouse},
            worker("label", "label.print", "label.void"), worker("pack", "pack", ""),
            worker("ship", "ship", "ship.recall")}};
}

ShopWorld::ShopWorld(Workflow workflow, std::uint64_t seed)
    : WorkerWorld(workflow, seed)
    , m_workflow(std::move(workflow))
{
}

const StepDefinition& ShopWorld::stepOf(const Order& order) const
{
    return m_workflow.steps.at(*m_workflow.indexOf(order.step.name));
}

std::vector<std::string> ShopWorld::workerTasks() const
{
    std::vector<std::string> tasks;
    for (const StepDefinition& step : m_workflow.steps)
        if (step.kind == StepKind::Worker)
            for (const std::string& task : {step.handler, step.compensation})
                if (!task.empty())
                    tasks.push_back(task);
    return tasks;
}

std::optional<LeasedTask> ShopWorld::claimFor(const OrderId& order)
{
    std::optional<LeasedTask> got;
    for (LeasedTask& task : claim(1'000, workerTasks())) {
        if (task.order->id == order)
            got = std::move(task);
        else
            send(engine::ReleaseLeases{{task.token}});
    }
    return got;
}

std::optional<FakeService::Call> ShopWorld::callFor(const OrderId& order)
{
    for (std::size_t i = 0; i < service->waiting(); ++i)
        if (service->peek(i).order->id == order)
            return service->take(i);
    return std::nullopt;
}

bool ShopWorld::work(const Order& order)
{
    if (auto call = callFor(order.id)) {
        outside.perform(call->task.idempotencyKey);
        call->done({.succeeded = true});
        return run().has_value();
    }
    if (stepOf(order).kind == StepKind::Builtin)
        return run().has_value();
    if (stepOf(order).kind != StepKind::Worker)
        return false;
    const auto task = claimFor(order.id);
    if (!task)
        return false;
    outside.perform(engine::idempotencyKeyOf(*task->order));
    return complete(task->token).has_value();
}

bool ShopWorld::decide(const Order& order)
{
    const std::string person = "person " + std::to_string(++m_persons);
    return act(order.id, order.step.isApproval() ? Action::Approve : Action::Complete, Role::Admin, person)
        .has_value();
}

bool ShopWorld::goOn(const OrderId& id)
{
    const auto order = open(id);
    if (!order)
        return false;
    const auto waitUntil = [this](Timestamp at) {
        while (clock.now() < at)
            pass(seconds(1));
        return run().has_value();
    };
    if (order->incident)
        return act(id, Action::Retry).has_value();
    if (!order->holds.empty())
        return act(id, Action::Release).has_value();
    if (order->retryAt)
        return waitUntil(*order->retryAt);
    if (isMachineDue(*order))
        return work(*order);
    if (order->step.performer == Performer::Clock)
        return waitUntil(*order->step.dueAt);
    return decide(*order);
}

bool ShopWorld::goTo(const OrderId& order, std::string_view step)
{
    for (int i = 0; i < 100; ++i) {
        const auto now = open(order);
        if (!now || now->step.name == step)
            return now != nullptr;
        goOn(order);
    }
    return false;
}

bool ShopWorld::finish(const OrderId& order)
{
    for (int i = 0; i < 200 && open(order); ++i)
        if (!goOn(order))
            pass(seconds(5)); // somebody has it, or a pause is ending
    return !open(order);
}

} // namespace gantry::test
