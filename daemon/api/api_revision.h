// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace gantry::api {

/// The version of docs/openapi.yaml that is served, told with every answer. A minor one more for what is added; what is taken away or means
/// something else waits for /v2.
constexpr std::string_view kApiRevision = "1.1.0";

} // namespace gantry::api
