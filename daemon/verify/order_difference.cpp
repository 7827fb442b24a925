// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/verify/order_difference.h"

#include "shared/protocol/order_codec.h"

#include <map>

namespace gantry::verify {

namespace {

constexpr std::size_t shownBytes = 400; ///< of each side

/// The members of an order by name.
std::map<std::string, std::string> membersOf(const Order& order)
{
    JsonWriter json;
    writeOrderRow(json, order);
    JsonParser parser;
    std::map<std::string, std::string> members;
    simdjson::dom::object object;
    const auto root = parser.parse(json.text());
    if (root && root->get(object) == simdjson::SUCCESS)
        for (const auto [name, value] : object)
            members.emplace(name, simdjson::to_string(value));
    return members;
}

void append(std::string& text, const std::string& name, const std::string* value)
{
    text += (text.empty() ? "" : "; ") + name + ": " + (value ? *value : "none");
    if (text.size() > shownBytes)
        text.resize(shownBytes);
}

} // namespace

std::optional<OrderDifference> differenceBetween(const Order& expected, const Order& found)
{
    if (expected == found)
        return std::nullopt;
    const auto wanted = membersOf(expected);
    auto present = membersOf(found);
    OrderDifference difference;
    for (const auto& [name, value] : wanted) {
        const auto other = present.extract(name);
        if (!other.empty() && other.mapped() == value)
            continue;
        append(difference.expected, name, &value);
        append(difference.found, name, other.empty() ? nullptr : &other.mapped());
    }
    for (const auto& [name, value] : present) {
        append(difference.expected, name, nullptr);
        append(difference.found, name, &value);
    }
    return difference;
}

} // namespace gantry::verify
