// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/contract/scribe.h"
#include "tests/contract/store_contract.h"

#include <QtTest>
#include <optional>

/// Verifies that a Result holds a value, and says the error if it doesn't.
#define VERIFY_OK(expression)                                                                                \
    do {                                                                                                     \
        const auto& verifiedResult = (expression);                                                           \
        QVERIFY2(verifiedResult.has_value(),                                                                 \
            verifiedResult.has_value() ? "" : verifiedResult.error().message.c_str());                       \
    } while (false)

/// Verifies that a Result holds an error of that code.
#define VERIFY_FAILS(expression, expectedCode)                                                               \
    do {                                                                                                     \
        const auto& verifiedResult = (expression);                                                           \
        QVERIFY2(!verifiedResult.has_value(), "should have failed");                                         \
        QCOMPARE(::gantry::test::codeOf(verifiedResult.error()), ::gantry::test::codeOf(expectedCode));      \
    } while (false)

namespace gantry::test {

inline std::string codeOf(ErrorCode code)
{
    return std::string(codeName(code));
}
inline std::string codeOf(const Error& error)
{
    return codeOf(error.code);
}

/// The seed of this run: GANTRY_SEED, or a fixed one.
std::uint64_t seedOfRun();

/// A fixed day in the life of the tests.
constexpr Timestamp dayOfTests = fromMillis(1'772'300'000'000);

/// An open store with partition 0, a scribe that writes to it, and a reader.
struct StoreContract::World {
    explicit World(StoreFactory& factory);

    /// Closes and opens the store again; throws if it can't.
    void reopen();

    /// Submits and commits orders numbered on from the last, a second apart; gives their ids.
    std::vector<OrderId> submit(std::size_t count, const std::string& channel = "web");

    /// The next moment.
    Timestamp tick() { return now += std::chrono::seconds(1); }

    StoreFactory& factory;
    std::unique_ptr<store::Store> store;
    std::unique_ptr<store::PartitionStore> partition;
    std::unique_ptr<store::StoreReader> reader;
    std::optional<Scribe> scribe;
    Timestamp now = dayOfTests;
    int submitted = 0;
};

/// Sets what is on hand of a SKU, as a person does who counts it.
Result<store::StockLevel> setStock(store::PartitionStore& partition, const std::string& sku,
    std::int64_t onHand, const std::string& warehouse = std::string(store::mainWarehouse));

/// Compares a whole store with what its scribe remembers. Empty: equal; else what differs first.
std::string difference(store::StoreReader& reader, const Scribe& scribe, std::uint32_t partition = 0);

} // namespace gantry::test
