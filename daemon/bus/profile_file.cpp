// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/profile_file.h"

#include "shared/protocol/profile_codec.h"
#include "shared/util/private_file.h"

namespace gantry::bus {

Result<void> writeProfile(const std::string& path, const ConsoleProfile& profile)
{
    return writePrivateFile(path,
        encodeProfile({.name = profile.name,
            .commands = profile.commands,
            .events = profile.events,
            .workers = profile.workers,
            .serverKey = profile.serverKey,
            .publicKey = profile.keys.publicKey,
            .secretKey = profile.keys.secretKey,
            .principal = profile.principal,
            .role = std::string(roleName(profile.role))}));
}

} // namespace gantry::bus
