// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace gantry::test {

/// A text and what a parser must say to it: nothing (y_) or its refusal's code (n_). In the manner of "Parsing JSON is a Minefield" (Seriot, 2016).
struct JsonCase {
    const char* name;
    std::string json;
    const char* code;
};

const std::vector<JsonCase>& jsonCases();

} // namespace gantry::test
