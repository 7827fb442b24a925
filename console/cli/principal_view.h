// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/command.h"
#include "shared/protocol/json_reader.h"

#include <string>
#include <string_view>

namespace gantry::console {

/// What is wrong with the name of a role on the command line; empty if it can be one, built in or custom.
std::string checkRoleName(const std::string& name);

/// The path of a principal's resource.
std::string principalPath(std::string_view name);

/// A living key that an answer about keys tells of.
struct KeyView {
    std::int64_t id = 0; ///< 0: none
    std::string secret; ///< of an API key that has just been made; else empty
    std::string role; ///< of its principal
};

/// What the answer to a request about a key says. Errors: MalformedJson.
Result<KeyView> readKeyView(const ApiAnswer& answer);

/// Whether nothing stands at a path where a secret is to be written. Errors: InvalidValue.
Result<void> isFree(const std::string& path);

} // namespace gantry::console
