// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"

#include <QString>

namespace gantry::console {

/// What came of the last retry that a person asked for, in one line: "Retry of pay by ann 3 min ago: fixed after 2 s." Empty if there was none.
QString retryLineOf(const Order& order, Timestamp now);

} // namespace gantry::console
