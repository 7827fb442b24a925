// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/age_text.h"

#include <algorithm>
#include <cstdint>

namespace gantry {

std::string ageText(std::chrono::milliseconds age)
{
    const auto seconds = std::max<std::int64_t>(age.count() / 1000, 0);
    if (seconds < 120)
        return std::to_string(seconds) + " s";
    if (seconds < 120 * 60)
        return std::to_string(seconds / 60) + " min";
    if (seconds < 48 * 3600)
        return std::to_string(seconds / 3600) + " h";
    return std::to_string(seconds / 86400) + " d";
}

} // namespace gantry
