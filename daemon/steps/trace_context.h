// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"

#include <cstdint>
#include <string>

namespace gantry::steps {

/// The header `traceparent` of W3C Trace Context, version 00, for one attempt: the trace is the order's and the same for all its attempts, the span is the
/// attempt's alone. Both follow from what they are of, so that a repeat after a crash has the same.
std::string traceparentOf(const Order& order, const std::string& step, std::uint32_t attempt);

} // namespace gantry::steps
