// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/step_registry.h"
#include "daemon/steps/payment_runner.h"

namespace gantry::steps {

/// Everything that can do a step, under the handler names that workflows use: `validate`, `allocate`, `payment.capture`, `payment.refund`.
engine::StepRegistry makeSteps(const PaymentSettings& payment);

} // namespace gantry::steps
