// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/money.h"
#include "shared/util/result.h"

#include <cstdint>
#include <optional>
#include <string>

namespace gantry::console {

/// An order ready to be sent, and where it was read.
struct ImportItem {
    std::string json; ///< the order as the API takes it
    std::string id; ///< its external id, for reports
    std::string file;
    std::uint64_t line = 0;
    std::string currency; ///< for the sums of the report; empty if the order does not say
    MinorUnits total = 0;
};

/// Where orders to be imported come from, one at a time. What can't be an order, the source tells the report itself.
class OrderSource {
public:
    virtual ~OrderSource() = default;

    /// The next order; empty at the end. Errors: what ends the whole import: a file that can't be read on.
    virtual Result<std::optional<ImportItem>> next() = 0;

    /// How much is read, 0 to 1; empty if the whole is not known.
    [[nodiscard]] virtual std::optional<double> fraction() const = 0;
};

} // namespace gantry::console
