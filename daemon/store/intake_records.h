// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order_id.h"
#include "shared/util/time.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::store {

/// Whose webhooks a source speaks.
enum class IntakeKind : std::uint8_t { Shopify, WooCommerce, Standard };
constexpr std::array<IntakeKind, 3> allIntakeKinds{
    IntakeKind::Shopify, IntakeKind::WooCommerce, IntakeKind::Standard};

std::string_view intakeKindName(IntakeKind kind) noexcept;
std::optional<IntakeKind> intakeKindFromName(std::string_view name) noexcept;

/// Who may send signed webhooks; the channel of its orders.
struct IntakeSource {
    std::string name{};
    IntakeKind kind = IntakeKind::Standard;
    std::string secret{}; ///< sealed, raw bytes
    std::string previousSecret{}; ///< sealed; empty if there is none
    std::optional<Timestamp> previousUntil{}; ///< the previous secret is good so long
    std::string createdBy{};
    Timestamp createdAt{};
    std::optional<Timestamp> disabledAt{}; ///< nothing is taken from it any more
    bool operator==(const IntakeSource&) const = default;
};

/// What is done to a source. Add: all of it; a removed one of the same kind comes back. Remove: `name`, `disabledAt`. Rotate: `name`, `secret`, and
/// `previousUntil` if the secret of before stays good for a while.
struct IntakeSourceChange {
    enum class What : std::uint8_t { Add, Remove, Rotate };
    What what = What::Add;
    IntakeSource source{};
};

/// What a delivery asks for.
enum class DeliveryAsk : std::uint8_t {
    Nothing, ///< no order's business, or it can't be read
    Create, ///< take the order in
    Update, ///< the order is now like this
    Cancel, ///< cancel the order
    Note, ///< something happened to the order that Gantry can't do
};
constexpr std::size_t deliveryAskCount = 5;

std::string_view deliveryAskName(DeliveryAsk ask) noexcept;

/// What came of a delivery.
enum class DeliveryOutcome : std::uint8_t {
    Accepted, ///< the order was made, or canceled
    Known, ///< it says nothing that was not so before
    Noted, ///< it asks for a change that Gantry can't make: a person has to
    Waiting, ///< for the order to be made
    Unmappable, ///< it can't be read as an order without guessing
    Ignored, ///< no order's business
    Expired, ///< it waited for an order that was not made in time
};
constexpr std::size_t deliveryOutcomeCount = 7;

std::string_view deliveryOutcomeName(DeliveryOutcome outcome) noexcept;
std::optional<DeliveryOutcome> deliveryOutcomeFromName(std::string_view name) noexcept;

/// Whether a person may have to look at it: its body is kept, and it can be replayed.
bool isBodyKept(DeliveryOutcome outcome) noexcept;

/// One delivery and what came of it.
struct DeliveryRecord {
    std::uint64_t number = 0; ///< given by the store; 0: not stored yet
    std::string source{};
    std::string deliveryId{}; ///< unique in its source
    std::string topic{};
    std::string externalId{}; ///< of the order; empty if it tells none
    Timestamp receivedAt{};
    DeliveryAsk ask = DeliveryAsk::Nothing;
    DeliveryOutcome outcome = DeliveryOutcome::Ignored;
    std::optional<OrderId> order{};
    std::string problem{}; ///< why it came to that; while it waits and of a cancel: what it says
    std::string document{}; ///< encodeDocument(); empty if there is none
    std::string body{}; ///< as it came; empty unless isBodyKept()
    bool operator==(const DeliveryRecord&) const = default;
};

/// Bounds of what is kept.
struct DeliveryLimits {
    static constexpr std::size_t waiting = 1000; ///< of one source
    static constexpr std::chrono::hours waitFor{7 * 24};
    static constexpr std::chrono::hours keepFor{90 * 24}; ///< whatever came of it
    static constexpr std::size_t bodyBytes = 1024UL * 1024;
    static constexpr std::size_t sources = 1000;
};

} // namespace gantry::store
