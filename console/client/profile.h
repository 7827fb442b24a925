// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <string>

namespace gantry::console {

/// Where a daemon is and who we are to it: the contents of a profile file (JSON, mode 0600), as gantryd writes `admin.profile`.
struct Profile {
    std::string name;
    std::string commands; ///< `tcp://HOST:PORT` of the command socket
    std::string events; ///< `tcp://HOST:PORT` of the event socket
    std::string serverKey; ///< the daemon's public CURVE key, Z85
    std::string publicKey; ///< our CURVE key pair, Z85
    std::string secretKey;
    std::string principal; ///< our name
    std::string role; ///< our role's name: decides which actions are offered
};

/// Reads a profile file. Errors: NotFound, Forbidden (readable by others), MalformedJson, MissingField.
Result<Profile> loadProfile(const std::string& path);

} // namespace gantry::console
