// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/trace_context.h"

#include "shared/util/hash.h"

#include <array>
#include <cstdio>

namespace gantry::steps {

namespace {

/// 16 digits of hex, never all zero: that is no id.
std::string hexOf(std::uint64_t number)
{
    std::array<char, 17> text{};
    std::snprintf(text.data(), text.size(), "%016llx",
        static_cast<unsigned long long>(number == 0 ? 1 : number)); // NOLINT(google-runtime-int)
    return text.data();
}

} // namespace

std::string traceparentOf(const Order& order, const std::string& step, std::uint32_t attempt)
{
    const std::string id = order.id.text();
    const std::uint64_t first = fnv1a(id);
    // While compensating, attempts are numbered above all others of the order: step and number name one for good.
    const std::uint64_t span = mix64(fnv1a(step, mix64(first + attempt)));
    return "00-" + hexOf(mix64(first)) + hexOf(mix64(fnv1a(id, mix64(first)))) + '-' + hexOf(span) + "-01";
}

} // namespace gantry::steps
