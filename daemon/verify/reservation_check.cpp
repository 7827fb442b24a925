// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/verify/reservation_check.h"

namespace gantry::verify {

namespace {

constexpr std::size_t reservationsPerSlice = 1000;

Finding ofEndedOrder(const store::RawReservation& reservation)
{
    return {.check = "reservation",
        .order = reservation.order,
        .sku = reservation.sku,
        .expected = "an open order",
        .found = "none of that id that is open",
        .message = "Order " + reservation.order.text() + " is not open and still reserves "
            + std::to_string(reservation.quantity) + " of " + reservation.sku + " in " + reservation.warehouse
            + '.'};
}

Finding ofPlace(const store::StockPlace& place, const store::ReservedBalance& balance)
{
    const auto& [sku, warehouse] = place;
    const std::string recorded = balance.recorded ? std::to_string(*balance.recorded) : "no stock record";
    return {.check = "reservation",
        .sku = sku,
        .expected = std::to_string(balance.sum),
        .found = recorded,
        .message = "Of " + sku + " in " + warehouse + " the stock says " + recorded
            + " reserved, and its reservations add up to " + std::to_string(balance.sum) + '.'};
}

} // namespace

Result<bool> ReservationCheck::next(store::VerifyReader& reader, Report& report)
{
    const auto slice = reader.reservations(m_after, reservationsPerSlice);
    if (!slice)
        return tl::unexpected(slice.error());
    for (const store::RawReservation& reservation : *slice)
        if (!reservation.isOrderOpen)
            report.add(ofEndedOrder(reservation));
    if (slice->size() == reservationsPerSlice) {
        m_after = slice->back();
        return true;
    }
    const auto balances = reader.reservedBalances();
    if (!balances)
        return tl::unexpected(balances.error());
    for (const auto& [place, balance] : *balances)
        if (balance.recorded.value_or(0) != balance.sum)
            report.add(ofPlace(place, balance));
    return false;
}

} // namespace gantry::verify
