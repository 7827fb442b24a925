// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/time.h"

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace gantry {

/// A share of the key space, 0 to 1023: the hash of channel and external id. A partition owns a range of slots.
using Slot = std::uint16_t;
constexpr Slot slotCount = 1024;

/// The slot of an order, from its natural key. Stable for ever: orders are never renamed.
Slot slotOf(std::string_view channel, std::string_view externalId) noexcept;

/// An order's id: 128 bits that sort by the time they were made (48 bits of milliseconds), carry the slot (10 bits) and end in 70
/// random bits. Written as `ord_` and 26 characters of Crockford's base 32, lower case.
class OrderId {
public:
    OrderId() noexcept = default;

    /// A new id. `entropy` are 128 random bits of which 70 are used.
    static OrderId make(Timestamp time, Slot slot, std::array<std::uint64_t, 2> entropy) noexcept;

    /// Reads the written form, either case; empty if it is not one.
    static std::optional<OrderId> fromText(std::string_view text) noexcept;

    /// Reads 16 bytes as bytes() gives them; empty on another length.
    static std::optional<OrderId> fromBytes(std::string_view bytes) noexcept;

    [[nodiscard]] std::string text() const;

    /// 16 bytes, big endian, so that they sort as the ids do. Valid while the id lives.
    [[nodiscard]] std::string_view bytes() const noexcept
    {
        return {reinterpret_cast<const char*>(m_bytes.data()), m_bytes.size()};
    }

    [[nodiscard]] Slot slot() const noexcept;
    [[nodiscard]] Timestamp time() const noexcept;

    auto operator<=>(const OrderId&) const = default;

private:
    std::array<std::uint8_t, 16> m_bytes{};
};

/// 64 well spread bits of an id, for hash tables and digests.
std::uint64_t hashOf(const OrderId& id) noexcept;

} // namespace gantry

template <>
struct std::hash<gantry::OrderId> {
    std::size_t operator()(const gantry::OrderId& id) const noexcept { return gantry::hashOf(id); }
};
