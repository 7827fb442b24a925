// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/store_contract.h"

#include "shared/protocol/order_codec.h"
#include "tests/contract/store_world.h"

#include <set>

namespace gantry::test {

using namespace store;

StoreContract::StoreContract(StoreFactory& factory)
    : m_factory(factory)
{
}

StoreContract::~StoreContract() = default;

void StoreContract::init()
{
    m_world = std::make_unique<World>(m_factory);
}

void StoreContract::cleanup()
{
    m_world.reset();
}

void StoreContract::beginsEmpty()
{
    World& w = *m_world;
    QCOMPARE(w.partition->info().partition, 0U);
    QCOMPARE(w.partition->info().firstSlot, Slot{0});
    QCOMPARE(w.partition->info().lastSlot, Slot{slotCount - 1});
    QCOMPARE(w.partition->info().sequence, std::uint64_t{0});
    const auto page = w.reader->listOrders({}, {});
    VERIFY_OK(page);
    QVERIFY(page->orders.empty() && !page->next);
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
    VERIFY_FAILS(w.reader->readOrder(OrderId()), ErrorCode::NotFound);
    VERIFY_FAILS(w.reader->readEventsOfOrder(OrderId(), 0, 10), ErrorCode::NotFound);
}

void StoreContract::givesBackWhatWasCommitted()
{
    World& w = *m_world;
    OrderDocument document = documentOf("web", "Ä-1 'quoted\" ✓");
    document.promiseAt = dayOfTests + std::chrono::hours(48);
    document.priority = 0;
    document.metadata = {{"note", std::string(900, 'x')}};
    const OrderId id = w.scribe->submit(document, w.tick());
    VERIFY_OK(w.scribe->commit(*w.partition));
    QCOMPARE(w.partition->info().sequence, std::uint64_t{1});
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
    const auto stored = w.reader->readOrder(id);
    VERIFY_OK(stored);
    QCOMPARE(stored->document, encodeDocument(document));
    QCOMPARE(digestOf(stored->order), digestOf(w.scribe->orders().at(id).order));
}

void StoreContract::givesBackEveryKindOfOrder()
{
    World& w = *m_world;
    const auto ids = w.submit(8);
    for (const OrderId& id : ids) // all wait for pay
        w.scribe->complete(id, w.tick());
    VERIFY_OK(w.scribe->commit(*w.partition));
    w.scribe->act(ids[1], ReportFailure{"pay", 1, "time_out", "The \"bank\" is\\slow", false, {}}, w.tick());
    w.scribe->act(ids[2], ReportFailure{"pay", 1, "declined", "Card declined", true, {}}, w.tick());
    w.scribe->act(ids[3],
        TakeAction{.action = Action::Hold,
            .reason = "look",
            .holdId = "h1",
            .expiresAt = w.now + std::chrono::hours(1)},
        w.tick());
    w.scribe->act(
        ids[3], TakeAction{.action = Action::Hold, .reason = "look again", .holdId = "h2"}, w.tick());
    for (const std::size_t i : {std::size_t{4}, std::size_t{5}}) {
        w.scribe->complete(ids[i], w.tick());
        w.scribe->act(ids[i], TakeAction{.action = Action::Cancel, .reason = "changed mind"}, w.tick());
    }
    w.scribe->complete(ids[5], w.tick(), R"({"refund":"r-1"})");
    w.scribe->failUndoing(ids[7], w.tick());
    while (w.scribe->order(ids[6]).outcome == Outcome::Open)
        w.scribe->complete(ids[6], w.tick());
    VERIFY_OK(w.scribe->commit(*w.partition));
    std::set<OrderState> states;
    for (const auto& [id, record] : w.scribe->orders())
        states.insert(stateOf(record.order));
    QCOMPARE(states.size(), orderStateCount - 1); // all but received
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
    auto batch = w.partition->begin();
    VERIFY_OK(batch);
    for (const auto& [id, record] : w.scribe->orders()) {
        const auto found = (*batch)->findOrder(id);
        VERIFY_OK(found);
        QVERIFY(found->has_value() && (*found)->order == record.order);
        QCOMPARE((*found)->lastSequence, record.lastSequence);
        const auto document = (*batch)->readDocument(id);
        VERIFY_OK(document);
        QCOMPARE(*document, w.scribe->documents().at(id));
    }
    VERIFY_FAILS((*batch)->readDocument(OrderId()), ErrorCode::NotFound);
    const auto none = (*batch)->findOrder(OrderId());
    VERIFY_OK(none);
    QVERIFY(!none->has_value());
}

void StoreContract::leavesNoTraceOfAnUncommittedBatch()
{
    World& w = *m_world;
    w.submit(2);
    VERIFY_OK(setStock(*w.partition, "SKU-1", 10));
    {
        auto batch = w.partition->begin();
        VERIFY_OK(batch);
        VERIFY_OK((*batch)->reserve({{w.scribe->orders().begin()->first, {{"SKU-1", 4}}}}));
    }
    const auto level = w.reader->readStock("SKU-1");
    VERIFY_OK(level);
    QCOMPARE((*level)->reserved, std::int64_t{0});
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
    w.submit(1);
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
}

void StoreContract::findsOnlyWhatIsCommitted()
{
    World& w = *m_world;
    const OrderId id = w.submit(1).front();
    auto batch = w.partition->begin();
    VERIFY_OK(batch);
    const auto found = (*batch)->findByExternalId("web", "A-1");
    VERIFY_OK(found);
    QVERIFY(found->has_value());
    QCOMPARE((*found)->id.text(), id.text());
    for (const auto& [channel, externalId] : {std::pair{"web", "A-2"}, {"Web", "A-1"}, {"web", "a-1"},
             {"web", "A-1 "}, {"", "A-1"}, {"web", ""}}) {
        const auto none = (*batch)->findByExternalId(channel, externalId);
        VERIFY_OK(none);
        QVERIFY(!none->has_value());
    }
}

void StoreContract::keepsIdempotencyKeys()
{
    World& w = *m_world;
    const OrderId id = w.scribe->submit(documentOf("web", "A-1"), w.tick());
    const IdempotencyRecord record{"shop", "key 1", {1, 2, 3}, id, 1, w.now};
    w.scribe->extra().idempotency.push_back(record);
    VERIFY_OK(w.scribe->commit(*w.partition));
    w.reopen();
    auto batch = w.partition->begin();
    VERIFY_OK(batch);
    const auto found = (*batch)->findIdempotencyKey("shop", "key 1");
    VERIFY_OK(found);
    QVERIFY(found->has_value());
    QVERIFY((*found)->fingerprint == record.fingerprint && (*found)->order == id && (*found)->version == 1
        && (*found)->at == record.at);
    for (const auto& [principal, key] : {std::pair{"shop", "key 2"}, {"other", "key 1"}}) {
        const auto none = (*batch)->findIdempotencyKey(principal, key);
        VERIFY_OK(none);
        QVERIFY(!none->has_value());
    }
    batch->reset();
    w.scribe->submit(documentOf("web", "A-2"), w.tick());
    w.scribe->extra().idempotency.push_back(record);
    VERIFY_FAILS(w.scribe->commit(*w.partition), ErrorCode::Internal);
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
}

void StoreContract::refusesASecondOrderOfTheSameKey()
{
    World& w = *m_world;
    w.submit(1);
    w.scribe->submit(documentOf("web", "A-1", "SKU-2"), w.tick());
    VERIFY_FAILS(w.scribe->commit(*w.partition), ErrorCode::Internal);
    w.scribe->submit(documentOf("shop", "A-1"), w.tick()); // another channel's number is another number
    VERIFY_OK(w.scribe->commit(*w.partition));
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
}

void StoreContract::refusesEventsOutOfSequence()
{
    World& w = *m_world;
    w.submit(2);
    w.scribe->submit(documentOf("web", "gap"), w.tick());
    const BatchChanges good = w.scribe->changes();
    for (const std::uint64_t wrong : {std::uint64_t{2}, std::uint64_t{4}}) {
        BatchChanges changes = good;
        changes.events.front().logged.sequence = wrong;
        auto batch = w.partition->begin();
        VERIFY_OK(batch);
        VERIFY_FAILS((*batch)->commit(changes), ErrorCode::Internal);
    }
    VERIFY_OK(w.scribe->commit(*w.partition));
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
}

void StoreContract::keepsBooksAndRefusesWhatDoesNotBalance()
{
    World& w = *m_world;
    const auto ids = w.submit(3);
    for (const OrderId& id : ids)
        w.scribe->complete(id, w.tick());
    w.scribe->act(
        ids[0], ReportSuccess{.step = "pay", .attempt = 1, .result = {}, .money = {1250, 1000, 0}}, w.tick());
    w.scribe->act(ids[1], CorrectMoney{{5, 5, 5}, "as the bank says"}, w.tick());
    const BatchChanges good = w.scribe->changes();
    for (const OrderMoney& wrong :
        {OrderMoney{0, 1, 0}, OrderMoney{1, 1, 2}, OrderMoney{1, 1, -1}, OrderMoney{-1, -1, -1}}) {
        BatchChanges changes = good;
        changes.orders.back().order.money = wrong;
        auto batch = w.partition->begin();
        VERIFY_OK(batch);
        VERIFY_FAILS((*batch)->commit(changes), ErrorCode::Internal);
    }
    VERIFY_OK(w.scribe->commit(*w.partition));
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
    w.reopen();
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
    const auto stored = w.reader->readOrder(ids[0]);
    VERIFY_OK(stored);
    QVERIFY((stored->order.money == OrderMoney{1250, 1000, 0}));
}

void StoreContract::aStaleOwnerWritesNothing()
{
    World& w = *m_world;
    w.submit(1);
    auto next = w.store->acquire(0);
    VERIFY_OK(next);
    w.scribe->submit(documentOf("web", "late"), w.tick());
    VERIFY_FAILS(w.scribe->commit(*w.partition), ErrorCode::StaleToken);
    VERIFY_FAILS(setStock(*w.partition, "SKU-1", 5), ErrorCode::StaleToken);
    VERIFY_FAILS(w.partition->writePrincipal(w.creation("late", Role::Viewer)), ErrorCode::StaleToken);
    VERIFY_FAILS(w.partition->noteKeyUses({{1, w.now}}), ErrorCode::StaleToken);
    VERIFY_FAILS(w.partition->writePeople({.ended = {1}}), ErrorCode::StaleToken);
    VERIFY_FAILS(w.partition->noteSessionUses({{1, w.now}}), ErrorCode::StaleToken);
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
    w.scribe->submit(documentOf("web", "late"), w.tick());
    VERIFY_OK(w.scribe->commit(**next));
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
}

void StoreContract::raisesTheEpochWithEachOwner()
{
    World& w = *m_world;
    w.submit(3);
    const PartitionInfo before = w.partition->info();
    w.reopen();
    QCOMPARE(w.partition->info().epoch, before.epoch + 1);
    QCOMPARE(w.partition->info().sequence, before.sequence);
    const auto partitions = w.reader->listPartitions();
    VERIFY_OK(partitions);
    QCOMPARE(partitions->size(), std::size_t{1});
    QCOMPARE(partitions->front().epoch, before.epoch + 1);
    QCOMPARE(partitions->front().sequence, before.sequence);
}

void StoreContract::refusesAnUnknownPartition()
{
    VERIFY_FAILS(m_world->store->acquire(1000), ErrorCode::NotFound);
    QCOMPARE(difference(*m_world->reader, *m_world->scribe), std::string());
}

void StoreContract::keepsHistoriesWithoutAGap()
{
    World& w = *m_world;
    const auto ids = w.submit(5);
    SeededRandom random(seedOfRun());
    for (int i = 0; i < 60; ++i) {
        const OrderId& id = ids[random.next() % ids.size()];
        w.scribe->act(id, TakeAction{.action = Action::Hold, .reason = "r", .holdId = "h"}, w.tick());
        w.scribe->act(id, TakeAction{.action = Action::Release, .reason = "r"}, w.tick());
        if (i % 7 == 0)
            VERIFY_OK(w.scribe->commit(*w.partition));
    }
    VERIFY_OK(w.scribe->commit(*w.partition));
    for (const OrderId& id : ids) {
        const std::uint32_t last = w.scribe->orders().at(id).order.version;
        const auto events = w.reader->readEventsOfOrder(id, 0, 1000);
        VERIFY_OK(events);
        QCOMPARE(events->size(), std::size_t{last});
        for (std::size_t i = 0; i < events->size(); ++i) {
            const EventRecord& event = (*events)[i];
            QVERIFY(event.logged.order == id);
            QCOMPARE(std::size_t{event.logged.event.version}, i + 1);
            QCOMPARE(event.previousSequence, i == 0 ? 0 : (*events)[i - 1].logged.sequence);
        }
        const auto part = w.reader->readEventsOfOrder(id, last / 2, 2);
        VERIFY_OK(part);
        QCOMPARE(part->size(), std::min<std::size_t>(2, last - last / 2));
        QCOMPARE(part->front().logged.event.version, last / 2 + 1);
        const auto none = w.reader->readEventsOfOrder(id, last, 10);
        VERIFY_OK(none);
        QVERIFY(none->empty());
    }
}

void StoreContract::readsTheLogInParts()
{
    World& w = *m_world;
    w.submit(25);
    std::uint64_t after = 0;
    for (;;) {
        const auto part = w.reader->readLog(0, after, 4);
        VERIFY_OK(part);
        if (part->empty())
            break;
        QVERIFY(part->size() <= 4);
        QCOMPARE(part->front().logged.sequence, after + 1);
        after = part->back().logged.sequence;
    }
    QCOMPARE(after, std::uint64_t{25});
    const auto other = w.reader->readLog(1, 0, 10);
    VERIFY_OK(other);
    QVERIFY(other->empty());
}

void StoreContract::countersEqualARecount()
{
    World& w = *m_world;
    const auto ids = w.submit(40);
    SeededRandom random(seedOfRun());
    for (int round = 0; round < 20; ++round) {
        for (int i = 0; i < 10; ++i) {
            const OrderId& id = ids[random.next() % ids.size()];
            if (w.scribe->order(id).outcome == Outcome::Open)
                w.scribe->complete(id, w.tick());
        }
        VERIFY_OK(w.scribe->commit(*w.partition));
        QCOMPARE(difference(*w.reader, *w.scribe), std::string());
    }
}

void StoreContract::loadsOpenOrdersAlone()
{
    World& w = *m_world;
    const auto ids = w.submit(10);
    for (int step = 0; step < 6; ++step)
        for (std::size_t i = 0; i < 3; ++i)
            w.scribe->complete(ids[i], w.tick());
    w.scribe->complete(ids[3], w.tick());
    w.scribe->failUndoing(ids[3], w.tick());
    VERIFY_OK(w.scribe->commit(*w.partition));
    w.reopen();
    std::map<OrderId, OrderRecord> loaded;
    VERIFY_OK(w.partition->forEachOpenOrder(
        [&](OrderRecord record) { loaded.emplace(record.order.id, std::move(record)); }));
    QCOMPARE(loaded.size(), std::size_t{7});
    for (const auto& [id, record] : loaded) {
        QVERIFY(record.order == w.scribe->orders().at(id).order);
        QCOMPARE(record.lastSequence, w.scribe->orders().at(id).lastSequence);
        QVERIFY(record.order.outcome == Outcome::Open);
    }
}

void StoreContract::survivesReopening()
{
    World& w = *m_world;
    for (int i = 0; i < 5; ++i) {
        const OrderId id = w.submit(3).front();
        w.scribe->complete(id, w.tick());
        VERIFY_OK(w.scribe->commit(*w.partition));
        w.reopen();
        QCOMPARE(w.partition->info().sequence, std::uint64_t(w.scribe->log().size()));
        QCOMPARE(difference(*w.reader, *w.scribe), std::string());
    }
}

void StoreContract::keepsWhatOrdersSkip()
{
    World& w = *m_world;
    Workflow workflow = standardWorkflow();
    workflow.steps[0].when = *parseCondition("channel == \"pos\"");
    workflow.steps[2].when = workflow.steps[0].when;
    w.scribe->use(workflow);
    const OrderId all = w.submit(1, "pos").front();
    const OrderId some = w.submit(1, "web").front();
    w.reopen();
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
    const auto skipped = [&w](const OrderId& id) {
        return w.reader->readOrder(id)->order.summary->skippedSteps;
    };
    QVERIFY(skipped(all).empty());
    QCOMPARE(skipped(some), (std::vector<std::string>{"validate", "allocate"}));
    const auto events = w.reader->readEventsOfOrder(some, 0, 1);
    VERIFY_OK(events);
    const auto& received = std::get<OrderReceived>(events->front().logged.event.body);
    QCOMPARE(received.summary->skippedSteps, skipped(some));
    QCOMPARE(received.first.name, std::string("pay"));
    // The rest of its life knows them too.
    for (int i = 0; i < 4; ++i)
        w.scribe->complete(some, w.tick());
    VERIFY_OK(w.scribe->commit(*w.partition));
    QVERIFY(w.reader->readOrder(some)->order.outcome == Outcome::Completed);
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
}

void StoreContract::keepsPrincipals()
{
    World& w = *m_world;
    PrincipalChanges shop = w.creation("shop", Role::Support);
    shop.principal->expiresAt = w.now;
    VERIFY_OK(w.partition->writePrincipal(shop));
    VERIFY_OK(w.partition->writePrincipal(w.creation("admin", Role::Admin)));
    PrincipalChanges demoted = w.creation("admin", Role::Viewer);
    demoted.principal->disabledAt = w.now;
    VERIFY_OK(w.partition->writePrincipal(demoted));
    w.reopen();
    const auto principals = w.reader->listPrincipals();
    VERIFY_OK(principals);
    QCOMPARE(principals->size(), std::size_t{2});
    QVERIFY((*principals)[0] == *demoted.principal && (*principals)[1] == *shop.principal);
}

void StoreContract::keepsEveryVersionOfARole()
{
    World& w = *m_world;
    const auto version = [&w](const char* name, std::uint32_t number, const char* definition) {
        return RoleVersion{name, number, definition, w.now, "ann", "why"};
    };
    const std::vector written{version("desk", 1, "{\"a\":1}"), version("desk", 2, ""),
        version("desk", 3, "{}"), version("abc", 1, "{}")};
    for (const RoleVersion& each : written)
        VERIFY_OK(w.partition->writeRole(each));
    QVERIFY(!w.partition->writeRole(written[1])); // what is written never changes
    PrincipalChanges clerk = w.creation("clerk", Role::Viewer);
    clerk.principal->customRole = "desk";
    VERIFY_OK(w.partition->writePrincipal(clerk));
    w.reopen();
    const auto roles = w.reader->listRoles();
    VERIFY_OK(roles);
    QVERIFY(*roles == (std::vector{written[3], written[2]}));
    const auto versions = w.reader->listRoleVersions("desk");
    VERIFY_OK(versions);
    QVERIFY(*versions == (std::vector{written[2], written[1], written[0]}));
    QVERIFY(w.reader->listRoleVersions("none")->empty());
    QVERIFY(w.reader->listPrincipals()->at(0) == *clerk.principal);
}

void StoreContract::keepsKeysAndWhatBecameOfThem()
{
    World& w = *m_world;
    VERIFY_OK(w.partition->writePrincipal(w.creation("shop", Role::Support)));
    PrincipalKey api{
        .kind = KeyKind::Api, .material = std::string("\x00\x01\xff key", 8), .createdAt = w.now};
    PrincipalKey curve{.kind = KeyKind::Curve, .material = std::string(40, 'k'), .expiresAt = w.now};
    for (PrincipalKey* key : {&api, &curve}) {
        PrincipalChanges added = w.act("shop", PrincipalAct::keyAdded);
        added.newKey = *key;
        const auto id = w.partition->writePrincipal(added);
        VERIFY_OK(id);
        key->id = *id;
        // The same again under another name: the key stays whose it is, and nothing at all is written.
        PrincipalChanges taken = w.creation("thief", Role::Admin);
        taken.newKey = *key;
        VERIFY_FAILS(w.partition->writePrincipal(taken), ErrorCode::Internal);
    }
    QVERIFY(api.id != curve.id);
    VERIFY_OK(w.partition->noteKeyUses({{api.id, w.now + std::chrono::minutes(2)}, {curve.id, w.now}}));
    VERIFY_OK(w.partition->noteKeyUses({{api.id, w.now}, {999, w.now}})); // earlier than is known; unknown
    PrincipalChanges revoked = w.act("shop", PrincipalAct::keyRevoked);
    revoked.revokedKey = curve.id;
    VERIFY_OK(w.partition->writePrincipal(revoked));
    w.reopen();
    api.lastUsedAt = w.now + std::chrono::minutes(2);
    curve.lastUsedAt = w.now;
    curve.revokedAt = w.now;
    const auto principals = w.reader->listPrincipals();
    VERIFY_OK(principals);
    QCOMPARE(principals->size(), std::size_t{1});
    QVERIFY((principals->front().keys == std::vector<PrincipalKey>{api, curve}));
}

void StoreContract::logsWhatWasDoneToPrincipals()
{
    World& w = *m_world;
    PrincipalChanges first = w.creation("shop", Role::Support);
    first.log.front().idempotencyKey = "key 1";
    first.log.front().fingerprint = {1, 2, 3};
    VERIFY_OK(w.partition->writePrincipal(first));
    PrincipalChanges key = w.act("shop", PrincipalAct::keyAdded);
    key.newKey = PrincipalKey{.material = "hash", .createdAt = w.now};
    const auto id = w.partition->writePrincipal(key);
    VERIFY_OK(id);
    VERIFY_OK(w.partition->writePrincipal(w.creation("other", Role::Viewer)));
    w.reopen();
    const auto all = w.reader->listPrincipalLog("", {}, 10);
    VERIFY_OK(all);
    QCOMPARE(all->size(), std::size_t{3});
    QCOMPARE((*all)[0].principal, std::string("other"));
    QCOMPARE((*all)[1].key, std::optional(*id));
    PrincipalLogEntry expected = first.log.front();
    expected.number = (*all)[2].number;
    QVERIFY((*all)[2] == expected);
    const auto page = w.reader->listPrincipalLog("shop", (*all)[1].number, 10);
    VERIFY_OK(page);
    QVERIFY((*page == std::vector<PrincipalLogEntry>{expected}));
    QCOMPARE(w.reader->listPrincipalLog("shop", {}, 1)->size(), std::size_t{1});
    const auto found = w.reader->findPrincipalAct("ann", "key 1");
    VERIFY_OK(found);
    QVERIFY(found->has_value() && **found == expected);
    for (const auto& [actor, name] : {std::pair{"bob", "key 1"}, {"ann", "key 2"}}) {
        const auto none = w.reader->findPrincipalAct(actor, name);
        VERIFY_OK(none);
        QVERIFY(!none->has_value());
    }
}

void StoreContract::readersSeeCommitsOfOthers()
{
    World& w = *m_world;
    auto other = w.store->openReader();
    VERIFY_OK(other);
    const OrderId id = w.submit(1).front();
    VERIFY_OK((*other)->readOrder(id));
    w.scribe->complete(id, w.tick());
    {
        auto batch = w.partition->begin();
        VERIFY_OK(batch);
        const auto meanwhile = (*other)->readOrder(id); // a reader never waits for a writer
        VERIFY_OK(meanwhile);
        QCOMPARE(meanwhile->order.version, 1U);
        VERIFY_OK(w.scribe->commit(**batch));
    }
    const auto after = (*other)->readOrder(id);
    VERIFY_OK(after);
    QCOMPARE(after->order.version, 2U);
}

void StoreContract::maintainsWithoutChangingAnything()
{
    World& w = *m_world;
    for (int i = 0; i < 20; ++i) {
        w.submit(20);
        VERIFY_OK(w.partition->maintain(Moment::UnderLoad));
    }
    for (int i = 0; i < 1000; ++i) {
        const auto more = w.partition->maintain(Moment::Idle);
        VERIFY_OK(more);
        if (!*more)
            break;
        QVERIFY(i < 999);
    }
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
    w.reopen();
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
}

} // namespace gantry::test
