// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/step_factory.h"

#include "daemon/steps/allocate_step.h"
#include "daemon/steps/validate_step.h"

namespace gantry::steps {

engine::StepRegistry makeSteps(const PaymentSettings& payment)
{
    engine::StepRegistry registry;
    registry.add("validate", std::make_shared<ValidateStep>());
    registry.add(std::string(allocateHandler), std::make_shared<AllocateStep>());
    const auto payments = std::make_shared<PaymentRunner>(payment);
    registry.add("payment.capture", payments);
    registry.add("payment.refund", payments);
    return registry;
}

workflows::Handlers knownHandlers()
{
    return {.builtin = {"validate", std::string(allocateHandler)},
        .service = {"payment.capture"},
        .compensation = {"payment.refund"}};
}

} // namespace gantry::steps
