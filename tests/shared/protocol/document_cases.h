// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <vector>

namespace gantry::test {

/// The JSON of sampleDocument(), as a caller might write it.
const std::string& sampleBody();

/// A body and its faults: "code pointer", one after the other; the first one's code is the refusal's.
struct BodyCase {
    const char* name;
    std::string body;
    const char* faults;
};

/// Every way to get a body wrong that readOrderDocument() tells from others.
const std::vector<BodyCase>& bodyCases();

} // namespace gantry::test
