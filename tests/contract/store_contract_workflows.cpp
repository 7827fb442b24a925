// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/store_world.h"

namespace gantry::test {

using namespace store;

void StoreContract::keepsWorkflowsForGood()
{
    World& w = *m_world;
    const auto none = w.reader->listWorkflows();
    VERIFY_OK(none);
    QVERIFY(none->empty());
    const WorkflowRecord second{"standard", 2, "name = \"standard\"\n# Größe\n", w.tick(), "ann"};
    const WorkflowRecord first{"standard", 1, "one", w.tick(), "system"};
    const WorkflowRecord other{"digital", 10, "ten", w.tick(), "system"};
    for (const WorkflowRecord& record : {second, first, other}) {
        const auto put = w.partition->putWorkflow(record);
        VERIFY_OK(put);
        QVERIFY(*put);
    }
    // Again it is known, whoever says it; with other contents it is refused, and what was there stays.
    auto again = second;
    again.storedBy = "bob";
    again.storedAt = w.tick();
    const auto known = w.partition->putWorkflow(again);
    VERIFY_OK(known);
    QVERIFY(!*known);
    again.source += ' ';
    VERIFY_FAILS(w.partition->putWorkflow(again), ErrorCode::ActionNotAllowed);
    w.reopen();
    const auto all = w.reader->listWorkflows();
    VERIFY_OK(all);
    QVERIFY((*all == std::vector<WorkflowRecord>{other, first, second}));
}

void StoreContract::keepsTheLastChoiceOfEachChannel()
{
    World& w = *m_world;
    VERIFY_OK(w.partition->addWorkflowChoices({{"", "standard", 1, w.tick(), "system"}}));
    VERIFY_OK(w.partition->addWorkflowChoices(
        {{"web", "digital", 1, w.tick(), "ann"}, {"pos", "prepaid", 1, w.now, "ann"}}));
    VERIFY_OK(w.partition->addWorkflowChoices({{"web", "digital", 2, w.tick(), "bob"}}));
    VERIFY_OK(w.partition->addWorkflowChoices({{"pos", "", 0, w.tick(), "bob"}}));
    w.reopen();
    const auto choices = w.reader->listWorkflowChoices();
    VERIFY_OK(choices);
    QCOMPARE(choices->size(), std::size_t{2});
    QVERIFY((*choices)[0].channel.empty() && (*choices)[0].name == "standard");
    QVERIFY((*choices)[1].channel == "web" && (*choices)[1].name == "digital" && (*choices)[1].version == 2
        && (*choices)[1].actor == "bob");
    // Given up and chosen again.
    VERIFY_OK(w.partition->addWorkflowChoices({{"pos", "prepaid", 1, w.tick(), "ann"}}));
    QCOMPARE(w.reader->listWorkflowChoices()->size(), std::size_t{3});
}

void StoreContract::aStaleOwnerStoresNoWorkflow()
{
    World& w = *m_world;
    const auto usurper = w.store->acquire(0);
    VERIFY_OK(usurper);
    VERIFY_FAILS(w.partition->putWorkflow({"late", 1, "x", w.now, "ann"}), ErrorCode::StaleToken);
    VERIFY_FAILS(w.partition->addWorkflowChoices({{"", "late", 1, w.now, "ann"}}), ErrorCode::StaleToken);
    QVERIFY(w.reader->listWorkflows()->empty());
    QVERIFY(w.reader->listWorkflowChoices()->empty());
}

void StoreContract::keepsWhatMigratedOrdersGoBy()
{
    World& w = *m_world;
    const auto ids = w.submit(4);
    for (const OrderId& id : ids) // all wait for pay
        w.scribe->complete(id, w.tick());
    VERIFY_OK(w.scribe->commit(*w.partition));
    Workflow next = standardWorkflow();
    next.version = 2;
    next.steps[0] = {.name = "greet", .kind = StepKind::Manual}; // in place of validate, which was done
    const auto to = std::make_shared<const Workflow>(next);
    for (const OrderId& id : ids)
        w.scribe->act(id, MigrateWorkflow{to, {}, {}, "version 2 is better"}, w.tick());
    w.scribe->use(next);
    VERIFY_OK(w.scribe->commit(*w.partition));
    w.scribe->act(ids[1], TakeAction{.action = Action::Hold, .reason = "look", .holdId = "h1"}, w.tick());
    w.scribe->act(ids[2], TakeAction{.action = Action::Cancel, .reason = "changed mind"}, w.tick());
    while (w.scribe->order(ids[3]).outcome == Outcome::Open)
        w.scribe->complete(ids[3], w.tick());
    VERIFY_OK(w.scribe->commit(*w.partition));
    w.reopen();
    QCOMPARE(difference(*w.reader, *w.scribe), std::string());
    for (const OrderId& id : ids) {
        const auto stored = w.reader->readOrder(id);
        VERIFY_OK(stored);
        QVERIFY(stored->order.isMigrated);
        QCOMPARE(stored->order.summary->workflowVersion, 2);
        QVERIFY(stored->order.summary->skippedSteps == std::vector<std::string>{"greet"});
        QVERIFY(stored->order.summary->doneSteps == std::vector<std::string>{"validate"});
        // The first event still tells what it came in under, and the history leads to what it is.
        const auto events = w.reader->readEventsOfOrder(id, 0, 100);
        VERIFY_OK(events);
        const auto& received = std::get<OrderReceived>(events->front().logged.event.body);
        QCOMPARE(received.summary->workflowVersion, 1);
        Order replayed{.id = id};
        for (const EventRecord& record : *events)
            replayed = apply(std::move(replayed), record.logged.event);
        QVERIFY(replayed == stored->order);
    }
    int open = 0;
    VERIFY_OK(w.partition->forEachOpenOrder([&](const OrderRecord& record) {
        ++open;
        QVERIFY(record.order == w.scribe->orders().at(record.order.id).order);
    }));
    QCOMPARE(open, 3);
}

} // namespace gantry::test
