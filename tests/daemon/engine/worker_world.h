// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/daemon/engine/engine_world.h"

namespace gantry::test {

using engine::LeasedTask;
using engine::LeaseExtension;
using engine::LeaseToken;
using engine::TaskOutcome;
using engine::TaskReceipt;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// authorize (undone by `payment.void`), pack, ship: all by workers.
inline Workflow workerWorkflow()
{
    const RetryPolicy retry{.maxAttempts = 3, .initial = milliseconds(1'000), .fatalCodes = {"refused"}};
    Workflow made{.name = "by-workers", .version = 1};
    made.steps = {{.name = "authorize",
                      .kind = StepKind::Worker,
                      .handler = "payment.authorize",
                      .compensation = "payment.void",
                      .retry = retry,
                      .timeout = seconds(30)},
        {.name = "pack", .kind = StepKind::Worker, .handler = "pack", .retry = retry, .timeout = seconds(30)},
        {.name = "ship",
            .kind = StepKind::Worker,
            .handler = "ship",
            .retry = retry,
            .timeout = seconds(30)}};
    return made;
}

inline const std::vector<std::string> allTasks{"payment.authorize", "payment.void", "pack", "ship"};

/// A world with workers in it.
struct WorkerWorld : EngineWorld {
    explicit WorkerWorld(std::uint64_t seed = 1)
        : EngineWorld(seed, workerWorkflow())
    {
    }
    explicit WorkerWorld(Workflow workflow, std::uint64_t seed = 1)
        : EngineWorld(seed, std::move(workflow))
    {
    }

    std::string worker = "w1"; ///< who claims

    OrderId take(const std::string& externalId = "1") { return submit(sampleOrder(externalId))->order->id; }

    std::vector<LeasedTask> claim(
        std::uint32_t max = 100, std::vector<std::string> tasks = allTasks, bool isReceived = true)
    {
        std::vector<LeasedTask> got;
        engine::ClaimRequest request;
        request.worker = std::make_shared<const std::string>(worker);
        request.tasks = std::move(tasks);
        request.max = max;
        request.reply = [&got, isReceived](auto answer) {
            got = std::move(*answer);
            return isReceived;
        };
        send(std::move(request));
        return got;
    }

    LeasedTask claimOne()
    {
        auto tasks = claim(1);
        if (tasks.size() != 1)
            qFatal("nothing is due");
        return tasks.front();
    }

    std::vector<Result<TaskReceipt>> report(std::vector<TaskOutcome> outcomes)
    {
        std::vector<Result<TaskReceipt>> verdicts;
        send(engine::WorkerReport{
            "worker-key", std::move(outcomes), [&verdicts](auto answer) { verdicts = std::move(answer); }});
        return verdicts;
    }
    Result<TaskReceipt> complete(const LeaseToken& token, const std::string& result = {})
    {
        return report({{.token = token, .succeeded = true, .result = result}}).front();
    }
    Result<TaskReceipt> failTask(const LeaseToken& token, const std::string& code, bool fatal = false)
    {
        return report({{.token = token, .code = code, .message = "no", .fatal = fatal}}).front();
    }
    Result<LeaseExtension> extend(const LeaseToken& token)
    {
        Result<LeaseExtension> extension = failure(ErrorCode::Internal, "no answer came");
        send(engine::ExtendLeases{{token}, [&extension](auto answers) { extension = answers.front(); }});
        return extension;
    }

    /// Begins or ends a pause.
    Result<engine::PauseOutcome> changePause(PauseScope scope, const std::string& name, bool ends)
    {
        Result<engine::PauseOutcome> outcome = failure(ErrorCode::Internal, "no answer came");
        send(engine::PauseCommand{
            scope, name, ends, "ann", "because", [&outcome](const auto& answer) { outcome = answer; }});
        return outcome;
    }

    bool mayStop = false; ///< the test makes the partition stop

    void send(engine::Message message)
    {
        std::vector<engine::Message> messages;
        messages.push_back(std::move(message));
        if (!run(std::move(messages)) && !mayStop)
            qFatal("the partition stopped");
    }

    /// Time goes by as the partition's thread sees it: in short rounds.
    void pass(milliseconds time)
    {
        for (; time.count() > 0; time -= milliseconds(500)) {
            clock.advance(milliseconds(500));
            static_cast<void>(run());
        }
    }

    std::vector<std::string> types(const OrderId& id)
    {
        std::vector<std::string> names;
        const auto events = reader->readEventsOfOrder(id, 0, 1000);
        for (const auto& record : *events)
            names.emplace_back(typeName(record.logged.event.body));
        return names;
    }
};

} // namespace gantry::test
