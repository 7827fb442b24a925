// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gantry {

/// What a principal is allowed to be. Which action each may take stands in one table: actions.cpp.
enum class Role : std::uint8_t { Viewer, Warehouse, Support, Admin };

std::string_view roleName(Role role) noexcept;
std::optional<Role> roleFromName(std::string_view name) noexcept;

} // namespace gantry
