// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/profile_file.h"

#include "shared/protocol/json_writer.h"
#include "shared/util/private_file.h"

namespace gantry::bus {

Result<void> writeProfile(const std::string& path, const ConsoleProfile& profile)
{
    JsonWriter json;
    json.beginObject()
        .member("name", profile.name)
        .member("commands", profile.commands)
        .member("events", profile.events)
        .member("workers", profile.workers)
        .member("server_key", profile.serverKey)
        .member("public_key", profile.keys.publicKey)
        .member("secret_key", profile.keys.secretKey)
        .member("principal", profile.principal)
        .member("role", roleName(profile.role))
        .endObject();
    return writePrivateFile(path, json.take() + '\n');
}

} // namespace gantry::bus
