// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/call.h"
#include "daemon/api/services.h"

namespace gantry::api {

/// How orders are written one after the other.
enum class ExportFormat { Ndjson, Csv };

/// Answers with every order that passes the call's filter, made while it is sent: of however many orders, one page is held at a time. An order is told as it is
/// when its page is read; what comes in after the first is not told.
void exportOrders(const Services& services, const Call& call, ExportFormat format, const ApiReply& reply);

} // namespace gantry::api
