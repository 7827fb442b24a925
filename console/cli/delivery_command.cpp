// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/delivery_command.h"

#include "console/cli/printable.h"

#include <CLI/CLI.hpp>
#include <array>
#include <utility>

namespace gantry::console {

namespace {

constexpr std::array<std::pair<const char*, const char*>, 9> shown{
    {{"Source", "source"}, {"Delivery", "delivery_id"}, {"Topic", "topic"}, {"Received", "received_at"},
        {"External id", "external_id"}, {"Asks for", "asks"}, {"Outcome", "outcome"}, {"Order", "order_id"},
        {"Problem", "problem"}}};

} // namespace

CLI::App* DeliveryCommand::declare(CLI::App& parent)
{
    CLI::App* command = m_purpose == Purpose::Show
        ? parent.add_subcommand("show", "Show a delivery, with its body if that is kept")
        : parent.add_subcommand(
            "replay", "Read a delivery anew that could not be mapped, was noted or waits");
    command->add_option("NUMBER", m_number, "Which, as `gantryctl intake deliveries` shows it")->required();
    return command;
}

ExitCode DeliveryCommand::run(CommandContext& context)
{
    const std::string path = "/v1/intake/deliveries/" + std::to_string(m_number);
    ApiSession session = context.session();
    const auto answer = m_purpose == Purpose::Show ? session.get(path) : session.post(path + "/replay", "");
    JsonParser parser;
    const auto root = answer ? parser.parse(answer->body) : tl::unexpected(answer.error());
    if (!root)
        return context.output.failure(root.error());
    context.output.json(answer->body);
    FieldErrors ignored;
    ObjectReader fields(*root, "", ignored);
    for (const auto& [title, name] : shown)
        if (const std::string text = fields.text(name, 1000); !text.empty())
            context.output.line(std::string(title) + ": " + printable(text));
    if (const std::string body = fields.storedText("body"); !body.empty())
        context.output.line("\n" + printable(body));
    return ExitCode::Ok;
}

} // namespace gantry::console
