// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/row_spans.h"

namespace gantry::console {

std::vector<RowSpan> spansOf(const std::vector<int>& rows)
{
    std::vector<RowSpan> spans;
    for (const int row : rows) {
        if (!spans.empty() && spans.back().last + 1 == row)
            spans.back().last = row;
        else
            spans.push_back({row, row});
    }
    return spans;
}

} // namespace gantry::console
