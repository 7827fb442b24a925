// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/contract/store_world.h"

#include "shared/protocol/event_codec.h"

#include <cstdlib>
#include <stdexcept>

namespace gantry::test {

namespace {

template <typename T>
T take(Result<T> result)
{
    if (!result)
        throw std::runtime_error(result.error().message);
    return std::move(*result);
}

std::string textOf(const store::EventRecord& record)
{
    JsonWriter json;
    writeEvent(json, record.logged);
    return json.text() + " after " + std::to_string(record.previousSequence);
}

std::string differenceOfLog(store::StoreReader& reader, const Scribe& scribe, std::uint32_t partition)
{
    const auto log = reader.readLog(partition, 0, scribe.log().size() + 10);
    if (!log)
        return log.error().message;
    if (log->size() != scribe.log().size())
        return "the log has " + std::to_string(log->size()) + " events, not "
            + std::to_string(scribe.log().size());
    for (std::size_t i = 0; i < log->size(); ++i)
        if (textOf((*log)[i]) != textOf(scribe.log()[i]))
            return "the log tells " + textOf((*log)[i]) + " and not " + textOf(scribe.log()[i]);
    return {};
}

} // namespace

std::uint64_t seedOfRun()
{
    const char* text = std::getenv("GANTRY_SEED");
    return text ? std::strtoull(text, nullptr, 10) : 20260301;
}

Result<store::StockLevel> setStock(store::PartitionStore& partition, const std::string& sku,
    std::int64_t onHand, const std::string& warehouse)
{
    auto changed = partition.changeStock(
        {.sku = sku, .warehouse = warehouse, .quantity = onHand, .actor = "ann", .at = dayOfTests});
    return changed ? Result<store::StockLevel>(std::move(changed->level))
                   : tl::unexpected(std::move(changed.error()));
}

StoreContract::World::World(StoreFactory& storeFactory)
    : factory(storeFactory)
{
    factory.reset();
    reopen();
    scribe.emplace(partition->info(), seedOfRun());
}

void StoreContract::World::reopen()
{
    reader.reset();
    partition.reset();
    store.reset();
    store = take(factory.open());
    partition = take(store->acquire(0));
    reader = take(store->openReader());
}

std::vector<OrderId> StoreContract::World::submit(std::size_t count, const std::string& channel)
{
    std::vector<OrderId> ids;
    for (std::size_t i = 0; i < count; ++i)
        ids.push_back(scribe->submit(documentOf(channel, "A-" + std::to_string(++submitted)), tick()));
    if (auto done = scribe->commit(*partition); !done)
        throw std::runtime_error(done.error().message);
    return ids;
}

std::string difference(store::StoreReader& reader, const Scribe& scribe, std::uint32_t partition)
{
    for (const auto& [id, record] : scribe.orders()) {
        const auto stored = reader.readOrder(id);
        if (!stored)
            return stored.error().message;
        if (!(stored->order == record.order))
            return "order " + id.text() + " is not as it was committed";
        if (stored->document != scribe.documents().at(id))
            return "the document of " + id.text() + " is not as it was committed";
    }
    const auto counters = reader.readCounters();
    if (!counters)
        return counters.error().message;
    const store::Counters recounted = scribe.recount();
    if (counters->byState != recounted.byState || counters->openByStep != recounted.openByStep)
        return "the counters differ from a recount";
    return differenceOfLog(reader, scribe, partition);
}

} // namespace gantry::test
