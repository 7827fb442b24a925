// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/report.h"

#include <array>
#include <cstdio>

namespace gantry::bench {

Report::Report(std::string_view bench)
{
    m_json.beginObject().member("bench", bench);
}

Report& Report::text(std::string_view name, std::string_view value)
{
    m_json.member(name, value);
    return *this;
}

Report& Report::count(std::string_view name, std::uint64_t value)
{
    m_json.member(name, value);
    return *this;
}

Report& Report::number(std::string_view name, double value, int digits)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    m_json.key(name).raw(text.data());
    return *this;
}

Report& Report::rate(double ordersPerSecond, double limitPerSecond)
{
    return number("orders_per_s", ordersPerSecond, 0)
        .number("limit_per_s", limitPerSecond, 0)
        .number("ratio", limitPerSecond > 0 ? ordersPerSecond / limitPerSecond : 0, 3);
}

void Report::print()
{
    m_json.endObject();
    std::printf("%s\n", m_json.text().c_str());
    std::fflush(stdout);
}

} // namespace gantry::bench
