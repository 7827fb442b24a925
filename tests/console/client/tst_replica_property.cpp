// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/console/client/replica_world.h"

#include <QTest>

using namespace gantry::test;

/// Whatever the network and the daemon do, what is called live is exact, and when they behave again the replica equals the daemon.
class TestReplicaProperty : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void convergesFromAnything()
    {
        WorldCoverage seen;
        QVERIFY(holds("a replica converges", [&] {
            const auto seed = *rc::gen::arbitrary<std::uint64_t>();
            const auto steps = *rc::gen::inRange(0, 600);
            ReplicaWorld world(seed, seen);
            for (int i = 0; i < steps && world.complaint().empty(); ++i)
                world.step();
            world.heal();
            world.checkFollower();
            if (!world.complaint().empty())
                RC_FAIL(world.complaint());
        }));
        QVERIFY(seen.snapshotParts > 0);
        QVERIFY(seen.changesBetweenParts > 0);
        QVERIFY(seen.replays > 0);
        QVERIFY(seen.tooOld > 0);
        QVERIFY(seen.lostMessages > 0);
        QVERIFY(seen.repeatedMessages > 0);
        QVERIFY(seen.lostAnswers > 0);
        QVERIFY(seen.problems > 0);
        QVERIFY(seen.restarts > 0);
        QVERIFY(seen.reconnects > 0);
        QVERIFY(seen.liveChecks > 0);
        QVERIFY(seen.staleSeen > 0);
        QVERIFY(seen.resets > 0);
    }
};

QTEST_GUILESS_MAIN(TestReplicaProperty)
#include "tst_replica_property.moc"
