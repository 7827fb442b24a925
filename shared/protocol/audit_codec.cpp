// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/audit_codec.h"

#include "shared/protocol/json_writer.h"

#include <concepts>
#include <span>

namespace gantry {

namespace {

constexpr std::string_view formatName = "gantry.audit.1\n";

void put(std::string& bytes, std::unsigned_integral auto number)
{
    for (int shift = (static_cast<int>(sizeof number) - 1) * 8; shift >= 0; shift -= 8)
        bytes += static_cast<char>(number >> shift & 0xFFU);
}

void put(std::string& bytes, std::string_view text)
{
    put(bytes, static_cast<std::uint32_t>(text.size()));
    bytes += text;
}

void put(std::string& bytes, const AuditHash& hash)
{
    bytes.append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

std::string hexOf(std::span<const std::uint8_t> bytes)
{
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const std::uint8_t byte : bytes) {
        text += "0123456789abcdef"[byte >> 4];
        text += "0123456789abcdef"[byte & 15U];
    }
    return text;
}

void writeObject(JsonWriter& json, std::string_view name, const std::string& object)
{
    if (!object.empty())
        json.key(name).raw(object);
}

} // namespace

std::string auditBytes(const AuditEntry& entry)
{
    const AuditAct& act = entry.act;
    std::string bytes(formatName);
    put(bytes, entry.previous);
    put(bytes, entry.partition);
    put(bytes, entry.sequence);
    put(bytes, static_cast<std::uint64_t>(toMillis(act.at)));
    put(bytes, act.origin.key);
    put(bytes, auditDoorName(act.origin.door));
    put(bytes, std::string_view(act.origin.peer));
    put(bytes, std::string_view(act.actor));
    put(bytes, std::string_view(act.action));
    put(bytes, std::string_view(act.targetKind));
    put(bytes, std::string_view(act.target));
    put(bytes, entry.reasonDigest);
    put(bytes, std::string_view(act.before));
    put(bytes, std::string_view(act.after));
    return bytes;
}

std::string hexOf(const AuditHash& hash)
{
    return hexOf(std::span<const std::uint8_t>(hash));
}

void writeAuditEntry(JsonWriter& json, const AuditEntry& entry, bool withChain)
{
    const AuditAct& act = entry.act;
    json.beginObject()
        .member("partition", entry.partition)
        .member("sequence", entry.sequence)
        .member("at", act.at)
        .member("actor", act.actor);
    if (act.origin.key != 0)
        json.member("key", act.origin.key);
    json.member("door", auditDoorName(act.origin.door))
        .memberIf("peer", act.origin.peer)
        .member("action", act.action)
        .member("target_kind", act.targetKind)
        .member("target", act.target);
    if (entry.salt)
        json.memberIf("reason", act.reason);
    else
        json.member("reason_erased", true);
    writeObject(json, "before", act.before);
    writeObject(json, "after", act.after);
    if (withChain) {
        if (entry.salt)
            json.member("salt", hexOf(std::span<const std::uint8_t>(*entry.salt)));
        json.member("reason_digest", hexOf(entry.reasonDigest)).member("previous", hexOf(entry.previous));
    }
    json.member("hash", hexOf(entry.hash)).endObject();
}

} // namespace gantry
