// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <span>
#include <string_view>

namespace gantry::workflows {

/// One file of resources/workflows.
struct ShippedFile {
    std::string_view name; ///< `standard.toml`
    std::string_view text;
};

/// The workflow files that the program carries. The first is `standard`, what new orders get unless told otherwise.
std::span<const ShippedFile> shippedFiles();

} // namespace gantry::workflows
