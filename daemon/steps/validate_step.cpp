// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/validate_step.h"

namespace gantry::steps {

namespace {

engine::TaskResult refuse(std::string code, std::string message)
{
    return {.code = std::move(code), .message = std::move(message), .fatal = true};
}

engine::TaskResult validate(const OrderDocument& document)
{
    if (document.total > 0 && document.payments.empty())
        return refuse("no_payment",
            "The order costs " + formatAmount(document.total, document.currency) + ' '
                + std::string(document.currency.code())
                + " but names no payment. Ask the customer how to pay; then override the step, or cancel the "
                  "order.");
    const Address& address = document.shippingAddress;
    if (address.country.empty() || (address.city.empty() && address.postalCode.empty()))
        return refuse("no_address",
            "The shipping address lacks its country, or both city and postal code. Find out where to ship "
            "to; then override "
            "the step, or cancel the order.");
    return {.succeeded = true};
}

} // namespace

Result<std::vector<engine::TaskResult>> ValidateStep::run(
    store::Batch&, const std::vector<engine::BuiltinTask>& tasks)
{
    std::vector<engine::TaskResult> results;
    results.reserve(tasks.size());
    for (const engine::BuiltinTask& task : tasks)
        results.push_back(validate(*task.document));
    return results;
}

} // namespace gantry::steps
