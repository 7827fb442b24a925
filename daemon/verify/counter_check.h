// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/verify/order_check.h"

namespace gantry::verify {

/// The maintained counters are what the orders add up to. Both as of when the verification began: the log up to there stands still, so orders that have
/// changed since are counted as they were. Not judged while
/// there are orders so damaged that they can't be counted.
class CounterCheck final : public Check {
public:
    CounterCheck(const store::VerifyStart& start, std::shared_ptr<const Census> census);

    [[nodiscard]] std::string_view name() const override { return "counter"; }
    Result<bool> next(store::VerifyReader& reader, Report& report) override;

private:
    store::Counters m_maintained;
    std::shared_ptr<const Census> m_census;
};

} // namespace gantry::verify
