// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/call.h"
#include "daemon/store/store.h"
#include "shared/domain/migration.h"
#include "shared/domain/workflow.h"
#include "shared/util/result.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gantry::api {

/// How many orders one request moves at most.
constexpr std::size_t maxMovedOrders = 500;

/// From which version of a workflow to which, and where orders go that stand at a step.
struct MigrationQuestion {
    std::string workflow{};
    int from = 0;
    int to = 0;
    StepMap map{};
};

/// An order to be moved if it is at that version still.
struct PlannedOrder {
    OrderId id;
    std::uint32_t version = 0;
};

struct MigrationRequest {
    MigrationQuestion question{};
    std::string reason{};
    std::vector<PlannedOrder> orders{};
};

/// The question in a query: `from`, `to`, and `map` as `old:new,old:new`. Errors: MissingField, InvalidValue.
Result<MigrationQuestion> readMigrationQuestion(const Call& call);

/// What a body asks for. Errors: as for any body.
Result<MigrationRequest> readMigrationRequest(const Call& call);

/// The two definitions that a question names. Immutable; shared by the commands that are made of it.
struct MigrationPair {
    std::shared_ptr<const Workflow> from;
    std::shared_ptr<const Workflow> to;
    StepMap map;

    /// Whether conditions of the new definition ask of documents.
    [[nodiscard]] bool hasConditions() const;
};

/// Reads both from the store. Errors: NotFound, InvalidValue (the map does not go with them, or both are the same), the store's.
Result<MigrationPair> readMigrationPair(store::StoreReader& reader, const MigrationQuestion& question);

} // namespace gantry::api
