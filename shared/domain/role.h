// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gantry {

/// The built-in roles, and whose a step of a person's is. What each may do stands in one table, with the custom roles: role_table.cpp.
enum class Role : std::uint8_t { Viewer, Warehouse, Support, Admin };

std::string_view roleName(Role role) noexcept;
std::optional<Role> roleFromName(std::string_view name) noexcept;

} // namespace gantry
