// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/order_query.h"

#include "daemon/api/masking.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace gantry::api {

namespace {

constexpr std::size_t defaultPage = 50;

constexpr std::array<std::pair<std::string_view, store::SortOrder>, 10> sortNames{{
    {"created_at", store::SortOrder::OldestFirst},
    {"-created_at", store::SortOrder::NewestFirst},
    {"updated_at", store::SortOrder::UpdatedFirst},
    {"-updated_at", store::SortOrder::UpdatedLast},
    {"promise_at", store::SortOrder::PromisedFirst},
    {"-promise_at", store::SortOrder::PromisedLast},
    {"priority", store::SortOrder::UrgentFirst},
    {"-priority", store::SortOrder::UrgentLast},
    {"total", store::SortOrder::CheapestFirst},
    {"-total", store::SortOrder::DearestFirst},
}};

std::string listOfSorts()
{
    std::string names;
    for (const auto& [name, order] : sortNames)
        names.append(names.empty() ? "" : ", ").append(name);
    return names;
}

/// Where a page ended: the order's id, what it was sorted by, and as of when.
std::string placeAfter(const store::OrderPage& page)
{
    return page.next->text().substr(4) + '.' + std::to_string(page.nextKey) + '.' + std::to_string(page.asOf);
}

template <typename Number>
bool readWhole(std::string_view text, Number& number)
{
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end;
}

/// Reads what placeAfter() wrote; false if it is something else.
bool readPlace(std::string_view text, store::PageRequest& page)
{
    const auto first = text.find('.');
    const auto second = text.find('.', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos)
        return false;
    page.after = OrderId::fromText("ord_" + std::string(text.substr(0, first)));
    return page.after && readWhole(text.substr(first + 1, second - first - 1), page.afterKey)
        && readWhole(text.substr(second + 1), page.asOf) && page.asOf <= INT64_MAX;
}

Result<std::vector<OrderState>> statesOf(const Call& call)
{
    std::vector<OrderState> states;
    std::string_view text = call.parameter("state");
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        const auto state = stateFromName(text.substr(0, end));
        if (!state)
            return failure(ErrorCode::InvalidValue,
                "The parameter state must list states such as failed,waiting. Correct it.",
                {{"state", ErrorCode::InvalidValue, "is not a state"}});
        states.push_back(*state);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return states;
}

Result<std::optional<Timestamp>> timeOf(const Call& call, std::string_view name)
{
    const std::string_view text = call.parameter(name);
    if (text.empty())
        return std::nullopt;
    const auto time = parseRfc3339(text);
    if (!time)
        return failure(ErrorCode::InvalidValue,
            "The parameter " + std::string(name) + " must be an RFC 3339 time such as 2026-03-01T08:15:30Z.",
            {{std::string(name), ErrorCode::InvalidValue, "is not a time"}});
    return time;
}

} // namespace

Result<store::OrderFilter> filterOf(const Call& call)
{
    auto states = statesOf(call);
    if (!states)
        return tl::unexpected(states.error());
    const auto from = timeOf(call, "created_from");
    if (!from)
        return tl::unexpected(from.error());
    const auto until = timeOf(call, "created_until");
    if (!until)
        return tl::unexpected(until.error());
    const std::string query(call.parameter("q"));
    if (auto refused = refusalOfSearch(query, call.principal.role))
        return tl::unexpected(std::move(*refused));
    return store::OrderFilter{std::move(*states), std::string(call.parameter("step")),
        std::string(call.parameter("channel")), std::string(call.parameter("external_id")),
        std::string(call.parameter("incident_code")), *from, *until, query, call.principal.role.channels()};
}

Result<store::StoredOrder> readSeen(store::StoreReader& reader, const OrderId& id, const RoleRef& role)
{
    auto stored = reader.readOrder(id);
    if (stored && !role.sees(stored->order.summary->channel))
        return tl::unexpected(noSuchOrder(id.text()));
    return stored;
}

Result<OrderPageQuery> pageOf(const Call& call)
{
    const auto limit = numberOf(call, "limit", defaultPage, 1, maxPage);
    if (!limit)
        return tl::unexpected(limit.error());
    OrderPageQuery page{{*limit}, Cursors(call)};
    if (const std::string_view sort = call.parameter("sort"); !sort.empty()) {
        const auto* known = std::find_if(
            sortNames.begin(), sortNames.end(), [sort](const auto& each) { return each.first == sort; });
        if (known == sortNames.end())
            return failure(ErrorCode::InvalidValue,
                "The parameter sort must be one of " + listOfSorts() + ". Correct it.",
                {{"sort", ErrorCode::InvalidValue, "is not a sort order"}});
        page.request.sort = known->second;
    }
    const auto place = page.cursors.given(call);
    if (!place)
        return tl::unexpected(place.error());
    if (*place && !readPlace(**place, page.request))
        return tl::unexpected(foreignCursor());
    return page;
}

void writeNextCursor(JsonWriter& body, const Cursors& cursors, const store::OrderPage& page)
{
    body.key("next_cursor");
    if (page.next)
        body.value(cursors.at(placeAfter(page)));
    else
        body.null();
}

void look(
    const Services& services, const ApiReply& reply, std::function<ApiResponse(store::StoreReader&)> answer)
{
    const bool taken = services.readers.post(
        [reply, answer = std::move(answer)](store::StoreReader& reader) { reply(answer(reader)); });
    if (!taken)
        reply(problem(inboxFull()));
}

} // namespace gantry::api
