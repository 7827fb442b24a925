// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/bulk/bulk_world.h"

#include <algorithm>

namespace gantry::test {

BulkWorld::BulkWorld(std::uint64_t seed)
    : WorkerWorld(seed)
    , m_random(seed)
{
    startRunner();
}

void BulkWorld::startRunner()
{
    queues.push_back(std::make_unique<bulk::BulkQueue>());
    m_told = published.size();
    runner = std::make_unique<bulk::BulkRunner>(
        bulk::BulkSettings{clock, m_random, *queues.back(), {{0, slotCount - 1, &inbox}}}, openReader());
    if (auto started = runner->start(); !started)
        qFatal("%s", started.error().message.c_str());
}

void BulkWorld::crash()
{
    runner.reset();
    inbox.messages.clear();
    restart();
    startRunner();
}

void BulkWorld::round()
{
    runner->run(takeWaiting());
    if (!run(std::exchange(inbox.messages, {})))
        qFatal("the partition stopped");
}

std::vector<bulk::BulkMessage> BulkWorld::takeWaiting()
{
    const auto listener = queues.back()->listener();
    for (; m_told < published.size(); ++m_told)
        listener(published[m_told]);
    return queues.back()->take(std::chrono::steady_clock::now());
}

void BulkWorld::go(milliseconds time)
{
    for (; time.count() > 0; time -= milliseconds(100)) {
        clock.advance(milliseconds(100));
        round();
        round(); // what the partition has answered
    }
}

bool BulkWorld::goToEnd(const std::string& id)
{
    for (int i = 0; i < 3000; ++i) {
        const BulkState state = record(id).state;
        if (state == BulkState::Completed || state == BulkState::Canceled)
            return true;
        go(milliseconds(100));
    }
    return false;
}

std::vector<OrderId> BulkWorld::failedOrders(std::size_t count, const std::string& code)
{
    std::vector<OrderDocument> documents;
    for (std::size_t i = 0; i < count; ++i)
        documents.push_back(sampleOrder(std::to_string(++m_orders)));
    std::vector<OrderId> ids;
    for (const auto& outcome : submit(std::move(documents)))
        ids.push_back(outcome->order->id);
    std::vector<TaskOutcome> outcomes;
    for (const LeasedTask& task : claim(1000))
        outcomes.push_back({.token = task.token, .code = code, .message = "no", .fatal = true});
    report(std::move(outcomes));
    return ids;
}

std::size_t BulkWorld::serve(const std::string& failure)
{
    std::vector<TaskOutcome> outcomes;
    for (const LeasedTask& task : claim(1000))
        outcomes.push_back({.token = task.token,
            .succeeded = failure.empty(),
            .code = failure,
            .message = "no",
            .fatal = true});
    const std::size_t count = outcomes.size();
    report(std::move(outcomes));
    return count;
}

Result<bulk::Created> BulkWorld::create(store::BulkRecord record, const std::vector<OrderId>& orders)
{
    Result<bulk::Created> answer = failure(ErrorCode::Internal, "no answer came");
    bulk::CreateBulk request;
    request.record = std::move(record);
    for (const OrderId& id : orders) {
        const auto stored = reader->readOrder(id);
        request.orders.push_back({id, stored ? stored->order.version : 0});
    }
    request.reply = [&answer](const Result<bulk::Created>& created) { answer = created; };
    if (!queues.back()->post(std::move(request)))
        qFatal("the queue is full");
    for (int i = 0; i < 200 && !answer && answer.error().message == "no answer came"; ++i)
        round();
    return answer;
}

std::string BulkWorld::retry(const std::vector<OrderId>& orders, bulk::Pace pace)
{
    const auto created = create({.action = Action::Retry,
                                    .reason = "the service is back",
                                    .createdBy = "ann",
                                    .role = Role::Support,
                                    .rate = pace.rate,
                                    .canary = pace.canary,
                                    .stopAfter = pace.stopAfter},
        orders);
    if (!created)
        qFatal("%s", created.error().message.c_str());
    return created->record.id;
}

Result<store::BulkRecord> BulkWorld::steer(
    const std::string& id, bulk::Steer steer, Role role, std::optional<std::string> key)
{
    Result<store::BulkRecord> answer = failure(ErrorCode::Internal, "no answer came");
    if (!queues.back()->post(bulk::SteerBulk{id, steer, "bob", role, "because", std::move(key),
            "print " + std::to_string(static_cast<int>(steer)),
            [&answer](const Result<bulk::Steered>& steered) {
                answer =
                    steered ? Result<store::BulkRecord>(steered->record) : tl::unexpected(steered.error());
            }}))
        qFatal("the queue is full");
    for (int i = 0; i < 10 && !answer && answer.error().message == "no answer came"; ++i)
        round();
    return answer;
}

store::BulkRecord BulkWorld::record(const std::string& id)
{
    const auto found = reader->findBulk(id);
    if (!found || !*found)
        qFatal("the bulk action is not there");
    return **found;
}

std::vector<store::BulkMember> BulkWorld::members(const std::string& id)
{
    return *reader->listBulkMembers(record(id).number, {}, 0, 100'000);
}

std::size_t BulkWorld::eventsOf(const OrderId& id, const std::string& type)
{
    const auto all = types(id);
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), type));
}

} // namespace gantry::test
