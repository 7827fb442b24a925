// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/verify/check.h"

#include <string>

namespace gantry::verify {

/// What a stock record says is what the movements of that SKU in that warehouse add up to. One SKU is of one moment.
class StockCheck final : public Check {
public:
    [[nodiscard]] std::string_view name() const override { return "stock"; }
    Result<bool> next(store::VerifyReader& reader, Report& report) override;

private:
    std::string m_after; ///< the last SKU seen
};

} // namespace gantry::verify
