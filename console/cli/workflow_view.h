// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/json_reader.h"

#include <string>
#include <string_view>

namespace gantry::console {

/// Which channels go by a definition, for a person: "web, pos", "all others", or "-".
std::string usedBy(ObjectReader& workflow);

/// The texts of an array, with commas.
std::string joinedTexts(ObjectReader& object, std::string_view name);

} // namespace gantry::console
