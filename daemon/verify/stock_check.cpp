// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/verify/stock_check.h"

namespace gantry::verify {

namespace {

constexpr std::size_t skusPerSlice = 20; ///< few: each may have many movements

std::string textOf(std::int64_t onHand, std::int64_t reserved)
{
    return std::to_string(onHand) + " on hand, " + std::to_string(reserved) + " reserved";
}

Finding findingOf(const store::RawStock& stock)
{
    const std::string recorded =
        stock.hasRecord ? textOf(stock.onHand, stock.reserved) : std::string("no stock record");
    const std::string moved = textOf(stock.onHandMoved, stock.reservedMoved);
    return {.check = "stock",
        .sku = stock.sku,
        .expected = moved,
        .found = recorded,
        .message = "Of " + stock.sku + " in " + stock.warehouse + " the stock says " + recorded
            + ", and its movements add up to " + moved + '.'};
}

} // namespace

Result<bool> StockCheck::next(store::VerifyReader& reader, Report& report)
{
    const auto slice = reader.stock(m_after, skusPerSlice);
    if (!slice)
        return tl::unexpected(slice.error());
    for (const store::RawStock& stock : *slice)
        if (stock.onHand != stock.onHandMoved || stock.reserved != stock.reservedMoved)
            report.add(findingOf(stock));
    if (slice->empty())
        return false;
    m_after = slice->back().sku;
    return true;
}

} // namespace gantry::verify
