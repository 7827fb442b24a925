// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/store.h"
#include "shared/domain/retry_check.h"

#include <cstdint>
#include <optional>
#include <string>

namespace gantry::bulk {

/// What is known of one retry.
struct RetryJudgment {
    RetryVerdict verdict = RetryVerdict::Pending;
    std::string step{};
    std::string code{}; ///< that it failed with; `not_picked_up` if nobody took it; else empty
    bool isWaiting =
        false; ///< pending, and it is not a machine's turn: the order is on hold, or at a person's step
};

/// The verdict on the retry that made an order's version `asked`, also where somebody has retried it since: then its history tells. Empty: it can't be
/// read now.
std::optional<RetryJudgment> judgmentOf(
    store::StoreReader& reader, const OrderId& order, std::uint32_t asked);

} // namespace gantry::bulk
