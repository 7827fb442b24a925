// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/principal_records.h"

#include <string>

namespace gantry::engine {

/// A caller's key against doing a thing twice.
struct IdempotencyKey {
    std::string principal;
    std::string key;
    store::Fingerprint fingerprint{}; ///< of the request as a whole
};

} // namespace gantry::engine
