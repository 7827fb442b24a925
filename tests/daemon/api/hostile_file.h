// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::test {

/// One answer that a hostile request must get.
struct ExpectedAnswer {
    int status = 0; ///< 0: none, the connection ends
    std::string code; ///< of the problem; `-`: no problem
    bool closes = false;
    std::string limit; ///< counted for it; empty: none
    std::vector<std::pair<std::string, std::string>> headers;
};

/// One case of a file in tests/daemon/api/hostile, whose README tells the format.
struct HostileCase {
    std::string title;
    std::string sent; ///< without escapes; with the names in braces that only the test can replace
    bool isEnded = false; ///< nothing more is sent
    std::vector<ExpectedAnswer> answers;
};

/// Reads such a file. Errors: NotFound; MalformedRequest with file and line.
Result<std::vector<HostileCase>> readHostileFile(const std::string& path);

/// Puts in what the test knows: each name in braces becomes its value, and `{rest}` the number of bytes behind the first empty line.
std::string filledIn(std::string sent, const std::vector<std::pair<std::string_view, std::string>>& values);

} // namespace gantry::test
