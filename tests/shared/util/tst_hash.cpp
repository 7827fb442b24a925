// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/hash.h"

#include <QTest>
#include <bit>

namespace gantry {

class HashTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void fnv1aIsTheStandardOne()
    {
        // The test vectors of its authors: slots and digests must never change.
        QCOMPARE(fnv1a(""), std::uint64_t{0xcbf29ce484222325});
        QCOMPARE(fnv1a("a"), std::uint64_t{0xaf63dc4c8601ec8c});
        QCOMPARE(fnv1a("foobar"), std::uint64_t{0x85944171f73967e8});
        QCOMPARE(fnv1a(std::string_view("\xff\0", 2)), fnv1a(std::string_view("\0", 1), fnv1a("\xff")));
    }

    void mix64IsTheStandardOne()
    {
        // The first numbers of SplitMix64 from the seed 0.
        const std::uint64_t step = 0x9e3779b97f4a7c15;
        QCOMPARE(mix64(step), std::uint64_t{0xe220a8397b1dcdaf});
        QCOMPARE(mix64(2 * step), std::uint64_t{0x6e789e6aa1b965f4});
        QCOMPARE(mix64(3 * step), std::uint64_t{0x06c45d188009454f});
        QCOMPARE(mix64(0), std::uint64_t{0});
    }

    void mix64SpreadsEachBit()
    {
        for (int bit = 0; bit < 64; ++bit) {
            int changed = 0;
            for (std::uint64_t i = 1; i <= 1000; ++i)
                changed += std::popcount(mix64(i) ^ mix64(i ^ (std::uint64_t{1} << bit)));
            QVERIFY2(changed > 31'000 && changed < 33'000, QByteArray::number(changed).constData());
        }
    }
};

} // namespace gantry

QTEST_APPLESS_MAIN(gantry::HashTest)
#include "tst_hash.moc"
