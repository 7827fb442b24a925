// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>

namespace gantry {

/// Where a daemon is and who one is to it: the contents of a profile file (JSON, mode 0600).
struct ConnectionProfile {
    std::string name{}; ///< what the console shows for this daemon
    std::string commands{}; ///< `tcp://HOST:PORT` of the command socket
    std::string events{}; ///< `tcp://HOST:PORT` of the event socket
    std::string workers{}; ///< `tcp://HOST:PORT` of the workers' socket; may be empty
    std::string serverKey{}; ///< the daemon's public CURVE key, Z85
    std::string publicKey{}; ///< one's own CURVE key pair, Z85
    std::string secretKey{};
    std::string principal{}; ///< one's own name
    std::string role{}; ///< one's role's name: decides which actions are offered
};

/// A profile as the text of its file.
std::string encodeProfile(const ConnectionProfile& profile);

} // namespace gantry
