// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/actions.h"
#include "shared/domain/order.h"

#include <QString>

namespace gantry::console {

/// Why an order stands where it stands, in one sentence: "Stuck at pay for 14 min: card_declined, the bank refused the card."
QString situationOf(const Order& order, Timestamp now);

/// What the action will do to this order, in words that a person can hold the system to.
QString consequenceOf(Action action, const Order& order);

/// What the action will do to each of several orders.
QString consequenceForMany(Action action);

/// Why the action is not possible on the order now, or not for this role; empty if it is allowed.
QString refusalOf(Action action, const Order& order, Role role);

} // namespace gantry::console
