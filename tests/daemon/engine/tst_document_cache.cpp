// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/document_cache.h"

#include <QTest>

using namespace gantry;
using engine::DocumentCache;

namespace {

OrderId id(std::uint64_t number)
{
    return OrderId::make(fromMillis(1'770'000'000'000), 1, {number, number});
}

DocumentCache::Document text(std::size_t bytes)
{
    return std::make_shared<const std::string>(bytes, 'x');
}

} // namespace

class DocumentCacheTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void givesWhatWasPut()
    {
        DocumentCache cache(10'000);
        const auto document = text(10);
        QVERIFY(!cache.find(id(1)));
        cache.put(id(1), document);
        QCOMPARE(cache.find(id(1)), document);
        cache.erase(id(1));
        QVERIFY(!cache.find(id(1)));
        QCOMPARE(cache.bytes(), std::size_t{0});
    }

    void letsGoOfWhatWasNotUsedForLongest()
    {
        DocumentCache cache(4'000);
        cache.put(id(1), text(1'000));
        cache.put(id(2), text(1'000));
        cache.put(id(3), text(1'000));
        QVERIFY(cache.find(id(1)));
        cache.put(id(4), text(1'000));
        QVERIFY(cache.find(id(1)));
        QVERIFY(!cache.find(id(2)));
        QVERIFY(cache.find(id(3)));
        QVERIFY(cache.find(id(4)));
        QVERIFY(cache.bytes() <= 4'000);
    }

    void keepsNothingThatIsTooLarge()
    {
        DocumentCache cache(500);
        cache.put(id(1), text(1'000));
        QVERIFY(!cache.find(id(1)));
        QCOMPARE(cache.bytes(), std::size_t{0});
    }

    void aSecondPutReplaces()
    {
        DocumentCache cache(10'000);
        cache.put(id(1), text(100));
        const auto bytes = cache.bytes();
        cache.put(id(1), text(100));
        QCOMPARE(cache.bytes(), bytes);
    }
};

QTEST_GUILESS_MAIN(DocumentCacheTest)
#include "tst_document_cache.moc"
