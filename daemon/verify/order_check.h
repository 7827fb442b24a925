// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/verify/check.h"
#include "shared/protocol/json_reader.h"

#include <map>
#include <memory>
#include <optional>

namespace gantry::verify {

/// How the orders stood when the verification began, counted from their events: what the maintained counters must say.
struct Census {
    store::Counters counted{};
    std::uint64_t uncounted = 0; ///< orders so damaged that nothing tells how they stood
};

/// Of each order: its document is there and says what its columns say; its chain of events has no gap; each event can follow the one before; and
/// the order that they add up to, with its books, is the one that its row holds.
class OrderCheck final : public Check {
public:
    OrderCheck(const store::VerifyStart& start, std::shared_ptr<Census> census);

    [[nodiscard]] std::string_view name() const override { return "order"; }
    Result<bool> next(store::VerifyReader& reader, Report& report) override;

private:
    void check(const store::RawOrder& raw, Report& report);
    void checkDocument(const store::RawOrder& raw, Report& report);
    /// The order as its events make it; empty where they do not.
    std::optional<Order> replay(const store::RawOrder& raw, Report& report);
    void count(const Order& order);

    std::map<std::uint32_t, std::uint64_t> m_lastSequences; ///< by partition, when the verification began
    std::shared_ptr<Census> m_census;
    std::optional<OrderId> m_after;
    JsonParser m_parser;
};

} // namespace gantry::verify
