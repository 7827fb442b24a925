// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/audit_hash.h"

#include "shared/protocol/audit_codec.h"

#include <sodium.h>

namespace gantry::store {

namespace {

const unsigned char* bytesOf(std::string_view text)
{
    return reinterpret_cast<const unsigned char*>(text.data());
}

} // namespace

AuditHash reasonDigest(const AuditSalt& salt, std::string_view reason)
{
    static_assert(std::tuple_size_v<AuditSalt> >= crypto_generichash_KEYBYTES_MIN);
    AuditHash digest{};
    crypto_generichash(
        digest.data(), digest.size(), bytesOf(reason), reason.size(), salt.data(), salt.size());
    return digest;
}

AuditHash auditHash(const AuditEntry& entry)
{
    const std::string bytes = auditBytes(entry);
    AuditHash hash{};
    crypto_generichash(hash.data(), hash.size(), bytesOf(bytes), bytes.size(), nullptr, 0);
    return hash;
}

AuditEntry append(AuditChain& chain, const AuditAct& act)
{
    AuditEntry entry{
        .partition = chain.partition, .sequence = chain.last + 1, .act = act, .previous = chain.head};
    entry.salt.emplace();
    randombytes_buf(entry.salt->data(), entry.salt->size());
    entry.reasonDigest = reasonDigest(*entry.salt, act.reason);
    entry.hash = auditHash(entry);
    chain.last = entry.sequence;
    chain.head = entry.hash;
    return entry;
}

} // namespace gantry::store
