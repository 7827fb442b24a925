// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/intake_records.h"
#include "daemon/store/records.h"
#include "shared/domain/order_document.h"
#include "shared/util/result.h"

#include <functional>
#include <memory>
#include <string>

namespace gantry::engine {

/// Called exactly once, on the partition's thread, after the commit.
using DeliveryReply = std::function<void(const Result<store::DeliveryRecord>&)>;

/// What a webhook has brought, read and with a good signature; or, with a number, one of before that is looked at anew. Delivered again under its id, it
/// changes nothing and is answered as known. Errors: NotFound, ActionNotAllowed (to be looked at anew, but it is settled), Busy (too many
/// wait), and those of taking an order in.
struct Delivery {
    store::DeliveryRecord record; ///< what it asks for; of Nothing also what came of it
    std::shared_ptr<const OrderDocument> document{}; ///< to create an order, or as it is to be; else null
    std::shared_ptr<const std::string> encoded{}; ///< encodeDocument(*document)
    store::Fingerprint fingerprint{}; ///< of `encoded`
    DeliveryReply reply{};
};

/// Adds, removes or gives another secret to a source of webhooks.
struct ChangeIntakeSource {
    store::IntakeSourceChange change;
    std::function<void(const Result<store::IntakeSource>&)> reply;
};

} // namespace gantry::engine
