// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/intake_records.h"
#include "shared/util/result.h"

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::intake {

/// A webhook as it came over the wire. Refers to what is the caller's.
struct Webhook {
    const std::vector<std::pair<std::string, std::string>>& headers; ///< names in lower case
    std::string_view body; ///< the raw bytes
};

/// How far the clock of whoever signs may be off (Standard Webhooks).
constexpr std::chrono::seconds signatureTolerance{300};

/// Whether a kind can sign with such a secret. Errors: InvalidValue.
Result<void> checkSecret(store::IntakeKind kind, std::string_view secret);

/// Whether the raw body was signed with one of the secrets; compared in constant time. Errors: Unauthenticated.
Result<void> checkSignature(
    store::IntakeKind kind, const Webhook& webhook, const std::vector<std::string>& secrets, Timestamp now);

/// What the headers tell of a delivery: its id, by which a repeat is known, and its topic. Where the sender gives no id, it is made of topic and body. Only
/// Standard Webhooks signs the id: what a delivery does must follow from its body.
struct DeliveryName {
    std::string id;
    std::string topic; ///< empty for Standard Webhooks, which has it in the body
};
DeliveryName nameOf(store::IntakeKind kind, const Webhook& webhook);

/// Whether this is WooCommerce asking, unsigned, whether somebody is there: it does so when a webhook is set up.
bool isPing(store::IntakeKind kind, const Webhook& webhook);

} // namespace gantry::intake
