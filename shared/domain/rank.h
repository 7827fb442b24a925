// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"

#include <chrono>
#include <compare>
#include <cstdint>

namespace gantry {

/// How long an order of a priority may be left behind by others, from when it came in: nothing at priority 0, four hours at 5, two days at 9.
std::chrono::milliseconds allowanceOf(std::uint8_t priority) noexcept;

/// By when an order ought to be worked on: its promise or the end of its priority's allowance, whichever is earlier, and never before it came in. The earliest
/// goes first. It never changes while an order is there, and those of later orders are later: so what waits comes nearer to the front by itself, and
/// nothing that was promised to one order lets another starve (docs/adr/0010).
Timestamp rankOf(const OrderSummary& summary) noexcept;

/// The place of an attempt among others that wait: best first, the older order first of two that are as good.
struct DueKey {
    Timestamp rank{};
    OrderId order{};
    auto operator<=>(const DueKey&) const = default;
};

DueKey dueKeyOf(const Order& order) noexcept;

} // namespace gantry
