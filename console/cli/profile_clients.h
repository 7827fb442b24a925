// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/api_session.h"

#include <string>

namespace gantry::console {

/// What makes clients of the profile in that file, reading it anew each time. Errors: those of loadProfile().
Result<ClientFactory> clientsOf(const std::string& profilePath);

} // namespace gantry::console
