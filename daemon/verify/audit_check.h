// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/verify/check.h"

namespace gantry::verify {

/// Each chain of the audit goes on without a gap from its anchor to where it stood when the verification began, each entry has the hash that its contents make, and
/// a reason that was not erased is the one that was given.
class AuditCheck final : public Check {
public:
    explicit AuditCheck(const store::VerifyStart& start);

    [[nodiscard]] std::string_view name() const override { return "audit"; }
    Result<bool> next(store::VerifyReader& reader, Report& report) override;

private:
    void enter();
    void look(const AuditEntry& entry, Report& report);
    void finish(const AuditChain& chain, Report& report);

    std::vector<AuditChain> m_chains; ///< still to be looked at; the last one is
    std::uint64_t m_seen = 0; ///< the last sequence of that one
    AuditHash m_hash{}; ///< of that entry
};

} // namespace gantry::verify
