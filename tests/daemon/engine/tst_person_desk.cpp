// SPDX-License-Identifier: GPL-3.0-or-later
// What becomes of passwords and sessions, and that each act is whole: on a real store.
#include "daemon/engine/person_desk.h"
#include "daemon/store/sqlite/sqlite_store.h"

#include <QTemporaryDir>
#include <QTest>

using namespace gantry;
using namespace gantry::engine;

namespace {

class ManualClock final : public Clock {
public:
    Timestamp at = fromMillis(1'772'300'000'000);
    [[nodiscard]] Timestamp now() const override { return at; }
};

template <typename T>
T must(Result<T> result)
{
    if (!result)
        qFatal("%s", result.error().message.c_str());
    return std::move(*result);
}

/// A desk on a store of its own, with the person `ann`, whose password is kept as `hash`.
struct World {
    World()
        : store(must(store::openSqliteStore({.file = folder.filePath(QStringLiteral("s.db")).toStdString()})))
        , partition(must(store->acquire(0)))
        , reader(must(store->openReader()))
        , desk({*partition, *reader, clock,
              [this](const std::vector<store::PersonSession>& all) { told = all; },
              [this] { return std::exchange(uses, {}); }})
    {
        must(desk.load().map([] { return 0; }));
        must(act("ann", SetPassword{"hash"}, "boss"));
    }

    Result<PersonOutcome> act(
        const std::string& person, std::variant<OpenSession, SetPassword, EndSession> what, std::string actor)
    {
        return desk.change({person, std::move(what), std::move(actor), "why"});
    }

    std::uint64_t open(const std::string& token)
    {
        return must(
            act("ann", OpenSession{must(reader->findPassword("ann"))->hash, token, "10.0.0.1", {}}, "ann"))
            .session.id;
    }

    [[nodiscard]] std::vector<std::uint64_t> living() const
    {
        std::vector<std::uint64_t> ids;
        for (const store::PersonSession& session : must(reader->listSessions(clock.at)))
            ids.push_back(session.id);
        return ids;
    }

    QTemporaryDir folder;
    ManualClock clock;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<store::PartitionStore> partition;
    std::unique_ptr<store::StoreReader> reader;
    std::vector<store::PersonSession> told;
    std::vector<store::KeyUse> uses;
    PersonDesk desk;
};

} // namespace

class PersonDeskTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void init() { m_world = std::make_unique<World>(); }

    void whatItTellsIsWhatIsStored()
    {
        World& w = *m_world;
        const auto first = w.open("one");
        const auto second = w.open("two");
        QVERIFY(w.told == must(w.reader->listSessions(w.clock.at)));
        QVERIFY(w.told.front().mustChange); // the boss has set the password
        must(w.act("ann", EndSession{first}, "boss"));
        QVERIFY(w.living() == std::vector<std::uint64_t>{second});
        QVERIFY(w.told == must(w.reader->listSessions(w.clock.at)));
        PersonDesk again({*w.partition, *w.reader, w.clock});
        QVERIFY(again.load());
        QCOMPARE(w.act("ann", EndSession{first}, "boss").error().code, ErrorCode::NotFound);
        const auto log = must(w.reader->listPrincipalLog("ann", {}, 10));
        QCOMPARE(log.size(), 2U);
        QCOMPARE(log[0].act, std::string("session_ended"));
        QCOMPARE(log[1].act, std::string("password_reset"));
        QCOMPARE(log[0].reason, std::string("why"));
        must(w.act("ann", EndSession{second}, "ann")); // logs out: on record with the session alone
        QCOMPARE(must(w.reader->listPrincipalLog("ann", {}, 10)).size(), 2U);
    }

    void aPasswordThatWasChangedMeanwhileOpensNothing()
    {
        World& w = *m_world;
        const auto late = w.act("ann", OpenSession{"another", "t", "", {}}, "ann");
        QCOMPARE(late.error().code, ErrorCode::Unauthenticated);
        QCOMPARE(w.act("ann", SetPassword{"new", "another"}, "ann").error().code, ErrorCode::Unauthenticated);
        QCOMPARE(
            w.act("bob", OpenSession{"hash", "t", "", {}}, "bob").error().code, ErrorCode::Unauthenticated);
        QVERIFY(w.living().empty());
        QCOMPARE(must(w.reader->findPassword("ann"))->hash, std::string("hash"));
    }

    void aNewPasswordEndsTheOthersSessions()
    {
        World& w = *m_world;
        const auto own = w.open("one");
        w.open("two");
        must(w.act("ann", SetPassword{"new", "hash", own}, "ann"));
        QVERIFY(w.living() == std::vector<std::uint64_t>{own});
        QVERIFY(!w.told.front().mustChange && !must(w.reader->listSessions(w.clock.at)).front().mustChange);
        QVERIFY(!must(w.reader->findPassword("ann"))->mustChange);
        must(w.act("ann", SetPassword{"reset"}, "boss"));
        QVERIFY(w.living().empty() && w.told.empty());
    }

    void aHashIsMadeBetterOnTheWay()
    {
        World& w = *m_world;
        must(w.act("ann", OpenSession{"hash", "one", "", "better"}, "ann"));
        const auto kept = must(w.reader->findPassword("ann"));
        QCOMPARE(kept->hash, std::string("better"));
        QVERIFY(kept->mustChange && kept->setBy == "boss"); // nothing else
    }

    void theOldestGivesWay()
    {
        World& w = *m_world;
        std::vector<std::uint64_t> ids;
        for (std::size_t i = 0; i <= SessionLimits::ofPerson; ++i) {
            ids.push_back(w.open("token " + std::to_string(i)));
            w.clock.at += std::chrono::seconds(1);
        }
        ids.erase(ids.begin());
        QVERIFY(w.living() == ids);
    }

    void sessionsRunOut()
    {
        World& w = *m_world;
        w.open("one");
        w.clock.at += SessionLimits::whole;
        QVERIFY(w.living().empty());
        const auto next = w.open("two");
        QCOMPARE(w.told.size(), 1U);
        QCOMPARE(w.told.front().id, next);
    }

    void usesAreWrittenOnceAMinute()
    {
        World& w = *m_world;
        const auto id = w.open("one");
        const Timestamp used = w.clock.at + std::chrono::seconds(30);
        w.uses = {{id, used}, {999, used}};
        QVERIFY(w.desk.noteUses());
        QCOMPARE(must(w.reader->listSessions(w.clock.at)).front().lastUsedAt, used);
        w.uses = {{id, used + std::chrono::seconds(1)}};
        QVERIFY(w.desk.noteUses());
        QCOMPARE(w.uses.size(), 1U); // not yet
    }

    void whoIsShutOutLosesAllSessions()
    {
        World& w = *m_world;
        w.open("one");
        w.open("two");
        QVERIFY(w.desk.endAllOf("bob", "boss"));
        QCOMPARE(w.living().size(), 2U);
        QVERIFY(w.desk.endAllOf("ann", "boss"));
        QVERIFY(w.living().empty() && w.told.empty());
    }

private:
    std::unique_ptr<World> m_world;
};

QTEST_GUILESS_MAIN(PersonDeskTest)
#include "tst_person_desk.moc"
