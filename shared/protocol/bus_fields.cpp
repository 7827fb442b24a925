// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/bus_fields.h"

#include <limits>

namespace gantry::busfields {

namespace {

constexpr std::size_t nameBytes = 200;
constexpr std::size_t headerBytes = 8 * 1024;
constexpr std::size_t headersMost = 64;

/// Header names go into JSON unescaped and to the router in lower case: nothing else is taken.
bool isHeaderName(std::string_view name) noexcept
{
    for (const char c : name)
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_')
            return false;
    return !name.empty() && name.size() <= nameBytes;
}

} // namespace

void writeHeaders(JsonWriter& json, const BusHeaders& headers)
{
    if (headers.empty())
        return;
    json.key("headers").beginObject();
    for (const auto& [name, content] : headers)
        json.member(name, content);
    json.endObject();
}

BusHeaders readHeaders(ObjectReader& reader)
{
    BusHeaders headers;
    const auto element = reader.object("headers");
    simdjson::dom::object object;
    if (!element || element->get(object) != simdjson::SUCCESS)
        return headers;
    ObjectReader fields(*element, "/headers", reader.errors());
    for (const auto field : object) {
        if (headers.size() == headersMost) {
            reader.errors().add("/headers", ErrorCode::InvalidValue, "holds more than 64 headers");
            break;
        }
        if (!isHeaderName(field.key)) {
            reader.errors().add("/headers", ErrorCode::InvalidValue,
                "holds a name that is not of lower case letters, digits, '-' and '_'");
            break;
        }
        headers.emplace_back(field.key, fields.text(field.key, headerBytes));
    }
    return headers;
}

std::uint64_t natural(ObjectReader& reader, std::string_view name)
{
    const std::int64_t number = reader.requiredInteger(name);
    if (number < 0)
        reader.errors().add(reader.pointerTo(name), ErrorCode::InvalidValue, "must not be negative");
    return static_cast<std::uint64_t>(number);
}

std::uint32_t partitionNumber(ObjectReader& reader, bool isRequired)
{
    const std::int64_t number =
        isRequired ? reader.requiredInteger("partition") : reader.integerOr("partition", 0);
    if (number < 0 || number > std::numeric_limits<std::int32_t>::max())
        reader.errors().add("/partition", ErrorCode::InvalidValue, "is not a number of a partition");
    return static_cast<std::uint32_t>(number);
}

} // namespace gantry::busfields
