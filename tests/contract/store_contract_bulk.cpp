// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/store_world.h"

namespace gantry::test {

using namespace store;

namespace {

BulkRecord recordOf(std::uint64_t number, Timestamp at)
{
    return {.number = number,
        .id = "blk_" + std::to_string(number),
        .action = Action::Hold,
        .reason = "Zoll \"wartet\"",
        .step = "pay",
        .holdId = "hold_1",
        .expiresAt = at + std::chrono::hours(1),
        .selection = "{\"filter\":{\"step\":\"pay\"}}",
        .createdBy = "ann",
        .role = Role::Support,
        .createdAt = at,
        .key = "key " + std::to_string(number),
        .fingerprint = std::string("\0\x01\xff", 3),
        .rate = 20,
        .canary = 3,
        .stopAfter = 2,
        .total = 3};
}

std::vector<BulkMember> membersOf(const std::vector<OrderId>& orders)
{
    std::vector<BulkMember> members;
    for (const OrderId& order : orders)
        members.push_back(
            {.number = static_cast<std::uint32_t>(members.size()), .order = order, .version = 7});
    return members;
}

BulkChanges::MemberChange changeOf(std::uint64_t bulk, MemberResult from, BulkMember after)
{
    return {bulk, from, std::move(after)};
}

} // namespace

void StoreContract::keepsBulkActions()
{
    World& w = *m_world;
    const auto orders = w.submit(3);
    BulkRecord record = recordOf(1, w.tick());
    BulkRecord bare{.number = 2, .id = "blk_2", .createdBy = "bob", .createdAt = w.tick()};
    BulkChanges created{.created = {record, bare}, .added = {{1, membersOf(orders)}}};
    const BulkLogEntry entry{w.now, "ann", "created", "because", "k", std::string("\0p", 2)};
    created.log.emplace_back(1, entry);
    VERIFY_OK(w.partition->writeBulk(created));
    w.reopen();
    record.counts[0] = 3;
    const auto found = w.reader->findBulk("blk_1");
    VERIFY_OK(found);
    QVERIFY(*found == record);
    QVERIFY(**w.reader->findBulk("blk_2") == bare);
    QVERIFY(!w.reader->findBulk("blk_3")->has_value());
    QVERIFY(*w.reader->findBulkByKey("ann", "key 1") == record);
    QVERIFY(!w.reader->findBulkByKey("bob", "key 1")->has_value());
    QVERIFY(*w.reader->listBulkMembers(1, {}, 0, 10) == membersOf(orders));
    QVERIFY(w.reader->listBulkMembers(2, {}, 0, 10)->empty());
    QVERIFY(*w.reader->listBulkLog(1) == (std::vector<BulkLogEntry>{entry}));
    const auto newest = w.reader->listBulks({}, 1);
    QVERIFY(newest->size() == 1 && newest->front() == bare);
    const auto before = w.reader->listBulks(2, 10);
    QVERIFY(before->size() == 1 && before->front() == record);
}

void StoreContract::countsMembersOfBulkActions()
{
    World& w = *m_world;
    const auto orders = w.submit(3);
    VERIFY_OK(
        w.partition->writeBulk({.created = {recordOf(1, w.tick())}, .added = {{1, membersOf(orders)}}}));
    BulkMember fixed = membersOf(orders)[1];
    fixed.result = MemberResult::Fixed;
    fixed.versionAfter = 8;
    fixed.at = w.tick();
    fixed.round = 1;
    BulkMember failed = membersOf(orders)[2];
    failed.result = MemberResult::FailedAnew;
    failed.step = "pay";
    failed.code = "declined";
    failed.versionAfter = 8;
    failed.at = w.now;
    VERIFY_OK(w.partition->writeBulk({.states = {{1, BulkState::Stopped, {"pay", "declined", 1}, 2, w.now,
                                          {}}},
        .members = {changeOf(1, MemberResult::Pending, fixed), changeOf(1, MemberResult::Pending, failed)}}));
    w.reopen();
    const BulkRecord read = **w.reader->findBulk("blk_1");
    MemberCounts counts{};
    counts[static_cast<std::size_t>(MemberResult::Pending)] = 1;
    counts[static_cast<std::size_t>(MemberResult::Fixed)] = 1;
    counts[static_cast<std::size_t>(MemberResult::FailedAnew)] = 1;
    QVERIFY(read.counts == counts);
    QVERIFY(read.state == BulkState::Stopped && read.stop == (BulkStop{"pay", "declined", 1}));
    QCOMPARE(read.round, std::uint32_t{2});
    QVERIFY(read.resumedAt == w.now && !read.finishedAt);
    QVERIFY(*w.reader->listBulkMembers(1, {}, 1, 10) == (std::vector<BulkMember>{fixed, failed}));
    QVERIFY(*w.reader->listBulkMembers(1, MemberResult::Fixed, 0, 10) == std::vector<BulkMember>{fixed});
    QVERIFY(w.reader->listBulkMembers(1, MemberResult::Fixed, 2, 10)->empty());
    QCOMPARE(w.reader->listBulkMembers(1, {}, 0, 2)->size(), std::size_t{2});
}

void StoreContract::writesBulkActionsWholeOrNotAtAll()
{
    World& w = *m_world;
    const auto orders = w.submit(3);
    VERIFY_OK(
        w.partition->writeBulk({.created = {recordOf(1, w.tick())}, .added = {{1, membersOf(orders)}}}));
    BulkMember first = membersOf(orders)[0];
    first.result = MemberResult::Sent;
    BulkMember second = membersOf(orders)[1];
    second.result = MemberResult::Done;
    // The second is not what it should be before the change: the first is not changed either.
    VERIFY_FAILS(w.partition->writeBulk({.members = {changeOf(1, MemberResult::Pending, first),
                                             changeOf(1, MemberResult::Sent, second)}}),
        ErrorCode::Internal);
    VERIFY_FAILS(
        w.partition->writeBulk({.states = {{9, BulkState::Paused, {}, 0, {}, {}}}}), ErrorCode::Internal);
    QVERIFY(*w.reader->listBulkMembers(1, {}, 0, 10) == membersOf(orders));
    QCOMPARE((**w.reader->findBulk("blk_1")).counts[0], std::int64_t{3});
    // What was refused does not stand in the way of what comes next.
    VERIFY_OK(w.partition->writeBulk({.members = {changeOf(1, MemberResult::Pending, first)}}));
    const auto usurper = w.store->acquire(0);
    VERIFY_OK(usurper);
    VERIFY_FAILS(w.partition->writeBulk({.members = {changeOf(1, MemberResult::Pending, second)}}),
        ErrorCode::StaleToken);
    QCOMPARE((**w.reader->findBulk("blk_1")).counts[1], std::int64_t{1});
}

void StoreContract::listsBulkActionsThatGoOn()
{
    World& w = *m_world;
    const auto orders = w.submit(1);
    BulkChanges changes;
    constexpr BulkState states[] = {BulkState::Freezing, BulkState::Running, BulkState::Paused,
        BulkState::Stopped, BulkState::Completed, BulkState::Canceled};
    for (const BulkState state : states) {
        changes.created.push_back(recordOf(changes.created.size() + 1, w.tick()));
        changes.created.back().state = state;
    }
    // Ended, but of one member it is not known for good: one of each result.
    for (std::size_t i = 0; i < memberResultCount; ++i) {
        BulkRecord record = recordOf(7 + i, w.tick());
        record.state = BulkState::Completed;
        changes.added.push_back({record.number, membersOf(orders)});
        changes.created.push_back(std::move(record));
    }
    VERIFY_OK(w.partition->writeBulk(changes));
    for (std::size_t i = 1; i < memberResultCount; ++i) {
        BulkMember member = membersOf(orders).front();
        member.result = static_cast<MemberResult>(i);
        VERIFY_OK(w.partition->writeBulk({.members = {changeOf(7 + i, MemberResult::Pending, member)}}));
    }
    const auto unfinished = w.reader->listUnfinishedBulks();
    VERIFY_OK(unfinished);
    std::vector<std::uint64_t> numbers;
    for (const BulkRecord& record : *unfinished)
        numbers.push_back(record.number);
    QVERIFY((numbers == std::vector<std::uint64_t>{1, 2, 3, 4, 7, 8, 9, 13, 19}));
}

} // namespace gantry::test
