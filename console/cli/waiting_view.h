// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/api_session.h"

#include <string>

namespace gantry::console {

/// Why an order does not go on, as the daemon says it.
struct WaitingView {
    std::string sentence;
    std::string help; ///< what would help; empty where nobody has to do anything
    std::string json; ///< the whole answer
};

/// Asks the daemon. `id` is the order's own. Errors: the daemon's, and those of the way there.
Result<WaitingView> askWhy(ApiSession& session, const std::string& id);

} // namespace gantry::console
