// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/verify/audit_check.h"

#include "daemon/store/audit_hash.h"
#include "shared/protocol/audit_codec.h"

namespace gantry::verify {

namespace {

constexpr std::size_t entriesPerSlice = 1000;

std::string nameOf(std::uint64_t sequence)
{
    return "entry " + std::to_string(sequence) + " of the audit";
}

Finding findingOf(std::uint64_t sequence, std::string expected, std::string found, std::string message)
{
    return {.check = "audit",
        .sequence = sequence,
        .expected = std::move(expected),
        .found = std::move(found),
        .message = std::move(message)};
}

} // namespace

AuditCheck::AuditCheck(const store::VerifyStart& start)
    : m_chains(start.audit.rbegin(), start.audit.rend())
{
    enter();
}

void AuditCheck::enter()
{
    if (m_chains.empty())
        return;
    m_seen = m_chains.back().first - 1;
    m_hash = m_chains.back().anchor;
}

Result<bool> AuditCheck::next(store::VerifyReader& reader, Report& report)
{
    if (m_chains.empty())
        return false;
    const AuditChain chain = m_chains.back();
    const auto entries = reader.audit(chain.partition, m_seen, chain.last, entriesPerSlice);
    if (!entries)
        return tl::unexpected(entries.error());
    for (const AuditEntry& entry : *entries)
        look(entry, report);
    if (entries->size() == entriesPerSlice)
        return true;
    finish(chain, report);
    m_chains.pop_back();
    enter();
    return !m_chains.empty();
}

void AuditCheck::look(const AuditEntry& entry, Report& report)
{
    const std::string name = nameOf(entry.sequence);
    if (entry.sequence != m_seen + 1)
        report.add(findingOf(m_seen + 1, nameOf(m_seen + 1), "nothing",
            "The audit has a gap: " + std::to_string(entry.sequence - m_seen - 1)
                + " entries are missing before " + name + '.'));
    else if (entry.previous != m_hash)
        report.add(findingOf(entry.sequence, "the hash of the entry before, " + hexOf(m_hash),
            hexOf(entry.previous), "The " + name + " does not follow the one before it."));
    if (const AuditHash hash = store::auditHash(entry); hash != entry.hash)
        report.add(findingOf(entry.sequence, "the hash of its contents, " + hexOf(hash), hexOf(entry.hash),
            "The " + name + " was changed after it was written."));
    else if (entry.salt && store::reasonDigest(*entry.salt, entry.act.reason) != entry.reasonDigest)
        report.add(findingOf(entry.sequence, "the reason that was given", "another one",
            "The reason of " + name + " was changed after it was written."));
    m_seen = entry.sequence;
    m_hash = entry.hash;
}

void AuditCheck::finish(const AuditChain& chain, Report& report)
{
    if (m_seen != chain.last)
        report.add(findingOf(m_seen + 1, nameOf(chain.last) + " as the last", nameOf(m_seen),
            "The audit of partition " + std::to_string(chain.partition) + " ends at entry "
                + std::to_string(m_seen) + ", and " + std::to_string(chain.last) + " were written."));
    else if (m_hash != chain.head)
        report.add(findingOf(chain.last, "the head, " + hexOf(chain.head), hexOf(m_hash),
            "The last entry of the audit of partition " + std::to_string(chain.partition)
                + " is not the one that was written last."));
}

} // namespace gantry::verify
