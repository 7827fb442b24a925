// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/messages.h"

namespace gantry::engine {

/// What the audit keeps of a command that has changed an order: who, why, and the fields that it changed, without personal data. `at`: when.
AuditAct auditOf(const OrderCommand& command, const Order& before, const Order& after, Timestamp at);

} // namespace gantry::engine
