// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/stock_records.h"

namespace gantry::store {

std::string_view movementKindName(MovementKind kind) noexcept
{
    constexpr std::array<std::string_view, movementKindCount> names{
        "opening", "counted", "received", "adjusted", "moved", "reserved", "released", "consumed", "expired"};
    return names[static_cast<std::size_t>(kind)];
}

} // namespace gantry::store
