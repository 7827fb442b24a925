// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bulk/bulk_preview.h"
#include "daemon/store/bulk_records.h"
#include "shared/protocol/json_writer.h"

#include <vector>

namespace gantry::api {

/// Appends the members of a bulk action, without the braces.
void writeBulkMembers(JsonWriter& json, const store::BulkRecord& record);

/// A bulk action as an object.
void writeBulk(JsonWriter& json, const store::BulkRecord& record);

/// What was done to it, as an array.
void writeBulkLog(JsonWriter& json, const std::vector<store::BulkLogEntry>& log);

/// One of its orders, as an object.
void writeBulkMember(JsonWriter& json, const store::BulkMember& member);

/// What a dry run found, as an object.
void writePreview(JsonWriter& json, Action action, const bulk::BulkPreview& preview);

} // namespace gantry::api
