// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/step_runner.h"
#include "daemon/store/store.h"
#include "shared/domain/order_document.h"

#include <memory>
#include <vector>

namespace gantry::engine {

/// An order that stands at a built-in step, with what it ordered. Both live as long as the call that this is handed to.
struct BuiltinTask {
    const Order* order;
    const OrderDocument* document;
    Timestamp at{}; ///< the batch's
};

/// A step done in process, inside the batch's transaction, for all orders of the batch at once.
class BuiltinStep {
public:
    virtual ~BuiltinStep() = default;

    /// One result a task, in the same sequence. Errors: the store's; the batch is then given up.
    virtual Result<std::vector<TaskResult>> run(
        store::Batch& batch, const std::vector<BuiltinTask>& tasks) = 0;
};

} // namespace gantry::engine
