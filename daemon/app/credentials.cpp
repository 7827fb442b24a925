// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/credentials.h"

#include "daemon/api/fingerprint.h"
#include "daemon/engine/principal_messages.h"
#include "shared/util/private_file.h"

#include <algorithm>
#include <array>
#include <sodium.h>
#include <vector>

namespace gantry::app {

namespace {

constexpr std::size_t pepperBytes = 32;
constexpr const char* adminName = "admin";
constexpr const char* systemName = "system"; ///< who acts when nobody has asked

/// A secret kept in hexadecimal, so that the file can be copied as text.
Result<std::string> loadOrMakePepper(const std::string& path)
{
    std::array<unsigned char, pepperBytes> bytes{};
    const auto known = readPrivateFile(path, Links::Refused);
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
    auto known = readPrivateFile(path, Links::Refused);
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

store::PrincipalLogEntry entryOf(std::string act, std::string after, Timestamp now)
{
    return {.at = now,
        .actor = systemName,
        .act = std::move(act),
        .principal = adminName,
        .after = std::move(after),
        .reason = "found or made in the data directory when starting"};
}

Result<void> makeAdmin(store::PartitionStore& partition, Timestamp now)
{
    store::PrincipalChanges changes;
    changes.principal = store::PrincipalRecord{.name = adminName,
        .kind = store::PrincipalKind::Person,
        .role = Role::Admin,
        .createdAt = now,
        .createdBy = systemName};
    changes.log = {entryOf(store::PrincipalAct::created, std::string(roleName(Role::Admin)), now)};
    const auto written = partition.writePrincipal(changes);
    return written ? Result<void>() : tl::unexpected(written.error());
}

/// Adds a key, in place of the oldest of its kind if there are as many as may be.
Result<void> addKey(store::PartitionStore& partition, const std::vector<store::PrincipalKey>& known,
    const store::PrincipalKey& key)
{
    const Timestamp now = key.createdAt;
    std::vector<std::uint64_t> living;
    for (const store::PrincipalKey& each : known)
        if (each.kind == key.kind && each.isLiving(now))
            living.push_back(each.id);
    store::PrincipalChanges changes;
    changes.newKey = key;
    changes.log = {entryOf(store::PrincipalAct::keyAdded, std::string(store::keyKindName(key.kind)), now)};
    if (living.size() >= engine::PrincipalLimits::livingKeys) {
        changes.revokedKey = living.front();
        changes.log.push_back(entryOf(store::PrincipalAct::keyRevoked, {}, now));
        changes.log.back().key = living.front();
    }
    const auto written = partition.writePrincipal(changes);
    return written ? Result<void>() : tl::unexpected(written.error());
}

bool isKnown(const std::vector<store::PrincipalRecord>& principals, const std::string& material)
{
    return std::any_of(principals.begin(), principals.end(), [&](const store::PrincipalRecord& principal) {
        return std::any_of(principal.keys.begin(), principal.keys.end(),
            [&](const store::PrincipalKey& key) { return key.material == material; });
    });
}

/// Makes the admin if there is nobody yet, and gives it the keys that nobody was ever given.
Result<void> offerToAdmin(store::PartitionStore& partition, store::StoreReader& reader,
    const std::vector<store::PrincipalKey>& keys, Timestamp now)
{
    const auto principals = reader.listPrincipals();
    if (!principals)
        return tl::unexpected(principals.error());
    if (principals->empty())
        if (auto made = makeAdmin(partition, now); !made)
            return made;
    const auto admin = std::find_if(principals->begin(), principals->end(),
        [](const store::PrincipalRecord& record) { return record.name == adminName; });
    const bool isThere = admin != principals->end();
    if (isThere ? admin->disabledAt.has_value() : !principals->empty())
        return {};
    for (const store::PrincipalKey& key : keys)
        if (!isKnown(*principals, key.material))
            if (auto added =
                    addKey(partition, isThere ? admin->keys : std::vector<store::PrincipalKey>(), key);
                !added)
                return added;
    return {};
}

} // namespace

Result<Credentials> loadOrMakeCredentials(const std::string& dataDir, store::PartitionStore& partition,
    store::StoreReader& reader, const Clock& clock)
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
    const Timestamp now = clock.now();
    const std::vector<store::PrincipalKey> keys{
        {.kind = store::KeyKind::Api, .material = std::move(*keyHash), .createdAt = now},
        {.kind = store::KeyKind::Curve, .material = credentials.admin.publicKey, .createdAt = now}};
    if (auto offered = offerToAdmin(partition, reader, keys, now); !offered)
        return tl::unexpected(offered.error());
    return credentials;
}

} // namespace gantry::app
