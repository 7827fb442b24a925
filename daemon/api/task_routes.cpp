// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/routes.h"
#include "daemon/engine/worker_wire.h"
#include "shared/protocol/worker_codec.h"

namespace gantry::api {

namespace {

std::string tasksJson(const std::vector<engine::LeasedTask>& tasks, const engine::TokenSeal& seal)
{
    JsonWriter body;
    body.beginObject().key("items").beginArray();
    for (const engine::LeasedTask& task : tasks)
        writeTask(body, engine::wireTask(task, seal));
    body.endArray().endObject();
    return body.take();
}

void claimTasks(const Services& services, const Call& call, const ApiReply& reply)
{
    auto query = bodyOrNothing(call.request).and_then(readClaim);
    if (!query)
        return reply(problem(query.error()));
    engine::ClaimRequest claim;
    claim.worker = std::make_shared<const std::string>(std::move(query->worker));
    claim.tasks = std::move(query->tasks);
    claim.max = static_cast<std::uint32_t>(query->max);
    claim.wait = query->wait;
    claim.reply = [reply, seal = services.seal, &inbox = services.inbox](
                      Result<std::vector<engine::LeasedTask>> tasks) {
        if (!tasks) {
            reply(problem(tasks.error()));
            return true;
        }
        ApiResponse response = json(tasksJson(*tasks, seal));
        engine::ReleaseLeases release;
        for (const engine::LeasedTask& task : *tasks)
            release.tokens.push_back(task.token);
        if (!release.tokens.empty())
            response.undelivered = [release = std::move(release), &inbox] {
                // If the inbox is full, the leases come to their own end.
                static_cast<void>(inbox.post(release));
            };
        reply(std::move(response));
        return true;
    };
    if (!services.inbox.post(std::move(claim)))
        reply(problem(inboxFull()));
}

void report(const Services& services, const Call& call, engine::TaskOutcome outcome, const ApiReply& reply)
{
    engine::WorkerReport report{call.principal.name, {}, {}};
    report.reply = [reply, order = outcome.token.order](
                       const std::vector<Result<engine::TaskReceipt>>& verdicts) {
        const Result<engine::TaskReceipt>& verdict = verdicts.front();
        if (!verdict)
            return reply(problem(verdict.error()));
        JsonWriter body;
        body.beginObject()
            .member("order_id", order.text())
            .member("state", stateName(verdict->state))
            .member("version", verdict->version)
            .endObject();
        reply(json(body.take()));
    };
    report.outcomes.push_back(std::move(outcome));
    if (!services.inbox.post(std::move(report)))
        reply(problem(inboxFull()));
}

/// Reads the body, then the token: a fault of the body is told whatever has become of the task.
template <typename Read>
void takeOutcome(const Services& services, const Call& call, const ApiReply& reply, Read read)
{
    auto said = bodyOrNothing(call.request).and_then(read);
    if (!said)
        return reply(problem(said.error()));
    const auto token = services.seal.read(call.parts.front());
    if (!token)
        return reply(problem(engine::staleToken()));
    report(services, call, engine::outcomeOf(*token, std::move(*said)), reply);
}

void extendLease(const Services& services, const Call& call, const ApiReply& reply)
{
    if (const auto said = bodyOrNothing(call.request).and_then(readExtension); !said)
        return reply(problem(said.error()));
    const auto token = services.seal.read(call.parts.front());
    if (!token)
        return reply(problem(engine::staleToken()));
    engine::ExtendLeases request{
        {*token}, [reply](const std::vector<Result<engine::LeaseExtension>>& answers) {
            const Result<engine::LeaseExtension>& extended = answers.front();
            if (!extended)
                return reply(problem(extended.error()));
            JsonWriter body;
            body.beginObject()
                .member("lease_until", extended->leaseUntil)
                .member("lease_ms", extended->lease.count())
                .endObject();
            reply(json(body.take()));
        }};
    if (!services.inbox.post(std::move(request)))
        reply(problem(inboxFull()));
}

} // namespace

void addTaskRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"POST", "/v1/tasks/claim", Access::Tasks, {},
        [services](const Call& call, const ApiReply& reply) { claimTasks(services, call, reply); }});
    routes.back().waits = true;
    routes.push_back({"POST", "/v1/tasks/{}/complete", Access::Tasks, {},
        [services](const Call& call, const ApiReply& reply) {
            takeOutcome(services, call, reply, readCompletion);
        }});
    routes.push_back(
        {"POST", "/v1/tasks/{}/fail", Access::Tasks, {}, [services](const Call& call, const ApiReply& reply) {
             takeOutcome(services, call, reply, readFailure);
         }});
    routes.push_back({"POST", "/v1/tasks/{}/extend", Access::Tasks, {},
        [services](const Call& call, const ApiReply& reply) { extendLease(services, call, reply); }});
}

} // namespace gantry::api
