// SPDX-License-Identifier: GPL-3.0-or-later
// What logging in is made of: passwords, the delay of guesses, and sessions.
#include "daemon/api/login_throttle.h"
#include "daemon/api/passwords.h"
#include "daemon/api/sessions.h"

#include <QTest>
#include <set>

using namespace gantry;
using namespace gantry::api;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

class ManualClock final : public Clock {
public:
    Timestamp at = fromMillis(1'772'300'000'000);
    [[nodiscard]] Timestamp now() const override { return at; }
};

constexpr PasswordCost cheap{1, 8192};

} // namespace

class LoggingInTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void aHashFitsItsPasswordAlone()
    {
        const auto hash = hashPassword("seven grey herons", cheap);
        QVERIFY(hash);
        QVERIFY(hash->starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        QVERIFY(fitsPassword("seven grey herons", *hash));
        QVERIFY(!fitsPassword("seven grey heron", *hash));
        QVERIFY(!fitsPassword("", *hash));
        QVERIFY(!fitsPassword("seven grey herons", ""));
        QVERIFY(!fitsPassword("seven grey herons", "not a hash"));
        QVERIFY(*hashPassword("seven grey herons", cheap) != *hash); // another salt
        QVERIFY(isOutdated(*hash));
        QVERIFY(!isOutdated(*hash, cheap));
        QVERIFY(hashPassword("x")->starts_with("$argon2id$v=19$m=65536,t=3,p=1$"));
    }

    void passwordsThatAreGuessedFirstAreRefused_data()
    {
        QTest::addColumn<QString>("password");
        QTest::addColumn<bool>("isGood");
        for (const char* bad :
            {"", "short", "elevenchars", "Password1234", "PASSWORDPASSWORD", "1234567890123", "aaaaaaaaaaaa",
                "abababababababa", "abcabcabcabca", "abcdefghijklmnop", "zyxwvutsrqponm", "ann-loves2026",
                "gantry-ann12", "Gantry123456", "qwertyuiop123", "höhöhöhöhöhö"})
            QTest::addRow("%s", bad) << QString::fromUtf8(bad) << false;
        for (const char* good : {"seven grey herons", "ann went to the sea side", "4kq-8sj-0zt-2mm",
                 "пароль которого нет", "twelve chars", "gantry cranes lift slowly"})
            QTest::addRow("%s", good) << QString::fromUtf8(good) << true;
    }

    void passwordsThatAreGuessedFirstAreRefused()
    {
        QFETCH(QString, password);
        QFETCH(bool, isGood);
        const auto checked = checkNewPassword(password.toStdString(), "ann-loves");
        QCOMPARE(checked.has_value(), isGood);
        if (!isGood)
            QCOMPARE(checked.error().code, ErrorCode::InvalidValue);
    }

    void whatIsMadeIsNeverTheSame()
    {
        std::set<std::string> seen;
        for (int i = 0; i < 1'000; ++i) {
            QVERIFY(seen.insert(makeOneTimePassword()).second);
            QVERIFY(seen.insert(makeSessionToken()).second);
        }
        QCOMPARE(makeSessionToken().size(), 46U);
        QVERIFY(checkNewPassword(makeOneTimePassword(), "ann"));
    }

    void eachFailureCostsMore()
    {
        ManualClock clock;
        LoginThrottle throttle(clock);
        for (int i = 0; i < LoginThrottle::freeOfName; ++i) {
            throttle.failed("ann", "10.0.0." + std::to_string(i));
            QVERIFY(!throttle.waitOf("ann", "x"));
        }
        for (const int expected : {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
            throttle.failed("ann", "y");
            QCOMPARE(throttle.waitOf("ann", "x"), std::optional<milliseconds>(seconds(expected)));
            QVERIFY(!throttle.waitOf("bob", "x")); // nobody else
            clock.at += seconds(expected) - milliseconds(1);
            QCOMPARE(throttle.waitOf("ann", "x"), std::optional(milliseconds(1)));
            clock.at += milliseconds(1);
            QVERIFY(!throttle.waitOf("ann", "x"));
        }
        throttle.succeeded("ann");
        throttle.failed("ann", "z");
        QVERIFY(!throttle.waitOf("ann", "x"));
    }

    void anAddressThatTriesManyNamesWaitsToo()
    {
        ManualClock clock;
        LoginThrottle throttle(clock);
        for (int i = 0; i < LoginThrottle::freeOfPeer; ++i)
            throttle.failed("name " + std::to_string(i), "10.0.0.1");
        QVERIFY(!throttle.waitOf("ann", "10.0.0.1"));
        throttle.succeeded("name 1"); // one that is known does not help
        throttle.failed("another", "10.0.0.1");
        QCOMPARE(throttle.waitOf("ann", "10.0.0.1"), std::optional<milliseconds>(seconds(1)));
        QVERIFY(!throttle.waitOf("ann", "10.0.0.2"));
        clock.at += LoginThrottle::memory + milliseconds(1);
        throttle.failed("ann", "10.0.0.1"); // the first again
        QVERIFY(!throttle.waitOf("ann", "10.0.0.1"));
    }

    void manyNamesCostBoundedMemory()
    {
        ManualClock clock;
        LoginThrottle throttle(clock);
        for (int i = 0; i < 5; ++i)
            throttle.failed("first", "p");
        clock.at += milliseconds(1);
        for (std::size_t i = 0; i < LoginThrottle::mostKept; ++i)
            throttle.failed("name " + std::to_string(i), "peer " + std::to_string(i));
        QVERIFY(!throttle.waitOf("first", "q")); // the oldest went
    }

    void sessionsEndByDisuseAndByAge()
    {
        ManualClock clock;
        Sessions sessions({}, std::string(32, 'p'), clock);
        const std::string token = makeSessionToken();
        const store::PersonSession session{.id = 7,
            .person = "ann",
            .tokenHash = sessions.hash(token),
            .startedAt = clock.at,
            .lastUsedAt = clock.at,
            .idle = std::chrono::minutes(10),
            .expiresAt = clock.at + std::chrono::hours(1)};
        sessions.replace({session});
        QVERIFY(!sessions.find(token + "x"));
        for (int i = 0; i < 6; ++i) {
            clock.at += std::chrono::minutes(9);
            const auto holder = sessions.find(token);
            QVERIFY(holder && holder->person == "ann" && holder->session == 7);
            sessions.replace({session}); // the use is not forgotten
        }
        QCOMPARE(sessions.living().size(), 1U);
        QCOMPARE(sessions.living().front().lastUsedAt, clock.at);
        QVERIFY((sessions.takeUses() == std::vector<store::KeyUse>{{7, clock.at}}));
        QVERIFY(sessions.takeUses().empty());
        clock.at += std::chrono::minutes(6); // an hour in all
        QVERIFY(!sessions.find(token));
        QVERIFY(sessions.living().empty());

        clock.at = session.startedAt + std::chrono::minutes(10);
        sessions.replace({});
        sessions.replace({session});
        QVERIFY(!sessions.find(token)); // not used for long enough
    }
};

QTEST_GUILESS_MAIN(LoggingInTest)
#include "tst_logging_in.moc"
