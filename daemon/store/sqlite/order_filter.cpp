// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/order_filter.h"

#include "daemon/store/sqlite/order_rows.h"
#include "daemon/store/sqlite/search_words.h"

#include <algorithm>

namespace gantry::store {

namespace {

constexpr int stateColumn = 2;
constexpr int stepColumn = 3;
constexpr int channelColumn = 13;
constexpr int externalIdColumn = 14;
constexpr int incidentColumn = orderColumnCount;

/// The smallest id of a time.
std::string firstIdOf(Timestamp time)
{
    const OrderId id = OrderId::make(std::max(time, Timestamp{}), 0, {0, 0});
    return std::string(id.bytes());
}

/// Whether orders of that channel may be seen at all.
bool isSeen(const OrderFilter& filter, std::string_view channel)
{
    return !filter.channels
        || std::find(filter.channels->begin(), filter.channels->end(), channel) != filter.channels->end();
}

/// Whether the question is the external id of an order that may be seen.
bool isExternalId(Connection& connection, const OrderFilter& filter)
{
    Statement find(connection, "SELECT channel FROM order_document WHERE external_id = ?1");
    find.with(filter.query);
    bool isIt = false;
    while (!isIt && find.next())
        isIt = isSeen(filter, find.text(0));
    return isIt;
}

} // namespace

IdRange rangeOf(const OrderFilter& filter)
{
    IdRange range;
    if (filter.createdFrom)
        range.low = firstIdOf(*filter.createdFrom);
    if (filter.createdUntil)
        range.high = firstIdOf(*filter.createdUntil);
    return range;
}

std::vector<OrderState> statesOf(const OrderFilter& filter)
{
    std::vector<OrderState> states = filter.states;
    std::sort(states.begin(), states.end());
    states.erase(std::unique(states.begin(), states.end()), states.end());
    if (filter.step.empty() && filter.incidentCode.empty())
        return states;
    if (states.empty())
        states = openStates();
    std::erase_if(states, [&](OrderState state) {
        return isFinal(state) || (!filter.incidentCode.empty() && !hasIncident(state));
    });
    return states;
}

bool passes(const Statement& row, const OrderFilter& filter)
{
    if (!filter.states.empty()
        && std::none_of(filter.states.begin(), filter.states.end(),
            [&](OrderState state) { return static_cast<int>(state) == row.integer(stateColumn); }))
        return false;
    const bool isOpen = !isFinal(static_cast<OrderState>(row.integer(stateColumn)));
    const auto id = OrderId::fromBytes(row.text(0));
    if ((filter.createdFrom && id && id->time() < *filter.createdFrom)
        || (filter.createdUntil && id && id->time() >= *filter.createdUntil))
        return false;
    return (filter.externalId.empty() || row.text(externalIdColumn) == filter.externalId)
        && (filter.step.empty() || (isOpen && row.text(stepColumn) == filter.step))
        && (filter.channel.empty() || row.text(channelColumn) == filter.channel)
        && isSeen(filter, row.text(channelColumn))
        && (filter.incidentCode.empty() || row.text(incidentColumn) == filter.incidentCode);
}

std::unique_ptr<RowSource> chooseSource(
    Connection& connection, const OrderFilter& filter, IdRange range, SortOrder sort)
{
    auto rows = std::make_unique<MergedRows>(connection, std::move(range), sort);
    if (!filter.externalId.empty())
        rows->addExternalId(filter.externalId);
    else if (!filter.states.empty() || !filter.step.empty() || !filter.incidentCode.empty())
        for (const OrderState state : statesOf(filter))
            rows->addState(state);
    else if (!filter.channel.empty())
        rows->addChannel(filter.channel);
    else if (filter.channels)
        for (const std::string& channel : *filter.channels)
            rows->addChannel(channel);
    else
        rows->addAll();
    return rows;
}

std::unique_ptr<RowSource> answerQuestion(Connection& connection, const OrderFilter& filter,
    const PageRequest& request, IdRange range, JsonParser& parser)
{
    auto rows = std::make_unique<MergedRows>(connection, range, request.sort);
    if (const auto id = OrderId::fromText(filter.query)) {
        const std::string bytes(id->bytes());
        range.low = std::max(range.low, bytes);
        range.high = std::min(range.high, bytes + '\0');
        rows = std::make_unique<MergedRows>(connection, std::move(range), request.sort);
        rows->addAll();
        return rows;
    }
    if (isExternalId(connection, filter)) {
        rows->addExternalId(filter.query);
        return rows;
    }
    auto words = wordsOfQuestion(filter.query);
    if (words.empty())
        return rows; // without a source: no rows
    return std::make_unique<SearchRows>(connection, std::move(words), request, parser);
}

} // namespace gantry::store
