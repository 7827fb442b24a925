// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"
#include "shared/util/result.h"

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace gantry::console {

/// How many orders are in each state. A value.
struct StateCounts {
    std::array<std::uint64_t, orderStateCount> byState{};
    bool operator==(const StateCounts&) const = default;

    [[nodiscard]] std::uint64_t operator[](OrderState state) const
    {
        return byState[static_cast<std::size_t>(state)];
    }
    [[nodiscard]] std::uint64_t open() const;
};

/// Where a partition's log stands.
struct PartitionPosition {
    std::uint64_t partition = 0;
    std::uint64_t epoch = 0;
    std::uint64_t sequence = 0;
    bool operator==(const PartitionPosition&) const = default;
};

/// What `GET /v1/stats` tells.
struct DaemonStats {
    StateCounts counts;
    std::vector<PartitionPosition> partitions;
};

/// Reads the answer of `GET /v1/stats`; members it does not know are skipped. Errors: those of malformed JSON, MissingField.
Result<DaemonStats> readStats(std::string_view json);

} // namespace gantry::console
