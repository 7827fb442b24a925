// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/principals.h"

#include <functional>
#include <optional>
#include <string_view>

namespace gantry::bus {

/// The principal of a public CURVE key (Z85, 40 characters), or empty if that key is not accepted, or no longer. Called on the bus's and the
/// ZAP thread, for each request: must be thread-safe and answer from memory.
using PrincipalLookup = std::function<std::optional<api::Principal>(std::string_view curveKey)>;

} // namespace gantry::bus
