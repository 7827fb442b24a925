// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"
#include "shared/protocol/json_reader.h"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::console {

/// The path of a role's resource.
std::string rolePath(std::string_view name);

/// One right of a role, as words.
struct RightView {
    std::string name;
    std::string scope; ///< e.g. "channels web, shop; up to EUR 5000"; empty: everywhere
};

/// The `rights` of a role in an answer.
std::vector<RightView> readRights(ObjectReader& role);

} // namespace gantry::console
