// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/order_list.h"

#include "daemon/store/sqlite/order_filter.h"
#include "daemon/store/sqlite/order_rows.h"
#include "daemon/store/sqlite/order_sort.h"

#include <algorithm>

namespace gantry::store {

namespace {

/// The ids that are left for a page.
IdRange rangeOf(const OrderFilter& filter, const PageRequest& request)
{
    IdRange range = rangeOf(filter);
    if (request.after && request.sort == SortOrder::NewestFirst)
        range.high = std::min(range.high, std::string(request.after->bytes()));
    if (request.after && request.sort == SortOrder::OldestFirst)
        range.low = std::max(range.low, std::string(request.after->bytes()) + '\0'); // the least that follows
    return range;
}

Result<OrderPage> collect(RowSource& rows, const OrderFilter& filter, std::size_t limit, JsonParser& parser)
{
    OrderPage page;
    for (std::size_t lookedAt = 1; const Statement* row = rows.row(); ++lookedAt) {
        if (rows.isWanted() && passes(*row, filter)) {
            if (page.orders.size() >= limit) {
                page.next = page.orders.back().id;
                return page;
            }
            auto record = readOrderColumns(*row, parser);
            if (!record)
                return tl::unexpected(std::move(record.error()));
            page.orders.push_back(std::move(record->order));
        }
        if (lookedAt >= mostRowsLookedAt) {
            page.next = OrderId::fromBytes(row->text(0));
            return page;
        }
        rows.advance();
    }
    return page;
}

} // namespace

Result<OrderPage> listOrders(
    Connection& connection, const OrderFilter& filter, const PageRequest& request, JsonParser& parser)
{
    if (request.sort != SortOrder::NewestFirst && request.sort != SortOrder::OldestFirst)
        return listSorted(connection, filter, request, parser);
    IdRange range = rangeOf(filter, request);
    const auto rows = filter.query.empty()
        ? chooseSource(connection, filter, std::move(range), request.sort)
        : answerQuestion(connection, filter, request, std::move(range), parser);
    auto page = collect(*rows, filter, request.limit, parser);
    if (auto done = connection.check("listing orders"); !done)
        return tl::unexpected(std::move(done.error()));
    return page;
}

} // namespace gantry::store
