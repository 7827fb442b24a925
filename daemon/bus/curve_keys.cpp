// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/curve_keys.h"

#include "shared/protocol/json_reader.h"
#include "shared/protocol/json_writer.h"
#include "shared/util/private_file.h"

#include <array>
#include <zmq.h>

namespace gantry::bus {

namespace {

constexpr std::size_t keyLength = 40;

/// Whether the secret key's own public key is the one beside it.
bool isPair(const CurveKeyPair& keys)
{
    if (keys.publicKey.size() != keyLength || keys.secretKey.size() != keyLength)
        return false;
    std::array<char, keyLength + 1> derived{};
    return zmq_curve_public(derived.data(), keys.secretKey.c_str()) == 0
        && keys.publicKey == std::string_view(derived.data(), keyLength);
}

} // namespace

Result<CurveKeyPair> makeCurveKeyPair()
{
    std::array<char, keyLength + 1> publicKey{};
    std::array<char, keyLength + 1> secretKey{};
    if (zmq_curve_keypair(publicKey.data(), secretKey.data()) != 0)
        return failure(ErrorCode::Unavailable,
            "Could not make a CURVE key pair: this libzmq was built without CURVE. Install Debian's "
            "libzmq5.");
    return CurveKeyPair{publicKey.data(), secretKey.data()};
}

Result<CurveKeyPair> loadKeyPair(const std::string& path)
{
    const auto content = readPrivateFile(path, Links::Refused);
    if (!content)
        return tl::unexpected(content.error());
    JsonParser parser;
    const auto root = parser.parse(*content);
    FieldErrors errors;
    CurveKeyPair keys;
    if (root) {
        ObjectReader reader(*root, "", errors);
        keys = {reader.requiredText("public_key", keyLength), reader.requiredText("secret_key", keyLength)};
    }
    if (!isPair(keys))
        return failure(ErrorCode::Corrupt,
            path
                + " does not hold a CURVE key pair. Restore it from a backup; without it every console needs "
                  "a new profile.");
    return keys;
}

Result<void> writeKeyPair(const std::string& path, const CurveKeyPair& keys)
{
    JsonWriter json;
    json.beginObject().member("public_key", keys.publicKey).member("secret_key", keys.secretKey).endObject();
    return writePrivateFile(path, json.take() + '\n');
}

Result<CurveKeyPair> loadOrMakeKeyPair(const std::string& path)
{
    auto known = loadKeyPair(path);
    if (known || known.error().code != ErrorCode::NotFound)
        return known;
    auto made = makeCurveKeyPair();
    if (!made)
        return made;
    if (auto written = writeKeyPair(path, *made); !written)
        return tl::unexpected(std::move(written.error()));
    return made;
}

} // namespace gantry::bus
