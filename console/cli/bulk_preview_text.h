// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gantry::console {

/// What a dry run found, a line each, printable. Empty if the answer can't be read.
std::vector<std::string> previewLines(std::string_view body);

} // namespace gantry::console
