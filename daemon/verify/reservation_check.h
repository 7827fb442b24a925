// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/verify/check.h"

#include <map>
#include <optional>
#include <string>

namespace gantry::verify {

/// Each reservation is of an open order, and what is reserved of each SKU in each warehouse is the sum of its reservations. The sums change all the time, so they are
/// taken in one look: of all looks the only one that grows with the store, by the lines of open orders.
class ReservationCheck final : public Check {
public:
    [[nodiscard]] std::string_view name() const override { return "reservation"; }
    Result<bool> next(store::VerifyReader& reader, Report& report) override;

private:
    std::optional<store::RawReservation> m_after;
};

} // namespace gantry::verify
