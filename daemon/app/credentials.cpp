// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/credentials.h"

#include "daemon/api/fingerprint.h"
#include "shared/util/private_file.h"

#include <array>
#include <sodium.h>

namespace gantry::app {

namespace {

constexpr std::size_t pepperBytes = 32;
constexpr const char* adminName = "admin";

/// A secret kept in hexadecimal, so that the file can be copied as text.
Result<std::string> loadOrMakePepper(const std::string& path)
{
    std::array<unsigned char, pepperBytes> bytes{};
    const auto known = readPrivateFile(path);
    if (known) {
        std::size_t length = 0;
        const int failed =
            sodium_hex2bin(bytes.data(), bytes.size(), known->data(), known->size(), "\n", &length, nullptr);
        if (failed != 0 || length != bytes.size())
            return failure(ErrorCode::Corrupt,
                path
                    + " does not hold 32 bytes in hexadecimal. Restore it from a backup; without it every "
                      "API key is lost.");
    } else if (known.error().code != ErrorCode::NotFound) {
        return tl::unexpected(known.error());
    } else {
        randombytes_buf(bytes.data(), bytes.size());
        std::array<char, 2 * pepperBytes + 1> text{};
        sodium_bin2hex(text.data(), text.size(), bytes.data(), bytes.size());
        if (auto written = writePrivateFile(path, std::string(text.data()) + '\n'); !written)
            return tl::unexpected(written.error());
    }
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

/// Makes the admin's API key anew if its file is missing, and gives its hash.
Result<std::string> loadOrMakeAdminKey(const std::string& path, const std::string& pepper)
{
    auto known = readPrivateFile(path);
    if (!known && known.error().code != ErrorCode::NotFound)
        return tl::unexpected(known.error());
    std::string key = known ? *known : api::makeApiKey();
    if (!known)
        if (auto written = writePrivateFile(path, key + '\n'); !written)
            return tl::unexpected(written.error());
    while (!key.empty() && key.back() == '\n')
        key.pop_back();
    return api::hashApiKey(key, pepper);
}

} // namespace

Result<Credentials> loadOrMakeCredentials(
    const std::string& dataDir, store::PartitionStore& partition, const Clock& clock)
{
    if (sodium_init() < 0)
        return failure(ErrorCode::Unavailable, "libsodium can't start: the system gives no random numbers.");
    Credentials credentials;
    auto pepper = loadOrMakePepper(dataDir + "/server.pepper");
    if (!pepper)
        return tl::unexpected(pepper.error());
    credentials.pepper = std::move(*pepper);
    auto server = bus::loadOrMakeKeyPair(dataDir + "/server.curve");
    if (!server)
        return tl::unexpected(server.error());
    credentials.server = std::move(*server);
    auto admin = bus::loadOrMakeKeyPair(dataDir + "/admin.curve");
    if (!admin)
        return tl::unexpected(admin.error());
    credentials.admin = std::move(*admin);
    auto keyHash = loadOrMakeAdminKey(dataDir + "/admin.key", credentials.pepper);
    if (!keyHash)
        return tl::unexpected(keyHash.error());
    store::PrincipalRecord record;
    record.name = adminName;
    record.role = Role::Admin;
    record.keyHash = std::move(*keyHash);
    record.curveKey = credentials.admin.publicKey;
    record.createdAt = clock.now();
    if (auto put = partition.putPrincipal(record); !put)
        return tl::unexpected(put.error());
    return credentials;
}

} // namespace gantry::app
