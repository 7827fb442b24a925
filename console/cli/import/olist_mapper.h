// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/import/olist_rows.h"
#include "shared/domain/order_document.h"
#include "shared/util/time.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace gantry::console {

/// Why an order of the data set can't be an order here.
struct OlistRefusal {
    std::string reason; ///< snake_case
    std::string detail;
};

/// Looks the category of a product up.
using CategoryLookup = std::function<OlistCategory(const std::string& productId)>;

/// Makes an order of the rows that belong to it; invents nothing, leaves no amount out (docs/gantryctl.md tells the mapping). Pure.
/// `customer` may be null. A refusal names the first thing that stands against it.
tl::expected<OrderDocument, OlistRefusal> mapOlistOrder(const OlistOrder& order, const OlistParts& parts,
    const OlistCustomer* customer, const CategoryLookup& categoryOf);

/// What is odd about an order without standing against it, as names to be counted by.
std::vector<std::string_view> olistRemarks(
    const OlistOrder& order, const OlistParts& parts, const CategoryLookup& categoryOf);

/// Reads `2017-11-24 10:09:00` as Brasília time (UTC-3), which the data set does not say but its place does. Empty if it is no time.
std::optional<Timestamp> parseOlistTime(std::string_view text);

} // namespace gantry::console
