// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/verify/check.h"

namespace gantry::verify {

/// The log of each partition has no gap up to where it stood when the verification began, ends there, and each of its events is of an order that there is.
class SequenceCheck final : public Check {
public:
    explicit SequenceCheck(const store::VerifyStart& start);

    [[nodiscard]] std::string_view name() const override { return "log"; }
    Result<bool> next(store::VerifyReader& reader, Report& report) override;

private:
    void look(const store::RawPlace& place, Report& report);
    void finish(const store::VerifyStart::Log& log, Report& report);

    std::vector<store::VerifyStart::Log> m_logs; ///< still to be looked at; the last one is
    std::uint64_t m_seen = 0; ///< the last sequence of that one
};

} // namespace gantry::verify
