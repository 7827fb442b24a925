// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/login_throttle.h"
#include "daemon/api/reader_pool.h"
#include "daemon/api/sessions.h"

#include <string>

namespace gantry::api {

/// What logging in works with. Everything outlives the router.
struct People {
    Sessions& sessions;
    LoginThrottle& throttle;
    ReaderPool&
        hashing; ///< of few threads, for hashing takes time and memory; what it can't take is told to come again
    std::string
        nobodysHash; ///< of a password that nobody knows: names that there are not cost as much as others
};

} // namespace gantry::api
