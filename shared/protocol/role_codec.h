// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/role_table.h"
#include "shared/protocol/json_reader.h"
#include "shared/protocol/json_writer.h"

namespace gantry {

/// How far a role may grow.
struct RoleLimits {
    static constexpr std::size_t nameBytes = 64;
    static constexpr std::size_t listed = 200; ///< channels, warehouses or currencies of one right
};

/// Writes `rights` and `masked` as members of an open object.
void writeRoleMembers(JsonWriter& json, const RoleDefinition& role);

/// Reads `rights` and `masked` as a custom role can have them; what is wrong goes into the reader's errors.
void readRoleMembers(ObjectReader& reader, RoleDefinition& role);

/// The definition as one object, as it is stored.
std::string encodeRole(const RoleDefinition& role);

/// Errors: Corrupt.
Result<RoleDefinition> decodeRole(std::string_view json, std::string name, std::uint32_t version);

} // namespace gantry
