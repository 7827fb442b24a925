// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <string>

namespace gantry {

/// A span of time for people, in one unit: `90 s`, `5 min`, `3 h`, `2 d`; `0 s` for one before now.
std::string ageText(std::chrono::milliseconds age);

} // namespace gantry
