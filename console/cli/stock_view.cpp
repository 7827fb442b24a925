// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/stock_view.h"

#include "shared/protocol/json_writer.h"

namespace gantry::console {

Result<ApiAnswer> putStock(ApiSession& session, const std::string& sku, std::int64_t onHand)
{
    JsonWriter json;
    json.beginObject().member("on_hand", onHand).endObject();
    return session.put("/v1/stock/" + pathSegment(sku), json.take());
}

TextTable stockTable()
{
    return TextTable({{"SKU"}, {"ON HAND", Alignment::Right}, {"RESERVED", Alignment::Right},
        {"AVAILABLE", Alignment::Right}});
}

void addStockLevel(TextTable& table, simdjson::dom::element level)
{
    FieldErrors ignored;
    ObjectReader reader(level, "", ignored);
    const auto number = [&reader](std::string_view name) {
        const auto value = reader.integer(name);
        return value ? std::to_string(*value) : std::string();
    };
    std::string_view sku;
    if (const auto value = reader.any("sku"); value && value->get(sku) != simdjson::SUCCESS)
        sku = {};
    table.addRow({std::string(sku), number("on_hand"), number("reserved"), number("available")});
}

} // namespace gantry::console
