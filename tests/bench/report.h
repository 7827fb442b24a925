// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/protocol/json_writer.h"

#include <string_view>

namespace gantry::bench {

/// One measurement as one JSON object on one line of standard output.
class Report {
public:
    explicit Report(std::string_view bench);

    Report& text(std::string_view name, std::string_view value);
    Report& count(std::string_view name, std::uint64_t value);

    /// A number with that many digits after the point.
    Report& number(std::string_view name, double value, int digits = 1);

    /// `orders_per_s`, `limit_per_s` and `ratio`.
    Report& rate(double ordersPerSecond, double limitPerSecond);

    void print();

private:
    JsonWriter m_json;
};

} // namespace gantry::bench
