// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/builtin_step.h"

namespace gantry::steps {

/// `validate`: whether an order that is well formed can also be carried out. Fails with `no_payment` (something is to be paid and no payment is
/// named) or `no_address` (nowhere to ship to): both need a person.
class ValidateStep final : public engine::BuiltinStep {
public:
    Result<std::vector<engine::TaskResult>> run(
        store::Batch& batch, const std::vector<engine::BuiltinTask>& tasks) override;
};

} // namespace gantry::steps
