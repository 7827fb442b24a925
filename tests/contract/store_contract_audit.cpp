// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/audit_hash.h"
#include "tests/contract/store_world.h"

namespace gantry::test {

using namespace store;

namespace {

AuditAct actOf(const std::string& actor, const std::string& action, const std::string& target, Timestamp at)
{
    return {.at = at,
        .actor = actor,
        .origin = {AuditDoor::ZeroMq, "10.0.0.5", 7},
        .action = action,
        .targetKind = "order",
        .target = target,
        .reason = "Größe",
        .before = R"({"version":1})",
        .after = R"({"version":2})"};
}

/// Commits an order with acts beside it.
Result<void> commit(Scribe& scribe, PartitionStore& partition, const std::string& externalId, Timestamp at,
    std::vector<AuditAct> acts)
{
    scribe.submit(documentOf("web", externalId), at);
    scribe.extra().audit = std::move(acts);
    return scribe.commit(partition);
}

} // namespace

void StoreContract::chainsTheAudit()
{
    World& w = *m_world;
    QVERIFY(w.reader->listAuditChains()->empty());
    QVERIFY(w.reader->listAudit({}, {}, 10)->empty());
    std::vector<AuditAct> acts;
    for (int i = 0; i < 5; ++i)
        acts.push_back(actOf(i % 2 == 0 ? "ann" : "bob", "order.hold", "ord_" + std::to_string(i), w.tick()));
    VERIFY_OK(commit(*w.scribe, *w.partition, "A", w.now, {acts[0], acts[1]}));
    VERIFY_OK(commit(*w.scribe, *w.partition, "B", w.now, {acts[2]}));
    w.reopen();
    VERIFY_OK(commit(*w.scribe, *w.partition, "C", w.now, {acts[3], acts[4]}));

    const auto entries = w.reader->listAudit({}, {}, 10);
    VERIFY_OK(entries);
    QCOMPARE(entries->size(), acts.size());
    AuditHash previous{};
    for (std::size_t i = 0; i < acts.size(); ++i) {
        const AuditEntry& entry = (*entries)[acts.size() - 1 - i];
        QVERIFY(entry.act == acts[i]);
        QCOMPARE(entry.sequence, std::uint64_t{i + 1});
        QVERIFY(entry.previous == previous);
        QVERIFY(entry.hash == auditHash(entry));
        QVERIFY(entry.salt && entry.reasonDigest == reasonDigest(*entry.salt, acts[i].reason));
        previous = entry.hash;
    }
    const auto chains = w.reader->listAuditChains();
    VERIFY_OK(chains);
    QVERIFY((*chains
        == std::vector<AuditChain>{{.partition = 0, .first = 1, .anchor = {}, .last = 5, .head = previous}}));
}

void StoreContract::listsTheAuditByEveryFilter()
{
    World& w = *m_world;
    std::vector<AuditAct> acts;
    for (int i = 0; i < 12; ++i)
        acts.push_back(actOf(i % 2 == 0 ? "ann" : "bob", i % 3 == 0 ? "order.hold" : "order.cancel",
            "ord_" + std::to_string(i % 4), w.tick()));
    VERIFY_OK(commit(*w.scribe, *w.partition, "A", w.now, acts));
    const auto sequences = [&](const AuditFilter& filter, std::optional<std::uint64_t> before,
                               std::size_t limit) {
        std::vector<std::uint64_t> found;
        for (const AuditEntry& entry : *w.reader->listAudit(filter, before, limit))
            found.push_back(entry.sequence);
        return found;
    };
    using Sequences = std::vector<std::uint64_t>;
    QVERIFY((sequences({}, {}, 3) == Sequences{12, 11, 10}));
    QVERIFY((sequences({}, auditPosition(0, 10), 3) == Sequences{9, 8, 7}));
    QVERIFY((sequences({.actor = "ann"}, {}, 20) == Sequences{11, 9, 7, 5, 3, 1}));
    QVERIFY((sequences({.action = "order.hold"}, {}, 20) == Sequences{10, 7, 4, 1}));
    QVERIFY((sequences({.target = "ord_1"}, {}, 20) == Sequences{10, 6, 2}));
    QVERIFY((sequences({.since = acts[9].at}, {}, 20) == Sequences{12, 11, 10}));
    QVERIFY((sequences({.until = acts[2].at}, {}, 20) == Sequences{2, 1}));
    QVERIFY((sequences({"ann", "order.hold", "ord_2", acts[2].at, acts[8].at}, {}, 20) == Sequences{7}));
    QVERIFY(sequences({.actor = "cleo"}, {}, 20).empty());
}

void StoreContract::auditsNothingThatIsNotCommitted()
{
    World& w = *m_world;
    const std::vector<AuditAct> acts{actOf("ann", "order.hold", "ord_1", w.tick())};
    {
        w.scribe->submit(documentOf("web", "A"), w.now);
        w.scribe->extra().audit = acts;
        BatchChanges changes = w.scribe->changes();
        changes.events.back().logged.sequence += 1; // can't follow
        const auto batch = w.partition->begin();
        VERIFY_OK(batch);
        VERIFY_FAILS((*batch)->commit(changes), ErrorCode::Internal);
    }
    QVERIFY(w.reader->listAudit({}, {}, 10)->empty());
    QVERIFY(w.reader->listAuditChains()->empty());
    const auto usurper = w.store->acquire(0);
    VERIFY_OK(usurper);
    VERIFY_FAILS(w.scribe->commit(*w.partition), ErrorCode::StaleToken);
    QVERIFY(w.reader->listAudit({}, {}, 10)->empty());
}

} // namespace gantry::test
