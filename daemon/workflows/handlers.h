// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>

namespace gantry::workflows {

/// The handlers that a workflow may name, by what they are for.
struct Handlers {
    using Names = std::set<std::string, std::less<>>;
    Names builtin; ///< do a step of kind `builtin`
    Names service; ///< do a step of kind `service`
    Names compensation; ///< undo a step of any kind
    std::optional<Names>
        services{}; ///< that may be called; without: any, for what is not configured may be later
};

} // namespace gantry::workflows
