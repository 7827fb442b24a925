// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/store_world.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <set>

namespace gantry::test {

using namespace store;

namespace {

/// All pages of a filter put together; throws on an error or a page that doesn't go on.
std::vector<OrderId> listAll(StoreReader& reader, const OrderFilter& filter, std::size_t limit = 7,
    SortOrder sort = SortOrder::NewestFirst)
{
    std::vector<OrderId> ids;
    PageRequest request{.limit = limit, .after = {}, .sort = sort};
    for (int pages = 0; pages < 10'000; ++pages) {
        const auto page = reader.listOrders(filter, request);
        if (!page)
            throw std::runtime_error(page.error().message);
        if (page->orders.size() > limit)
            throw std::runtime_error("a page is longer than asked for");
        for (const Order& order : page->orders)
            ids.push_back(order.id);
        if (!page->next)
            return ids;
        request.after = page->next;
        request.afterKey = page->nextKey;
        request.asOf = page->asOf;
    }
    throw std::runtime_error("the pages never end");
}

/// What an order is sorted by.
using SortKey = std::function<std::int64_t(const store::OrderRecord&)>;

std::int64_t promiseOf(const store::OrderRecord& record, bool isDown)
{
    const auto& promise = record.order.summary->promiseAt;
    return promise ? toMillis(*promise) : isDown ? INT64_MIN : INT64_MAX;
}

SortKey keyOf(SortOrder sort)
{
    switch (sort) {
    case SortOrder::UpdatedLast:
    case SortOrder::UpdatedFirst:
        return [](const auto& record) { return static_cast<std::int64_t>(record.lastSequence); };
    case SortOrder::PromisedFirst: return [](const auto& record) { return promiseOf(record, false); };
    case SortOrder::PromisedLast: return [](const auto& record) { return promiseOf(record, true); };
    case SortOrder::UrgentFirst:
    case SortOrder::UrgentLast:
        return [](const auto& record) { return std::int64_t{record.order.summary->priority}; };
    case SortOrder::CheapestFirst:
    case SortOrder::DearestFirst: return [](const auto& record) { return record.order.summary->total; };
    case SortOrder::NewestFirst:
    case SortOrder::OldestFirst: break;
    }
    return [](const auto&) { return std::int64_t{0}; };
}

bool goesDown(SortOrder sort)
{
    return sort == SortOrder::NewestFirst || sort == SortOrder::UpdatedLast || sort == SortOrder::PromisedLast
        || sort == SortOrder::UrgentLast || sort == SortOrder::DearestFirst;
}

/// The ids that a list gives, of the orders that match.
template <typename Predicate>
std::vector<OrderId> sorted(const Scribe& scribe, SortOrder sort, Predicate matches)
{
    std::vector<std::pair<std::int64_t, OrderId>> places;
    for (const auto& [id, record] : scribe.orders())
        if (matches(record.order))
            places.emplace_back(keyOf(sort)(record), id);
    std::sort(places.begin(), places.end());
    if (goesDown(sort))
        std::reverse(places.begin(), places.end());
    std::vector<OrderId> ids;
    for (const auto& [key, id] : places)
        ids.push_back(id);
    return ids;
}

/// A number under `limit`.
std::size_t below(SeededRandom& random, std::size_t limit)
{
    return random.next() % limit;
}

/// Orders in which everything that is sorted by is often the same.
template <typename World>
std::vector<OrderId> submitMixed(World& w, SeededRandom& random, int count)
{
    std::vector<OrderId> ids;
    for (int i = 0; i < count; ++i) {
        OrderDocument document =
            documentOf(below(random, 2) == 0 ? "web" : "shop", "M-" + std::to_string(++w.submitted));
        document.priority = static_cast<int>(below(random, 4));
        if (below(random, 2) == 0)
            document.promiseAt = dayOfTests + std::chrono::hours(below(random, 5));
        document.lines.front().unitPrice = 100 + static_cast<std::int64_t>(below(random, 6));
        document.total = document.lines.front().unitPrice * document.lines.front().quantity;
        ids.push_back(w.scribe->submit(document, w.tick()));
    }
    return ids;
}

/// Moves some orders on, whichever.
template <typename World>
void stir(World& w, SeededRandom& random, int count)
{
    std::vector<OrderId> open;
    for (const auto& [id, record] : w.scribe->orders())
        if (record.order.outcome == Outcome::Open && !record.order.incident)
            open.push_back(id);
    for (int i = 0; i < count && !open.empty(); ++i) {
        const OrderId id = open[below(random, open.size())];
        if (w.scribe->order(id).outcome == Outcome::Open
            && w.scribe->order(id).step.performer == Performer::Machine)
            w.scribe->complete(id, w.tick());
    }
}

void addSorts()
{
    QTest::addColumn<int>("sort");
    constexpr std::array<const char*, 10> names{"newest", "oldest", "updated last", "updated first",
        "promised first", "promised last", "urgent first", "urgent last", "cheapest", "dearest"};
    for (std::size_t i = 0; i < names.size(); ++i)
        QTest::newRow(names.at(i)) << static_cast<int>(i);
}

/// What the filter should give, newest first.
template <typename Predicate>
std::vector<OrderId> expected(const Scribe& scribe, Predicate matches)
{
    std::vector<OrderId> ids;
    for (const auto& [id, record] : scribe.orders())
        if (matches(record.order))
            ids.push_back(id);
    std::reverse(ids.begin(), ids.end());
    return ids;
}

} // namespace

void StoreContract::listsByEveryFilter()
{
    World& w = *m_world;
    const auto web = w.submit(20, "web");
    const auto shop = w.submit(15, "shop");
    for (std::size_t i = 0; i < 12; ++i)
        w.scribe->complete(web[i], w.tick());
    VERIFY_OK(w.scribe->commit(*w.partition));
    for (std::size_t i = 0; i < 4; ++i)
        w.scribe->act(
            web[i], ReportFailure{"pay", 1, i < 3 ? "declined" : "voided", "no", true, {}}, w.tick());
    for (std::size_t i = 4; i < 6; ++i)
        while (w.scribe->order(web[i]).outcome == Outcome::Open)
            w.scribe->complete(web[i], w.tick());
    w.scribe->act(shop[0], TakeAction{.action = Action::Cancel, .reason = "r"}, w.tick());
    w.scribe->complete(shop[1], w.tick());
    w.scribe->failUndoing(shop[1], w.tick());
    VERIFY_OK(w.scribe->commit(*w.partition));

    const auto same = [&](const OrderFilter& filter, auto matches) {
        const auto wanted = expected(*w.scribe, matches);
        auto upward = listAll(*w.reader, filter, 3, SortOrder::OldestFirst);
        std::reverse(upward.begin(), upward.end());
        return !wanted.empty() && listAll(*w.reader, filter) == wanted && upward == wanted;
    };
    for (int state = 0; state < static_cast<int>(orderStateCount); ++state) {
        const auto wanted = static_cast<OrderState>(state);
        if (wanted != OrderState::Compensating && wanted != OrderState::Waiting)
            QVERIFY(same({.states = {wanted}}, [&](const Order& order) { return stateOf(order) == wanted; }));
    }
    const std::vector<OrderState> two{OrderState::Failed, OrderState::Completed};
    QVERIFY(same({.states = two}, [&](const Order& order) {
        return stateOf(order) == OrderState::Failed || stateOf(order) == OrderState::Completed;
    }));
    QVERIFY(same({.states = {OrderState::Received}, .channel = "web"}, [](const Order& order) {
        return stateOf(order) == OrderState::Received && order.summary->channel == "web";
    }));
    QVERIFY(same({.step = "pay"},
        [](const Order& order) { return order.outcome == Outcome::Open && order.step.name == "pay"; }));
    QVERIFY(same({.channel = "shop"}, [](const Order& order) { return order.summary->channel == "shop"; }));
    QVERIFY(same({.incidentCode = "declined"},
        [](const Order& order) { return order.incident && order.incident->code == "declined"; }));
    QVERIFY(
        same({.externalId = "A-7"}, [](const Order& order) { return order.summary->externalId == "A-7"; }));
    const Timestamp from = web[5].time();
    const Timestamp until = shop[3].time();
    QVERIFY(same({.createdFrom = from, .createdUntil = until},
        [&](const Order& order) { return order.id.time() >= from && order.id.time() < until; }));
    QVERIFY(same({.channel = "web", .createdFrom = from},
        [&](const Order& order) { return order.id.time() >= from && order.summary->channel == "web"; }));
    // Whatever else is asked, what may not be seen is not there.
    const std::optional<std::vector<std::string>> seen{{"shop", "nowhere"}};
    QVERIFY(same({.channels = seen}, [](const Order& order) { return order.summary->channel == "shop"; }));
    QVERIFY(same({.states = {OrderState::Received}, .channels = seen}, [](const Order& order) {
        return stateOf(order) == OrderState::Received && order.summary->channel == "shop";
    }));
    QVERIFY(listAll(*w.reader, {.channel = "web", .channels = seen}).empty());
    QVERIFY(listAll(*w.reader, {.channels = std::vector<std::string>()}).empty());
    QVERIFY(listAll(*w.reader, {.channel = "nowhere"}).empty());
    QVERIFY(listAll(*w.reader, {.states = {OrderState::Completed}, .step = "ship"}).empty());
    QVERIFY(listAll(*w.reader, {.channel = "shop", .externalId = "A-7"}).empty());
}

void StoreContract::pagesCoverEverythingOnce()
{
    World& w = *m_world;
    const auto ids = w.submit(60);
    PageRequest request{.limit = 7};
    std::vector<OrderId> seen;
    for (std::size_t round = 0;; ++round) {
        const auto page = w.reader->listOrders({}, request);
        VERIFY_OK(page);
        for (const Order& order : page->orders)
            seen.push_back(order.id);
        if (!page->next)
            break;
        request.after = page->next;
        // What changes and what comes in between two pages neither repeats nor hides an order.
        w.scribe->complete(ids[round], w.tick());
        VERIFY_OK(w.scribe->commit(*w.partition));
        w.submit(2);
    }
    std::vector<OrderId> wanted = ids;
    std::reverse(wanted.begin(), wanted.end());
    QVERIFY(seen == wanted);
    const auto whole = w.reader->listOrders({}, {.limit = 500});
    VERIFY_OK(whole);
    QCOMPARE(whole->orders.size(), w.scribe->orders().size());
    QVERIFY(!whole->next);
    for (const Order& order : whole->orders)
        QVERIFY(order == w.scribe->orders().at(order.id).order);
}

void StoreContract::sortsByEverything_data()
{
    addSorts();
}

void StoreContract::sortsByEverything()
{
    QFETCH(const int, sort);
    const auto order = static_cast<SortOrder>(sort);
    World& w = *m_world;
    SeededRandom random(seedOfRun());
    submitMixed(w, random, 60);
    VERIFY_OK(w.scribe->commit(*w.partition));
    for (int i = 0; i < 8; ++i) {
        stir(w, random, 5);
        VERIFY_OK(w.scribe->commit(*w.partition));
    }
    const auto all = [](const Order&) { return true; };
    for (const std::size_t limit : {1U, 7U, 60U, 500U})
        QVERIFY(listAll(*w.reader, {}, limit, order) == sorted(*w.scribe, order, all));
    QVERIFY(listAll(*w.reader, {.channel = "shop"}, 4, order)
        == sorted(*w.scribe, order, [](const Order& each) { return each.summary->channel == "shop"; }));
    QVERIFY(listAll(*w.reader, {.states = {OrderState::Running}, .channel = "web"}, 4, order)
        == sorted(*w.scribe, order, [](const Order& each) {
               return stateOf(each) == OrderState::Running && each.summary->channel == "web";
           }));
    const Timestamp from = dayOfTests + std::chrono::seconds(20);
    QVERIFY(listAll(*w.reader, {.createdFrom = from}, 4, order)
        == sorted(*w.scribe, order, [from](const Order& each) { return each.id.time() >= from; }));
    QVERIFY(listAll(*w.reader, {.query = "M-1"}, 4, order)
        == sorted(*w.scribe, order, [](const Order& each) { return each.summary->externalId == "M-1"; }));
    QVERIFY(listAll(*w.reader, {.states = {OrderState::Completed}, .step = "ship"}, 4, order).empty());
}

void StoreContract::sortedPagesStandStill_data()
{
    addSorts();
}

// What matches all the while stands on one page, and nothing on two, while orders change and come in between the pages.
void StoreContract::sortedPagesStandStill()
{
    QFETCH(const int, sort);
    const auto order = static_cast<SortOrder>(sort);
    World& w = *m_world;
    SeededRandom random(seedOfRun());
    for (const OrderFilter& filter : {OrderFilter{}, OrderFilter{.channel = "web"},
             OrderFilter{.states = {OrderState::Received, OrderState::Running}}}) {
        submitMixed(w, random, 40);
        VERIFY_OK(w.scribe->commit(*w.partition));
        const auto matches = [&filter](const Order& each) {
            const auto& states = filter.states;
            return (filter.channel.empty() || each.summary->channel == filter.channel)
                && (states.empty() || std::find(states.begin(), states.end(), stateOf(each)) != states.end());
        };
        std::set<OrderId> constant; ///< what matched at every moment so far
        for (const auto& [id, record] : w.scribe->orders())
            if (matches(record.order))
                constant.insert(id);
        std::set<OrderId> seen;
        PageRequest request{.limit = 1 + below(random, 9), .after = {}, .sort = order};
        for (int pages = 0;; ++pages) {
            QVERIFY2(pages < 1000, "the pages never end");
            const auto page = w.reader->listOrders(filter, request);
            VERIFY_OK(page);
            for (const Order& each : page->orders)
                QVERIFY2(seen.insert(each.id).second, "an order stands on two pages");
            if (!page->next)
                break;
            request.after = page->next;
            request.afterKey = page->nextKey;
            request.asOf = page->asOf;
            if (pages < 20) // else the oldest first would be followed for ever
                submitMixed(w, random, static_cast<int>(below(random, 3)));
            stir(w, random, static_cast<int>(below(random, 6)));
            VERIFY_OK(w.scribe->commit(*w.partition));
            std::erase_if(
                constant, [&](const OrderId& id) { return !matches(w.scribe->orders().at(id).order); });
        }
        for (const OrderId& id : constant)
            QVERIFY2(seen.contains(id), qPrintable(QString::fromStdString(id.text() + " was passed over")));
    }
}

void StoreContract::searches()
{
    World& w = *m_world;
    const auto submit = [&](const std::string& number, const std::string& name, const std::string& email) {
        OrderDocument document = documentOf("web", number);
        document.customer = {name, email, ""};
        return w.scribe->submit(document, w.tick());
    };
    const OrderId maria = submit("1001", "Maria da Silva", "Maria.Silva@example.com");
    const OrderId marius = submit("1002", "MARIUS Müller", "mm@example.org");
    const OrderId anna = submit("AB-1003", "Anna Maria Groß", "anna@example.com");
    VERIFY_OK(w.scribe->commit(*w.partition));
    const auto found = [&](const std::string& text, OrderFilter filter = {}) {
        filter.query = text;
        return listAll(*w.reader, filter, 2);
    };
    // What was just committed is found at once, and after any housekeeping.
    for (int round = 0; round < 2; ++round) {
        QVERIFY(found(maria.text()) == std::vector{maria});
        QVERIFY(found("1001") == std::vector{maria});
        QVERIFY(found("AB-1003") == std::vector{anna});
        QVERIFY(found("ab-10") == std::vector{anna});
        QVERIFY(found("100") == (std::vector{anna, marius, maria}));
        QVERIFY(found("mari") == (std::vector{anna, marius, maria}));
        QVERIFY(found("maria d") == std::vector{maria});
        QVERIFY(found("MÜLL") == std::vector{marius});
        QVERIFY(found("maria.silva@ex") == std::vector{maria});
        QVERIFY(found("silva") == std::vector{maria});
        QVERIFY(found("nobody").empty());
        QVERIFY(found("mari", {.channel = "elsewhere"}).empty());
        for (const std::string& text : {std::string("mari"), std::string("1001"), maria.text()})
            QVERIFY(found(text, {.channels = std::vector<std::string>{"elsewhere"}}).empty());
        QVERIFY(found("mari", {.states = {OrderState::Received}}).size() == 3);
        QVERIFY(found("\"'*%_ OR").empty());
        for (int i = 0; i < 100; ++i)
            VERIFY_OK(w.partition->maintain(Moment::Idle));
    }
}

} // namespace gantry::test
