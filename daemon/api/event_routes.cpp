// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/feed_page.h"
#include "daemon/api/routes.h"

#include <memory>
#include <utility>

namespace gantry::api {

namespace {

using std::chrono::steady_clock;

/// Who looks, and where is waited.
struct Feed {
    ReaderPool& readers;
    FeedDesk* desk; ///< null: nobody can wait
};

/// A request for the feed on its way between the readers, who look, and the desk, where it waits. In one hand at a time.
struct Reading {
    FeedQuery query;
    steady_clock::time_point until;
    std::optional<std::weak_ptr<const void>> caller;
    ApiReply reply;
    std::uint64_t from = 0; ///< what is before was looked at, and did not pass
};

void look(const Feed& feed, const std::shared_ptr<Reading>& reading);

/// Whether it waits for more: the answer is given later then.
bool waits(const Feed& feed, const std::shared_ptr<Reading>& reading, const FeedPage& page)
{
    if (!feed.desk || !page.isDry() || steady_clock::now() >= reading->until)
        return false;
    if (reading->caller && reading->caller->expired())
        return false;
    reading->from = page.next;
    FeedDesk::Wait wait{.partition = reading->query.partition,
        .after = page.next,
        .until = reading->until,
        .caller = reading->caller,
        .wake = [feed, reading] { look(feed, reading); }};
    const FeedDesk::Place place = feed.desk->wait(std::move(wait));
    if (place == FeedDesk::Place::Full && page.next == reading->query.after) {
        reading->reply(problem({ErrorCode::Busy,
            "More readers wait for events than may. Ask again in a second, or without wait_ms."}));
        return true;
    }
    return place == FeedDesk::Place::Taken; // else what was gone over is told
}

void look(const Feed& feed, const std::shared_ptr<Reading>& reading)
{
    const bool isTaken = feed.readers.post([feed, reading](store::StoreReader& reader) {
        const auto page = readFeed(reader, reading->query, reading->from);
        if (page && waits(feed, reading, *page))
            return;
        if (page && feed.desk)
            feed.desk->noteServed(page->events.size());
        reading->reply(feedAnswer(reading->query, page));
    });
    if (!isTaken)
        reading->reply(problem(inboxFull()));
}

void getEvents(const Feed& feed, const Call& call, const ApiReply& reply)
{
    auto query = feedQueryOf(call);
    if (!query)
        return reply(problem(query.error()));
    auto reading = std::make_shared<Reading>();
    reading->query = std::move(*query);
    reading->until = steady_clock::now() + reading->query.wait;
    reading->caller = call.request.caller;
    reading->reply = reply;
    reading->from = reading->query.after;
    look(feed, reading);
}

} // namespace

void addEventRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"GET", "/v1/events", Access::Orders, feedParameters(),
        [feed = Feed{services.readers, services.feed}](
            const Call& call, const ApiReply& reply) { getEvents(feed, call, reply); }});
    routes.back().waits = true;
}

} // namespace gantry::api
