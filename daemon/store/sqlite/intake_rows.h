// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/intake_store.h"
#include "daemon/store/sqlite/connection.h"
#include "shared/util/result.h"

#include <cstddef>
#include <vector>

namespace gantry::store {

// Sources of webhooks and their deliveries in tables. Each runs inside the caller's transaction.

/// See IntakeWriter.
Result<IntakeSource> changeSource(Connection& connection, const IntakeSourceChange& change);

Result<std::optional<IntakeSource>> selectSource(Connection& connection, std::string_view name);
Result<std::vector<IntakeSource>> selectSources(Connection& connection);

/// Writes deliveries: those without a number anew, of the others what has become of them.
Result<void> writeDeliveries(Connection& connection, const std::vector<DeliveryRecord>& deliveries);

Result<std::optional<DeliveryRecord>> selectDelivery(
    Connection& connection, std::string_view source, std::string_view deliveryId);
Result<std::optional<DeliveryRecord>> selectDelivery(Connection& connection, std::uint64_t number);
Result<std::vector<DeliveryRecord>> selectWaiting(
    Connection& connection, std::string_view source, std::string_view externalId);
Result<std::size_t> countWaiting(Connection& connection, std::string_view source);
Result<void> expireDeliveries(Connection& connection, Timestamp waitingBefore, Timestamp before);
Result<std::vector<DeliveryRecord>> selectDeliveries(Connection& connection, const DeliveryFilter& filter,
    std::optional<std::uint64_t> before, std::size_t limit);

} // namespace gantry::store
