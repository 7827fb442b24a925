// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/state_counts.h"

#include <QtTest>

using namespace gantry;
using namespace gantry::console;

class TestStateCounts : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsWhatTheDaemonTells()
    {
        const auto stats =
            readStats(R"({"orders":{"by_state":{"received":1,"running":20,"waiting":300,"failed":4,
            "compensating":5,"completed":60000,"canceled":7,"compensation_failed":1000,"later":1},"open_by_step":{"pay":3}},
            "partitions":[{"partition":0,"epoch":3,"sequence":99},{"partition":"x"}],"new":true})");
        QVERIFY(stats);
        QCOMPARE(stats->counts[OrderState::Waiting], std::uint64_t{300});
        QCOMPARE(stats->counts[OrderState::Completed], std::uint64_t{60'000});
        QCOMPARE(stats->counts.open(), std::uint64_t{1330});
        QCOMPARE(stats->partitions, (std::vector<PartitionPosition>{{0, 3, 99}}));
    }

    void refusesWhatIsNotStatistics()
    {
        QCOMPARE(readStats("{").error().code, ErrorCode::MalformedJson);
        QCOMPARE(readStats("[]").error().code, ErrorCode::MissingField);
        QCOMPARE(readStats(R"({"orders":3})").error().code, ErrorCode::MissingField);
    }
};

QTEST_GUILESS_MAIN(TestStateCounts)
#include "tst_state_counts.moc"
