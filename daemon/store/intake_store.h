// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/intake_records.h"
#include "shared/util/result.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace gantry::store {

/// Deliveries as one batch sees them: what is committed. A part of Batch.
class DeliveryBatch {
public:
    virtual ~DeliveryBatch() = default;

    /// The delivery of that id, if it was taken in before.
    virtual Result<std::optional<DeliveryRecord>> findDelivery(
        std::string_view source, std::string_view deliveryId) = 0;

    virtual Result<std::optional<DeliveryRecord>> findDelivery(std::uint64_t number) = 0;

    /// Those that wait for the order of that external id, in the sequence of coming.
    virtual Result<std::vector<DeliveryRecord>> listWaiting(
        std::string_view source, std::string_view externalId) = 0;

    virtual Result<std::size_t> countWaiting(std::string_view source) = 0;

    /// Makes those expired that came before `waitingBefore` and still wait, and drops some of those that came before `before`.
    virtual Result<void> expireDeliveries(Timestamp waitingBefore, Timestamp before) = 0;
};

/// Changes sources; a part of PartitionStore, used on the same thread.
class IntakeWriter {
public:
    virtual ~IntakeWriter() = default;

    /// In a transaction of its own. Gives the source after it. Errors: ActionNotAllowed (to be added, but there is one, or one of another kind was
    /// removed), NotFound (to be changed, but there is none that works), Busy (too many), StaleToken, and those of Batch::commit().
    virtual Result<IntakeSource> changeIntakeSource(const IntakeSourceChange& change) = 0;
};

/// Which deliveries a list wants. Empty members do not filter.
struct DeliveryFilter {
    std::optional<DeliveryOutcome> outcome{};
    std::string source{};
};

/// Looks at sources and deliveries; a part of StoreReader.
class IntakeReader {
public:
    virtual ~IntakeReader() = default;

    /// Also one that is disabled.
    virtual Result<std::optional<IntakeSource>> findIntakeSource(std::string_view name) = 0;

    /// By name.
    virtual Result<std::vector<IntakeSource>> listIntakeSources() = 0;

    /// Newest first, those with a number below `before`, at most `limit`; without bodies and documents.
    virtual Result<std::vector<DeliveryRecord>> listDeliveries(
        const DeliveryFilter& filter, std::optional<std::uint64_t> before, std::size_t limit) = 0;

    virtual Result<std::optional<DeliveryRecord>> findDelivery(std::uint64_t number) = 0;
};

} // namespace gantry::store
