// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bulk/bulk_queue.h"

#include <QTest>
#include <thread>

using namespace gantry;
using namespace gantry::bulk;
using std::chrono::steady_clock;

class BulkQueueTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void requestsAreBoundedAnswersAreNot()
    {
        BulkQueue queue;
        for (std::size_t i = 0; i < BulkLimits::waiting; ++i)
            QVERIFY(queue.post(SteerBulk{}));
        QVERIFY(!queue.post(SteerBulk{}));
        QVERIFY(!queue.post(CreateBulk{}));
        QVERIFY(queue.post(WriteAnswer{}));
        QCOMPARE(queue.take(steady_clock::now()).size(), BulkLimits::waiting + 1);
        QVERIFY(queue.post(SteerBulk{}));
    }

    void closingWakesAndRefuses()
    {
        BulkQueue queue;
        std::thread closer([&queue] { queue.close(); });
        QVERIFY(queue.take(steady_clock::now() + std::chrono::hours(1)).empty());
        closer.join();
        QVERIFY(queue.isClosed());
        QVERIFY(!queue.post(SteerBulk{}));
        QVERIFY(queue.post(WriteAnswer{})); // what was sent before may still be answered
    }
};

QTEST_APPLESS_MAIN(BulkQueueTest)
#include "tst_bulk_queue.moc"
