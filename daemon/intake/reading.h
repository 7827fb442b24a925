// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/intake_records.h"
#include "shared/domain/order_document.h"

#include <optional>
#include <simdjson.h>
#include <string>
#include <string_view>

namespace gantry::intake {

/// What a delivery's body asks for, with nothing guessed.
struct Reading {
    store::DeliveryAsk ask = store::DeliveryAsk::Nothing;
    store::DeliveryOutcome outcome = store::DeliveryOutcome::Ignored; ///< of Nothing: that, or Unmappable
    std::string topic{};
    std::string externalId{};
    std::optional<OrderDocument> document{}; ///< of Create and Update
    std::string
        problem{}; ///< of Nothing: why; of Update and Note: what a person must know; of Cancel: the reason
};

/// Reads the body of a delivery to a source. `topic`: of the headers, DeliveryName::topic. Pure.
Reading readDelivery(
    store::IntakeKind kind, const std::string& source, const std::string& topic, simdjson::dom::element body);

// One a kind; readDelivery() chooses.
Reading readShopify(const std::string& source, const std::string& topic, simdjson::dom::element body);
Reading readWooCommerce(const std::string& source, const std::string& topic, simdjson::dom::element body);
Reading readStandard(const std::string& source, simdjson::dom::element body);

/// Nothing of an order's. `why`: a sentence.
Reading ignored(std::string topic, std::string why);

} // namespace gantry::intake
