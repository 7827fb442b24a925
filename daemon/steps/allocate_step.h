// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/builtin_step.h"

namespace gantry::steps {

/// `allocate`: reserves what an order wants, all or nothing, for all orders of a batch at once. Fails with `out_of_stock`, naming each SKU that is
/// short.
class AllocateStep final : public engine::BuiltinStep {
public:
    Result<std::vector<engine::TaskResult>> run(
        store::Batch& batch, const std::vector<engine::BuiltinTask>& tasks) override;
};

} // namespace gantry::steps
