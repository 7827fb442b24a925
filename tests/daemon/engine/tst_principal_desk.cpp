// SPDX-License-Identifier: GPL-3.0-or-later
// What may be done to principals, and that each act is whole: on a real store.
#include "daemon/engine/principal_desk.h"
#include "daemon/store/sqlite/sqlite_store.h"

#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::engine;
using store::KeyKind;

namespace {

constexpr Timestamp start = fromMillis(1'772'300'000'000);

class ManualClock final : public Clock {
public:
    Timestamp at = start;
    [[nodiscard]] Timestamp now() const override { return at; }
};

template <typename T>
T must(Result<T> result)
{
    if (!result)
        qFatal("%s", result.error().message.c_str());
    return std::move(*result);
}

/// A desk on a store of its own, with the admin `ann` and her two keys.
struct World {
    World()
        : store(must(store::openSqliteStore({.file = folder.filePath(QStringLiteral("s.db")).toStdString()})))
        , partition(must(store->acquire(0)))
        , reader(must(store->openReader()))
        , desk({*partition, *reader, clock,
              [this](const std::vector<store::PrincipalRecord>& all) {
                  told = all;
                  ++tellings;
              },
              [this] { return std::exchange(uses, {}); }})
    {
        must(act("ann", CreatePrincipal{.role = Role::Admin}));
        must(act("ann", AddKey{KeyKind::Api, "ann's"}));
        must(act("ann", AddKey{KeyKind::Curve, "ann's curve"}));
    }

    Result<PrincipalOutcome> act(const std::string& name,
        std::variant<CreatePrincipal, ChangePrincipal, AddKey, RevokeKey> what,
        std::optional<IdempotencyKey> key = {})
    {
        return desk.change({.name = name,
            .act = std::move(what),
            .actor = "ann",
            .reason = "why",
            .idempotency = std::move(key)});
    }

    [[nodiscard]] std::vector<store::PrincipalLogEntry> log() const
    {
        return must(reader->listPrincipalLog("", {}, 100));
    }

    QTemporaryDir folder;
    ManualClock clock;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<store::PartitionStore> partition;
    std::unique_ptr<store::StoreReader> reader;
    std::vector<store::PrincipalRecord> told;
    std::vector<store::KeyUse> uses;
    int tellings = 0;
    PrincipalDesk desk;
};

ErrorCode codeOf(const Result<PrincipalOutcome>& outcome)
{
    return outcome ? ErrorCode::Internal : outcome.error().code;
}

} // namespace

class PrincipalDeskTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_world = std::make_unique<World>(); }

    void whatItTellsIsWhatIsStored()
    {
        World& w = *m_world;
        const auto made = must(w.act("shop", CreatePrincipal{.role = Role::Support, .expiresAt = start}));
        QVERIFY(made.isNew && !made.isReplayed && made.principal.createdBy == "ann");
        const auto key = must(w.act("shop", AddKey{KeyKind::Api, "one"}));
        QVERIFY(key.isNew && key.key != 0);
        must(w.act("shop", ChangePrincipal{Role::Viewer, true}));
        const auto revoked = must(w.act("shop", RevokeKey{key.key}));
        QVERIFY(!revoked.isNew);
        QCOMPARE(revoked.key, key.key);
        QVERIFY(w.told == must(w.reader->listPrincipals()));
        PrincipalDesk again({*w.partition, *w.reader, w.clock});
        QVERIFY(again.load());
        std::vector<std::string> acts;
        for (const store::PrincipalLogEntry& entry : w.log())
            if (entry.principal == "shop")
                acts.push_back(entry.act + ' ' + entry.before + '>' + entry.after);
        const std::vector<std::string> expected{"key_revoked api>", "disabled >",
            "role_changed support>viewer", "key_added >api",
            "created >support, until " + formatRfc3339(start)};
        QVERIFY(acts == expected);
    }

    void whatChangesNothingLeavesNoRecord()
    {
        World& w = *m_world;
        must(w.act("shop", CreatePrincipal{.role = Role::Support}));
        const auto key = must(w.act("shop", AddKey{KeyKind::Curve, "one"}));
        const std::size_t before = w.log().size();
        const int tellings = w.tellings;
        QVERIFY(!must(w.act("shop", ChangePrincipal{Role::Support, false})).isNew);
        const auto same = must(w.act("shop", AddKey{KeyKind::Curve, "one"}));
        QVERIFY(!same.isNew && same.key == key.key);
        QCOMPARE(w.log().size(), before);
        QCOMPARE(w.tellings, tellings);
        must(w.act("shop", RevokeKey{key.key}));
        must(w.act("shop", RevokeKey{key.key}));
        QCOMPARE(w.log().size(), before + 1);
        // A key that was revoked does not come back by being sent again.
        QCOMPARE(codeOf(w.act("shop", AddKey{KeyKind::Curve, "one"})), ErrorCode::ActionNotAllowed);
    }

    void refusesWhatCannotBe()
    {
        World& w = *m_world;
        QCOMPARE(codeOf(w.act("ann", CreatePrincipal{})), ErrorCode::ActionNotAllowed);
        QCOMPARE(codeOf(w.act("bob", ChangePrincipal{Role::Viewer, {}})), ErrorCode::NotFound);
        QCOMPARE(codeOf(w.act("bob", AddKey{KeyKind::Api, "x"})), ErrorCode::NotFound);
        QCOMPARE(codeOf(w.act("bob", RevokeKey{1})), ErrorCode::NotFound);
        must(w.act("bob", CreatePrincipal{}));
        QCOMPARE(codeOf(w.act("bob", RevokeKey{1})), ErrorCode::NotFound); // ann's
        QCOMPARE(codeOf(w.act("bob", AddKey{KeyKind::Api, "ann's"})), ErrorCode::ActionNotAllowed);
        QCOMPARE(w.log().size(), std::size_t{4});
    }

    void twoKeysOfAKindMayLive()
    {
        World& w = *m_world;
        must(w.act("shop", CreatePrincipal{}));
        const auto first = must(w.act("shop", AddKey{KeyKind::Api, "1"}));
        must(w.act("shop", AddKey{KeyKind::Api, "2", start + std::chrono::hours(1)}));
        must(w.act("shop", AddKey{KeyKind::Curve, "c1"}));
        QCOMPARE(codeOf(w.act("shop", AddKey{KeyKind::Api, "3"})), ErrorCode::ActionNotAllowed);
        must(w.act("shop", RevokeKey{first.key}));
        must(w.act("shop", AddKey{KeyKind::Api, "3"}));
        QCOMPARE(codeOf(w.act("shop", AddKey{KeyKind::Api, "4"})), ErrorCode::ActionNotAllowed);
        w.clock.at += std::chrono::hours(1); // the second is over
        must(w.act("shop", AddKey{KeyKind::Api, "4"}));
    }

    void theLastAdminStays()
    {
        World& w = *m_world;
        const auto keys = w.told.front().keys;
        must(w.act("ann", RevokeKey{keys[0].id}));
        QCOMPARE(codeOf(w.act("ann", RevokeKey{keys[1].id})), ErrorCode::ActionNotAllowed);
        QCOMPARE(codeOf(w.act("ann", ChangePrincipal{Role::Support, {}})), ErrorCode::ActionNotAllowed);
        QCOMPARE(codeOf(w.act("ann", ChangePrincipal{{}, true})), ErrorCode::ActionNotAllowed);
        // Neither an admin without a key nor one whose key or time ends is enough.
        must(w.act("bob", CreatePrincipal{.role = Role::Admin}));
        QCOMPARE(codeOf(w.act("ann", ChangePrincipal{{}, true})), ErrorCode::ActionNotAllowed);
        must(w.act("bob", AddKey{KeyKind::Api, "b1", start + std::chrono::hours(1)}));
        QCOMPARE(codeOf(w.act("ann", ChangePrincipal{{}, true})), ErrorCode::ActionNotAllowed);
        must(w.act("eve", CreatePrincipal{.role = Role::Admin, .expiresAt = start + std::chrono::hours(1)}));
        must(w.act("eve", AddKey{KeyKind::Api, "e1"}));
        QCOMPARE(codeOf(w.act("ann", ChangePrincipal{{}, true})), ErrorCode::ActionNotAllowed);
        must(w.act("bob", AddKey{KeyKind::Api, "b2"}));
        must(w.act("ann", ChangePrincipal{{}, true}));
        QCOMPARE(codeOf(w.act("bob", ChangePrincipal{Role::Viewer, {}})), ErrorCode::ActionNotAllowed);
        must(w.act("ann", ChangePrincipal{{}, false}));
        must(w.act("bob", ChangePrincipal{Role::Viewer, {}}));
    }

    void aRepeatMakesNoSecondKey()
    {
        World& w = *m_world;
        must(w.act("shop", CreatePrincipal{}));
        const IdempotencyKey key{"ann", "k1", {1}};
        const auto first = must(w.act("shop", AddKey{KeyKind::Api, "1"}, key));
        QVERIFY(first.isNew);
        const auto repeat =
            must(w.act("shop", AddKey{KeyKind::Api, "2"}, key)); // each call has a fresh secret
        QVERIFY(!repeat.isNew && repeat.isReplayed);
        QCOMPARE(repeat.key, first.key);
        QCOMPARE(repeat.principal.keys.size(), std::size_t{1});
        QCOMPARE(codeOf(w.act("shop", AddKey{KeyKind::Api, "3"}, IdempotencyKey{"ann", "k1", {2}})),
            ErrorCode::IdempotencyKeyReused);
        QVERIFY(must(w.act("shop", AddKey{KeyKind::Api, "4"}, IdempotencyKey{"bob", "k1", {2}})).isNew);
    }

    void usesAreWrittenOnceAMinute()
    {
        World& w = *m_world;
        const std::uint64_t id = w.told.front().keys.front().id;
        w.uses = {{id, start}};
        QVERIFY(w.desk.noteUses());
        w.uses = {{id, start + std::chrono::minutes(1)}};
        w.clock.at += std::chrono::seconds(59);
        QVERIFY(w.desk.noteUses());
        QCOMPARE(w.uses.size(), std::size_t{1});
        QVERIFY(must(w.reader->listPrincipals()).front().keys.front().lastUsedAt == start);
        w.clock.at += std::chrono::seconds(1);
        QVERIFY(w.desk.noteUses());
        QVERIFY(must(w.reader->listPrincipals()).front().keys.front().lastUsedAt
            == start + std::chrono::minutes(1));
    }

private:
    std::unique_ptr<World> m_world;
};

QTEST_APPLESS_MAIN(PrincipalDeskTest)
#include "tst_principal_desk.moc"
