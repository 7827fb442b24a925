// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/step_registry.h"
#include "daemon/steps/payment_runner.h"
#include "daemon/workflows/handlers.h"

namespace gantry::steps {

/// Everything that can do a step, under the handler names that workflows use: `validate`, `allocate`, `payment.capture`, `payment.refund`.
engine::StepRegistry makeSteps(const PaymentSettings& payment);

/// The handlers that makeSteps() provides, by what a workflow may name them for.
workflows::Handlers knownHandlers();

} // namespace gantry::steps
