// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/bus_messages.h"
#include "shared/protocol/json_reader.h"
#include "shared/protocol/json_writer.h"

namespace gantry::busfields {

/// Members that queries and answers of the bus have in common. Wrong ones are told to the reader's errors.

void writeHeaders(JsonWriter& json, const BusHeaders& headers);
BusHeaders readHeaders(ObjectReader& reader);

/// A required integer that is not negative.
std::uint64_t natural(ObjectReader& reader, std::string_view name);

/// The member `partition`; if it need not be there, 0 is meant.
std::uint32_t partitionNumber(ObjectReader& reader, bool isRequired);

} // namespace gantry::busfields
