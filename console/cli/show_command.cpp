// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/show_command.h"

#include "console/cli/event_text.h"
#include "console/cli/order_finder.h"
#include "console/cli/order_view.h"
#include "console/cli/printable.h"
#include "console/cli/text_table.h"
#include "console/cli/waiting_view.h"
#include "shared/protocol/json_writer.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

namespace {

/// `label  text`, left out when there is nothing to say.
void field(Output& output, std::string label, std::string_view text)
{
    if (text.empty())
        return;
    label.resize(12, ' ');
    output.line(label + printable(text));
}

std::string join(const std::vector<std::string>& parts, std::string_view separator)
{
    std::string text;
    for (const std::string& part : parts)
        if (!part.empty())
            text += (text.empty() ? "" : std::string(separator)) + part;
    return text;
}

std::string timeText(const std::optional<Timestamp>& time)
{
    return time ? formatRfc3339(*time) : std::string();
}

void printHead(Output& output, const OrderView& order, const std::string& situation)
{
    output.line(printable(order.id + "  " + order.channel + " " + order.externalId));
    output.line("");
    field(output, "State", order.state + (order.step.empty() ? "" : " at " + order.step));
    field(output, "Situation", situation);
    for (const Hold& hold : order.holds)
        field(output, "Hold",
            hold.reason + " (" + hold.owner + ", " + formatRfc3339(hold.placedAt) + ", " + hold.id + ")");
    if (order.incident)
        field(output, "Incident",
            order.incident->code + " at " + order.incident->step + " since "
                + formatRfc3339(order.incident->since) + ": " + order.incident->message);
    field(output, "Retry", retryText(order));
    field(output, "Workflow",
        order.workflow.empty() ? "" : order.workflow + " " + std::to_string(order.workflowVersion));
    field(output, "Received", timeText(order.createdAt));
    field(output, "Changed", timeText(order.updatedAt) + " (version " + std::to_string(order.version) + ")");
    field(output, "Promised", timeText(order.promiseAt));
    field(output, "Customer", join({order.customer.name, order.customer.email, order.customer.phone}, ", "));
    const Address& to = order.address;
    field(output, "Ship to",
        join(
            {to.name, to.line1, to.line2, join({to.postalCode, to.city}, " "), to.region, to.country}, ", "));
    for (const auto& [name, value] : order.metadata)
        field(output, "Metadata", name + ": " + value);
}

void printLines(Output& output, const OrderView& order)
{
    if (order.lines.empty())
        return;
    TextTable table({{"SKU"}, {"NAME"}, {"PIECES", Alignment::Right}, {"EACH", Alignment::Right}});
    for (const OrderLine& line : order.lines)
        table.addRow({line.sku, line.name, std::to_string(line.quantity), amountText(order, line.unitPrice)});
    output.line("");
    output.line(table.take());
    output.line("");
    const auto amount = [&](std::string label, MinorUnits value) {
        if (value != 0)
            field(output, std::move(label), amountText(order, value));
    };
    amount("Shipping", order.shipping);
    amount("Discount", order.discount);
    amount("Tax", order.tax);
    field(output, "Total", amountText(order, order.total));
    field(output, "Books", booksText(order));
    for (const Payment& payment : order.payments)
        field(output, "Paid", amountText(order, payment.amount) + " by " + payment.method);
}

/// The events of an order, in sequence.
struct History {
    std::vector<std::string> events; ///< as JSON
    std::vector<std::string> lines; ///< for a person
};

Result<History> readHistory(ApiSession& session, const std::string& id)
{
    History history;
    std::string after;
    do {
        const auto answer =
            session.get(Query().add("after", after).on("/v1/orders/" + pathSegment(id) + "/events"));
        if (!answer)
            return tl::unexpected(answer.error());
        JsonParser parser;
        const auto root = parser.parse(answer->body);
        simdjson::dom::array items;
        if (!root || (*root)["items"].get(items) != simdjson::SUCCESS)
            return failure(ErrorCode::Internal, "The daemon's events of the order can't be read.");
        for (const auto item : items) {
            history.events.push_back(simdjson::to_string(item));
            history.lines.push_back(eventText(item, false));
        }
        std::string_view next;
        after = (*root)["next_cursor"].get(next) == simdjson::SUCCESS ? std::string(next) : std::string();
    } while (!after.empty());
    return history;
}

} // namespace

CLI::App* ShowCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("show", "Show all about one order: contents, state, history");
    command->add_option("ORDER", m_order, "Its id (ord_…) or its external id")->required();
    command->add_option("--channel", m_channel, "The channel of the external id, if it stands in several");
    return command;
}

ExitCode ShowCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    const auto id = findOrderId(session, m_order, m_channel);
    if (!id)
        return context.output.failure(id.error());
    const auto answer = session.get("/v1/orders/" + pathSegment(*id));
    if (!answer)
        return context.output.failure(answer.error());
    JsonParser parser;
    const auto order = parser.parse(answer->body);
    if (!order)
        return context.output.failure(
            {ErrorCode::Internal, "The daemon's answer about the order can't be read."});
    const auto history = readHistory(session, *id);
    if (!history)
        return context.output.failure(history.error());
    const OrderView view = readOrderView(*order);
    // The daemon may be too busy for this one; everything else is still worth showing.
    const WaitingView why = askWhy(session, *id).value_or(WaitingView{});
    const std::string situation = why.help.empty() ? why.sentence : why.sentence + ' ' + why.help;
    if (context.output.style().json) {
        JsonWriter json;
        json.beginObject().key("order").raw(answer->body).member("situation", situation);
        json.key("events").beginArray();
        for (const std::string& event : history->events)
            json.raw(event);
        context.output.json(json.endArray().endObject().text());
        return ExitCode::Ok;
    }
    printHead(context.output, view, situation);
    printLines(context.output, view);
    context.output.line("");
    for (const std::string& line : history->lines)
        context.output.line(line);
    return ExitCode::Ok;
}

} // namespace gantry::console
