// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <vector>

namespace gantry::console {

/// Rows `first` to `last`, both included.
struct RowSpan {
    int first = 0;
    int last = 0;
    bool operator==(const RowSpan&) const = default;
};

/// Joins ascending row numbers, none twice, into contiguous spans, ascending.
std::vector<RowSpan> spansOf(const std::vector<int>& rows);

} // namespace gantry::console
