// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/stock_view.h"

#include "console/cli/printable.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

namespace {

std::string numberText(ObjectReader& reader, std::string_view name)
{
    const auto value = reader.integer(name);
    return value ? std::to_string(*value) : std::string();
}

void addRow(TextTable& table, const std::string& sku, const std::string& warehouse, ObjectReader& numbers)
{
    table.addRow({printable(sku), printable(warehouse), numberText(numbers, "on_hand"),
        numberText(numbers, "reserved"), numberText(numbers, "available")});
}

} // namespace

Result<ApiAnswer> putStock(ApiSession& session, const std::string& sku, std::int64_t onHand,
    const std::string& warehouse, const std::string& reason)
{
    JsonWriter json;
    json.beginObject()
        .member("on_hand", onHand)
        .memberIf("warehouse", warehouse)
        .memberIf("reason", reason)
        .endObject();
    return session.put("/v1/stock/" + pathSegment(sku), json.take());
}

void addWarehouseOption(CLI::App& command, std::string& warehouse)
{
    command.add_option("--warehouse", warehouse, "In which warehouse; default: main");
}

TextTable stockTable()
{
    return TextTable({{"SKU"}, {"WAREHOUSE"}, {"ON HAND", Alignment::Right}, {"RESERVED", Alignment::Right},
        {"AVAILABLE", Alignment::Right}});
}

void addStockLevel(TextTable& table, simdjson::dom::element level)
{
    FieldErrors ignored;
    ObjectReader reader(level, "", ignored);
    const std::string sku = reader.text("sku", 1000);
    const auto warehouses = reader.array("warehouses");
    if (!warehouses || warehouses->size() != 1)
        addRow(table, sku, "all", reader);
    if (!warehouses)
        return;
    for (const auto warehouse : *warehouses) {
        ObjectReader fields(warehouse, "", ignored);
        addRow(table, sku, fields.text("warehouse", 1000), fields);
    }
}

ExitCode showStockLevel(CommandContext& context, const Result<ApiAnswer>& answer)
{
    JsonParser parser;
    const auto level = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!level)
        return context.output.failure(level.error());
    TextTable table = stockTable();
    addStockLevel(table, *level);
    context.output.json(answer->body);
    context.output.line(table.take());
    return ExitCode::Ok;
}

} // namespace gantry::console
