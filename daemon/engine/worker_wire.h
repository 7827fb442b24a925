// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/worker_messages.h"
#include "shared/protocol/worker_messages.h"

namespace gantry::engine {

/// A task as a worker gets it, whichever way. Writes the token: call it on the transport's thread.
gantry::WorkerTask wireTask(const LeasedTask& task, const TokenSeal& seal);

/// What a worker says came of a task. Its texts are moved from.
TaskOutcome outcomeOf(const LeaseToken& token, TaskCompletion completion);
TaskOutcome outcomeOf(const LeaseToken& token, TaskFailure failure);

} // namespace gantry::engine
