// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/profile_codec.h"

#include "shared/protocol/json_writer.h"

namespace gantry {

std::string encodeProfile(const ConnectionProfile& profile)
{
    JsonWriter json;
    json.beginObject()
        .member("name", profile.name)
        .member("commands", profile.commands)
        .member("events", profile.events)
        .memberIf("workers", profile.workers)
        .member("server_key", profile.serverKey)
        .member("public_key", profile.publicKey)
        .member("secret_key", profile.secretKey)
        .member("principal", profile.principal)
        .member("role", profile.role)
        .endObject();
    return json.take() + '\n';
}

} // namespace gantry
