// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/profile_clients.h"

#include "console/client/profile.h"

namespace gantry::console {

Result<ClientFactory> clientsOf(const std::string& profilePath)
{
    if (const auto profile = loadProfile(profilePath); !profile)
        return tl::unexpected(profile.error());
    return [profilePath]() -> Result<std::unique_ptr<CommandClient>> {
        const auto profile = loadProfile(profilePath);
        if (!profile)
            return tl::unexpected(profile.error());
        return CommandClient::open(*profile);
    };
}

} // namespace gantry::console
