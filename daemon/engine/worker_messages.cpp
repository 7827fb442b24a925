// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/worker_messages.h"

namespace gantry::engine {

std::string idempotencyKeyOf(const Order& order)
{
    std::string key = order.id.text();
    key += '/';
    key += order.step.name;
    if (order.compensating)
        key += "/undo";
    return key;
}

Error staleToken()
{
    return {ErrorCode::StaleToken,
        "This token is not, or no longer, that of the present attempt. Nothing was recorded; drop the task."};
}

} // namespace gantry::engine
