// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/worker_wire.h"

namespace gantry::engine {

gantry::WorkerTask wireTask(const LeasedTask& task, const TokenSeal& seal)
{
    return {.token = seal.text(task.token),
        .task = task.task,
        .idempotencyKey = idempotencyKeyOf(*task.order),
        .order = task.order,
        .document = task.document,
        .leaseUntil = task.leaseUntil,
        .lease = task.lease};
}

TaskOutcome outcomeOf(const LeaseToken& token, TaskCompletion completion)
{
    return {
        .token = token, .succeeded = true, .result = std::move(completion.result), .money = completion.money};
}

TaskOutcome outcomeOf(const LeaseToken& token, TaskFailure failure)
{
    return {.token = token,
        .code = std::move(failure.code),
        .message = std::move(failure.message),
        .fatal = failure.fatal,
        .retryAfter = failure.retryAfter};
}

} // namespace gantry::engine
