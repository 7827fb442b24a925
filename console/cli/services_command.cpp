// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/services_command.h"

#include "console/cli/order_view.h"
#include "console/cli/text_table.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

namespace {

using simdjson::dom::element;

std::string textOf(element item, std::string_view name)
{
    std::string_view text;
    return item[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

std::string numberOf(element item, std::string_view name)
{
    std::int64_t number = 0;
    return item[name].get(number) == simdjson::SUCCESS ? std::to_string(number) : std::string("?");
}

/// `never` where it is not told.
std::string agoOf(element item, std::string_view name, Timestamp now)
{
    const auto time = parseRfc3339(textOf(item, name));
    return time ? ageText(now - *time) : std::string("never");
}

/// `closed`, `half_open`, or `open, tried again in 20 s`.
std::string stateText(element item, Timestamp now)
{
    const auto probe = parseRfc3339(textOf(item, "next_probe"));
    return textOf(item, "state") + (probe ? ", tried again in " + ageText(*probe - now) : std::string());
}

} // namespace

CLI::App* ServicesCommand::declare(CLI::App& parent)
{
    return parent.add_subcommand("services", "How it stands with the services that workflows call");
}

ExitCode ServicesCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto answer = session.get("/v1/services");
    if (!answer)
        return context.output.failure(answer.error());
    JsonParser parser;
    const auto root = parser.parse(answer->body);
    simdjson::dom::array services;
    if (!root || (*root)["items"].get(services) != simdjson::SUCCESS)
        return context.output.failure(
            {ErrorCode::Internal, "The daemon's services can't be read: `items` is missing."});
    context.output.json(answer->body);
    const Timestamp now = context.clock.now();
    TextTable table({{"SERVICE"}, {"STATE"}, {"SINCE", Alignment::Right}, {"IN HAND", Alignment::Right},
        {"FAILED", Alignment::Right}, {"WORKED", Alignment::Right}, {"URL"}, {"LAST ERROR"}});
    for (const element service : services)
        table.addRow({textOf(service, "name"), stateText(service, now), agoOf(service, "since", now),
            numberOf(service, "in_flight") + " of " + numberOf(service, "max_in_flight"),
            numberOf(service, "failures") + " of " + numberOf(service, "calls"),
            agoOf(service, "last_success", now), textOf(service, "url"), textOf(service, "last_error")});
    context.output.line(table.isEmpty()
            ? "The daemon calls no services: its configuration names none ([service.NAME])."
            : table.take());
    return ExitCode::Ok;
}

} // namespace gantry::console
