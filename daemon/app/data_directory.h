// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <string>

namespace gantry::app {

/// Makes the data directory for its owner alone if it is not there. One that is there must be ours, and so must the store's files in it: whoever can
/// write there is an admin, and whoever reads them has every order. Errors: Unavailable, Forbidden (with what to do).
Result<void> prepareDataDirectory(const std::string& path);

} // namespace gantry::app
