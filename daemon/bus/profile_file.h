// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/curve_keys.h"
#include "shared/domain/role.h"
#include "shared/util/result.h"

#include <string>

namespace gantry::bus {

/// What a console or a worker needs to connect: the contents of a profile file.
struct ConsoleProfile {
    std::string name; ///< what the console shows for this daemon
    std::string commands; ///< `tcp://HOST:PORT`
    std::string events; ///< `tcp://HOST:PORT`
    std::string workers; ///< `tcp://HOST:PORT`
    std::string serverKey; ///< the daemon's public key, Z85
    CurveKeyPair keys; ///< the principal's own
    std::string principal;
    Role role = Role::Viewer;
};

/// Writes a profile as JSON, mode 0600. Errors: Unavailable.
Result<void> writeProfile(const std::string& path, const ConsoleProfile& profile);

} // namespace gantry::bus
