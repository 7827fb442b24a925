// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bulk/bulk_messages.h"
#include "daemon/bulk/bulk_selection.h"
#include "shared/protocol/json_reader.h"

namespace gantry::api {

/// What the body of `POST /v1/bulk-actions` asks for.
struct BulkRequest {
    store::BulkRecord record; ///< without who, when and number
    bulk::Selection selection;
    bool isDryRun = false;
    RoleRef role{}; ///< of who asks
};

/// Reads it strictly. Errors: as for any body, with every wrong field.
Result<BulkRequest> readBulkRequest(simdjson::dom::element body);

/// What the body of `POST /v1/bulk-actions/{id}/actions` asks for.
struct SteerRequest {
    bulk::Steer steer = bulk::Steer::Pause;
    std::string reason;
};
Result<SteerRequest> readSteerRequest(simdjson::dom::element body);

} // namespace gantry::api
