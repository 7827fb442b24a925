// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace gantry::api {

/// The contract of the REST API, docs/openapi.yaml, as JSON. Made at build time; any thread.
std::string_view openApiJson() noexcept;

/// The same as it is written.
std::string_view openApiYaml() noexcept;

} // namespace gantry::api
