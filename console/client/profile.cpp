// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/profile.h"

#include "shared/protocol/json_reader.h"
#include "shared/util/private_file.h"

#include <array>
#include <zmq.h>

namespace gantry::console {

namespace {

constexpr std::size_t nameBytes = 200;
constexpr std::size_t keyBytes = 40;

void checkEndpoint(ObjectReader& reader, std::string_view name, const std::string& endpoint)
{
    if (!endpoint.empty() && !endpoint.starts_with("tcp://"))
        reader.errors().add(reader.pointerTo(name), ErrorCode::InvalidValue, "must be tcp://HOST:PORT");
}

void checkKey(ObjectReader& reader, std::string_view name, const std::string& key)
{
    if (!key.empty() && key.size() != keyBytes)
        reader.errors().add(reader.pointerTo(name), ErrorCode::InvalidValue, "must be 40 characters of Z85");
}

} // namespace

Result<Profile> loadProfile(const std::string& path)
{
    const auto content = readPrivateFile(path, Links::Followed, Owner::Anyone);
    if (!content)
        return tl::unexpected(content.error());
    JsonParser parser;
    const auto root = parser.parse(*content);
    if (!root)
        return failure(root.error().code,
            path + " is not a profile: " + root.error().message + " Ask an administrator for a new one.");
    FieldErrors errors;
    ObjectReader reader(*root, "", errors);
    Profile profile{.name = reader.text("name", nameBytes),
        .commands = reader.requiredText("commands", nameBytes),
        .events = reader.requiredText("events", nameBytes),
        .workers = reader.text("workers", nameBytes),
        .serverKey = reader.requiredText("server_key", nameBytes),
        .publicKey = reader.requiredText("public_key", nameBytes),
        .secretKey = reader.requiredText("secret_key", nameBytes),
        .principal = reader.text("principal", nameBytes),
        .role = reader.text("role", nameBytes)};
    checkEndpoint(reader, "commands", profile.commands);
    checkEndpoint(reader, "events", profile.events);
    checkKey(reader, "server_key", profile.serverKey);
    checkKey(reader, "public_key", profile.publicKey);
    checkKey(reader, "secret_key", profile.secretKey);
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("The profile " + path));
    return profile;
}

Result<void> saveProfile(const std::string& path, const Profile& profile)
{
    return writePrivateFile(path, encodeProfile(profile));
}

Result<void> giveOwnKeys(Profile& profile)
{
    std::array<char, keyBytes + 1> publicKey{};
    std::array<char, keyBytes + 1> secretKey{};
    if (zmq_curve_keypair(publicKey.data(), secretKey.data()) != 0)
        return failure(ErrorCode::Unavailable,
            "Could not make a CURVE key pair: this libzmq was built without CURVE. Install Debian's "
            "libzmq5.");
    profile.publicKey = publicKey.data();
    profile.secretKey = secretKey.data();
    return {};
}

} // namespace gantry::console
