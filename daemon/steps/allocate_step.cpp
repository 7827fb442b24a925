// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/allocate_step.h"

#include <algorithm>

namespace gantry::steps {

namespace {

constexpr std::size_t shortagesNamed = 5; ///< more would drown the message

engine::TaskResult resultOf(const store::ReservationAnswer& answer)
{
    if (answer.shortages.empty())
        return {.succeeded = true, .reserves = answer.isHeld};
    std::string message = "Short of ";
    const std::size_t named = std::min(answer.shortages.size(), shortagesNamed);
    for (std::size_t i = 0; i < named; ++i) {
        const store::Shortage& shortage = answer.shortages[i];
        message += (i > 0 ? "; " : "") + shortage.sku + " (wanted " + std::to_string(shortage.wanted)
            + ", available " + std::to_string(shortage.available) + ')';
    }
    if (answer.shortages.size() > named)
        message += "; and " + std::to_string(answer.shortages.size() - named) + " more SKUs";
    return {.code = "out_of_stock",
        .message = message + ". Restock, then retry; or cancel the order.",
        .fatal = true};
}

} // namespace

Result<std::vector<engine::TaskResult>> AllocateStep::run(
    store::Batch& batch, const std::vector<engine::BuiltinTask>& tasks)
{
    std::vector<store::ReservationRequest> requests;
    requests.reserve(tasks.size());
    for (const engine::BuiltinTask& task : tasks) {
        store::ReservationRequest request{task.order->id, {}, task.at};
        for (const OrderLine& line : task.document->lines)
            request.quantities[line.sku] +=
                line.quantity; // at most 1000 lines of a million pieces: no overflow
        requests.push_back(std::move(request));
    }
    const auto answers = batch.reserve(requests);
    if (!answers)
        return tl::unexpected(answers.error());
    std::vector<engine::TaskResult> results;
    results.reserve(answers->size());
    std::transform(answers->begin(), answers->end(), std::back_inserter(results), resultOf);
    return results;
}

} // namespace gantry::steps
