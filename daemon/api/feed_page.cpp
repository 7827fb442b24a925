// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/feed_page.h"

#include "daemon/api/cloud_event.h"
#include "daemon/api/masking.h"
#include "shared/protocol/problem.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace gantry::api {

namespace {

constexpr std::size_t maxPage = 500;
constexpr std::size_t maxScan = 4 * maxPage; // events that one look goes over
constexpr std::uint64_t maxSequence = (std::uint64_t{1} << 44) - 1; // what every store can number
constexpr std::uint64_t maxWaitMs = 30'000;
constexpr int gone = 410;

template <std::size_t... index>
std::set<std::string, std::less<>> eventTypes(std::index_sequence<index...> /*all*/)
{
    return {std::string(typeName(EventBody(std::in_place_index<index>)))...};
}

Result<std::set<std::string, std::less<>>> typesOf(const Call& call)
{
    static const auto known = eventTypes(std::make_index_sequence<std::variant_size_v<EventBody>>());
    std::set<std::string, std::less<>> types;
    std::string_view text = call.parameter("type");
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        std::string type(text.substr(0, end));
        if (!known.contains(type))
            return failure(ErrorCode::InvalidValue,
                "The parameter type must list types of events such as step_failed,order_completed. Correct "
                "it.",
                {{"type", ErrorCode::InvalidValue, "is not a type of event"}});
        types.insert(std::move(type));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return types;
}

Error notOfThisLog(const FeedQuery& query, const store::PartitionInfo& info)
{
    const std::string log = "The log of partition " + std::to_string(query.partition);
    const std::string ends = " ends at " + std::to_string(info.sequence) + " in epoch "
        + std::to_string(info.epoch) + ", and the cursor is " + std::to_string(query.after)
        + (query.epoch ? " of epoch " + std::to_string(*query.epoch) : std::string());
    return {ErrorCode::InvalidCursor,
        log + ends
            + ". The store is not the one that gave it out, or an older copy of it. What was read beyond the "
              "copy is not "
              "in it: compare, then begin again with a cursor of this log.",
        {{query.after > info.sequence ? "after" : "epoch", ErrorCode::InvalidCursor, "is beyond the log"}}};
}

/// Tells which events pass a query's filters. Looks an order up once.
class FeedFilter {
public:
    FeedFilter(store::StoreReader& reader, const FeedQuery& query)
        : m_reader(reader)
        , m_query(query)
    {
    }

    /// Errors: those of the store.
    Result<bool> passes(const LoggedEvent& logged)
    {
        if (!m_query.types.empty() && !m_query.types.contains(typeName(logged.event.body)))
            return false;
        if (!m_query.asksForChannel())
            return true;
        const auto known = m_isOfChannel.find(logged.order);
        if (known != m_isOfChannel.end())
            return known->second;
        const auto stored = m_reader.readOrder(logged.order);
        if (!stored)
            return tl::unexpected(stored.error());
        const std::string& channel = stored->order.summary->channel;
        const bool isIt =
            (m_query.channel.empty() || channel == m_query.channel) && m_query.role.sees(channel);
        m_isOfChannel.emplace(logged.order, isIt);
        return isIt;
    }

private:
    store::StoreReader& m_reader;
    const FeedQuery& m_query;
    std::unordered_map<OrderId, bool> m_isOfChannel;
};

/// Goes over the log until the page is full, the log is at its end, or it has been enough.
Result<void> fill(FeedPage& page, store::StoreReader& reader, const FeedQuery& query)
{
    FeedFilter filter(reader, query);
    for (std::size_t scanned = 0; scanned < maxScan && page.events.size() < query.limit;) {
        const std::size_t wanted = query.isFiltered() ? maxPage : query.limit;
        auto records = reader.readLog(query.partition, page.next, wanted);
        if (!records)
            return tl::unexpected(std::move(records.error()));
        for (store::EventRecord& record : *records) {
            const auto passes = filter.passes(record.logged);
            if (!passes)
                return tl::unexpected(passes.error());
            page.next = record.logged.sequence;
            if (*passes)
                page.events.push_back(std::move(record.logged));
            if (page.events.size() == query.limit)
                break;
        }
        scanned += records->size();
        if (records->size() < wanted)
            break;
    }
    page.head = std::max(page.head, page.next);
    return {};
}

/// Calls `tell(name, number)` with where a page stands.
template <typename Tell>
void tellPlace(const FeedQuery& query, const FeedPage& page, Tell tell)
{
    tell("partition", std::uint64_t{query.partition});
    tell("epoch", page.epoch);
    if (page.next > query.after) {
        tell("first", query.after + 1);
        tell("last", page.next);
    }
    tell("next_after", page.next);
    tell("head", page.head);
}

ApiResponse cloudAnswer(const FeedQuery& query, const FeedPage& page)
{
    JsonWriter body;
    body.beginArray();
    for (const LoggedEvent& event : page.events)
        writeCloudEvent(body, query.partition, event);
    body.endArray();
    ApiResponse response = json(body.take());
    response.contentType = cloudEventsType;
    tellPlace(query, page, [&response](std::string_view name, std::uint64_t number) {
        std::string header = "gantry-" + std::string(name);
        std::replace(header.begin(), header.end(), '_', '-');
        response.headers.emplace_back(std::move(header), std::to_string(number));
    });
    return response;
}

} // namespace

std::vector<std::string> feedParameters()
{
    return {"partition", "after", "limit", "epoch", "type", "channel", "wait_ms"};
}

Result<FeedQuery> feedQueryOf(const Call& call)
{
    const auto partition = numberOf(call, "partition", 0, 0, slotCount - 1);
    const auto after = numberOf(call, "after", 0, 0, maxSequence);
    const auto limit = numberOf(call, "limit", maxPage, 1, maxPage);
    const auto epoch = numberOf(call, "epoch", 0, 1, UINT32_MAX);
    const auto wait = numberOf(call, "wait_ms", 0, 0, maxWaitMs);
    for (const auto* number : {&partition, &after, &limit, &epoch, &wait})
        if (!*number)
            return tl::unexpected(number->error());
    auto types = typesOf(call);
    if (!types)
        return tl::unexpected(std::move(types.error()));
    FeedQuery query{.partition = static_cast<std::uint32_t>(*partition),
        .after = *after,
        .limit = static_cast<std::size_t>(*limit),
        .epoch = {},
        .types = std::move(*types),
        .channel = std::string(call.parameter("channel")),
        .wait = std::chrono::milliseconds(*wait),
        .isCloud = call.request.header("accept").find(cloudEventsType) != std::string_view::npos,
        .role = call.principal.role};
    if (call.query.contains("epoch"))
        query.epoch = *epoch;
    return query;
}

Result<FeedPage> readFeed(store::StoreReader& reader, const FeedQuery& query, std::uint64_t from)
{
    const auto partitions = reader.listPartitions();
    if (!partitions)
        return tl::unexpected(partitions.error());
    const auto info = std::find_if(partitions->begin(), partitions->end(),
        [&](const store::PartitionInfo& each) { return each.partition == query.partition; });
    if (info == partitions->end())
        return failure(ErrorCode::NotFound,
            "There is no partition " + std::to_string(query.partition)
                + ". GET /v1/stats lists those there are.");
    if (from > info->sequence || query.epoch.value_or(0) > info->epoch)
        return tl::unexpected(notOfThisLog(query, *info));
    FeedPage page{.epoch = info->epoch, .head = info->sequence, .next = from, .events = {}};
    if (auto filled = fill(page, reader, query); !filled)
        return tl::unexpected(std::move(filled.error()));
    page.events = shownEvents(std::move(page.events), query.role);
    return page;
}

ApiResponse feedAnswer(const FeedQuery& query, const Result<FeedPage>& page)
{
    if (!page) {
        ApiResponse refused = problem(page.error());
        if (page.error().code == ErrorCode::InvalidCursor) {
            refused.status = gone;
            refused.body = encodeProblem(page.error(), gone);
        }
        return refused;
    }
    if (query.isCloud)
        return cloudAnswer(query, *page);
    JsonWriter body;
    body.beginObject();
    tellPlace(
        query, *page, [&body](std::string_view name, std::uint64_t number) { body.member(name, number); });
    body.key("items").beginArray();
    for (const LoggedEvent& event : page->events)
        writeEvent(body, event);
    body.endArray().endObject();
    return json(body.take());
}

} // namespace gantry::api
