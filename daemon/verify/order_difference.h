// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"

#include <optional>
#include <string>

namespace gantry::verify {

/// In what an order differs from what it should be: the members that differ, as JSON has them.
struct OrderDifference {
    std::string expected; ///< `state: "running"; attempt: 2`
    std::string found;
};

/// Empty where both are equal. Pure.
std::optional<OrderDifference> differenceBetween(const Order& expected, const Order& found);

} // namespace gantry::verify
