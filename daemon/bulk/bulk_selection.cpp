// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bulk/bulk_selection.h"

#include <algorithm>
#include <string>

namespace gantry::bulk {

namespace {

constexpr std::size_t ordersPerPage = 500;

tl::unexpected<Error> tooMany(std::size_t most)
{
    return failure(ErrorCode::InvalidValue,
        "More than " + std::to_string(most)
            + " orders are selected. Narrow the selection, and do the rest in another bulk action.",
        {{"/selection", ErrorCode::InvalidValue, "selects too many orders"}});
}

/// Ends what takes too long.
class Deadline {
public:
    Deadline(const Clock& clock, std::chrono::milliseconds time)
        : m_clock(clock)
        , m_end(clock.monotonic() + time)
    {
    }
    [[nodiscard]] Result<void> check() const
    {
        if (m_clock.monotonic() < m_end)
            return {};
        return failure(ErrorCode::Busy,
            "Finding the orders took too long. Name a state, a step or a code in the filter, so that fewer "
            "have "
            "to be looked at.");
    }

private:
    const Clock& m_clock;
    std::chrono::milliseconds m_end;
};

bool isSeen(const Selection& selection, const Order& order)
{
    const auto& channels = selection.channels;
    return !channels
        || std::find(channels->begin(), channels->end(), order.summary->channel) != channels->end();
}

Result<void> visitIds(store::StoreReader& reader, const Selection& selection, const Deadline& deadline,
    const std::function<void(const OrderId&, const Order*)>& visit)
{
    for (const OrderId& id : selection.ids) {
        if (auto inTime = deadline.check(); !inTime)
            return inTime;
        const auto stored = reader.readOrder(id);
        if (stored)
            visit(id, isSeen(selection, stored->order) ? &stored->order : nullptr);
        else if (stored.error().code == ErrorCode::NotFound)
            visit(id, nullptr);
        else
            return tl::unexpected(stored.error());
    }
    return {};
}

} // namespace

Result<void> forEachSelected(store::StoreReader& reader, const Selection& selection,
    const SelectionLimits& limits, const Clock& clock,
    const std::function<void(const OrderId&, const Order*)>& visit)
{
    const Deadline deadline(clock, limits.time);
    if (!selection.filter)
        return selection.ids.size() > limits.orders ? tooMany(limits.orders)
                                                    : visitIds(reader, selection, deadline, visit);
    std::size_t count = 0;
    store::PageRequest page{ordersPerPage, std::nullopt, store::SortOrder::OldestFirst};
    do {
        if (auto inTime = deadline.check(); !inTime)
            return inTime;
        const auto orders = reader.listOrders(*selection.filter, page);
        if (!orders)
            return tl::unexpected(orders.error());
        for (const Order& order : orders->orders) {
            if (selection.compensating && *selection.compensating != order.compensating)
                continue;
            if (++count > limits.orders)
                return tooMany(limits.orders);
            visit(order.id, &order);
        }
        page.after = orders->next;
    } while (page.after);
    return {};
}

} // namespace gantry::bulk
