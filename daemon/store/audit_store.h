// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/audit.h"
#include "shared/util/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace gantry::store {

/// Which entries of the audit a list wants. Empty members do not filter.
struct AuditFilter {
    std::string actor{};
    std::string action{};
    std::string target{};
    std::optional<Timestamp> since{}; ///< inclusive
    std::optional<Timestamp> until{}; ///< exclusive
};

/// An entry's place among those of all partitions: a list goes by it.
constexpr int auditSequenceBits = 44;
constexpr std::uint64_t auditPosition(std::uint32_t partition, std::uint64_t sequence) noexcept
{
    return (std::uint64_t{partition} << auditSequenceBits) | sequence;
}

/// Looks at the audit; a part of StoreReader.
class AuditReader {
public:
    virtual ~AuditReader() = default;

    /// The last first, those with a position below `before`, at most `limit`.
    virtual Result<std::vector<AuditEntry>> listAudit(
        const AuditFilter& filter, std::optional<std::uint64_t> before, std::size_t limit) = 0;

    /// Of every partition that has entries.
    virtual Result<std::vector<AuditChain>> listAuditChains() = 0;
};

} // namespace gantry::store
