// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/store_world.h"

#include <algorithm>
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
    }
    throw std::runtime_error("the pages never end");
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
