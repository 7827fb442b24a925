// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/list_command.h"

#include "console/cli/order_view.h"
#include "console/cli/printable.h"
#include "console/cli/text_table.h"

#include <CLI/CLI.hpp>

namespace gantry::console {

namespace {

std::vector<std::string> stateNames()
{
    std::vector<std::string> names;
    for (std::size_t i = 0; i < orderStateCount; ++i)
        names.emplace_back(stateName(static_cast<OrderState>(i)));
    return names;
}

std::string causeText(const OrderView& order)
{
    if (order.incident)
        return order.incident->code + ": " + order.incident->message;
    return order.holds.empty() ? std::string() : "on hold: " + order.holds.front().reason;
}

void addOrder(TextTable& table, const OrderView& order, Timestamp now)
{
    table.addRow({order.id, order.channel, order.externalId, order.state, order.step,
        order.createdAt ? ageText(now - *order.createdAt) : std::string(), amountText(order, order.total),
        causeText(order)});
}

} // namespace

/// One answer to a list, taken apart.
struct ListCommand::Page {
    std::string body; ///< as the daemon sent it
    std::vector<std::string> items; ///< each as JSON
    std::vector<OrderView> orders;
    std::string nextCursor;
};

CLI::App* ListCommand::declare(CLI::App& parent)
{
    CLI::App* command = parent.add_subcommand("list", "List orders, newest first unless told otherwise");
    command->add_option("--state", m_states, "Only orders in this state; may be given several times")
        ->delimiter(',')
        ->check(CLI::IsMember(stateNames()));
    command->add_option("--step", m_step, "Only orders that stand at this step");
    command->add_option("--channel", m_channel, "Only orders of this channel");
    command->add_option(
        "--query", m_query, "An id, an external id, or the beginning of a name or e-mail address");
    command->add_option("--limit", m_limit, "Orders on a page, 1 to 500")
        ->check(CLI::Range(1, 500))
        ->capture_default_str();
    command
        ->add_option("--sort", m_sort,
            "By created_at, updated_at, promise_at, priority or total; with - before it the other way round")
        ->check(CLI::IsMember({"created_at", "-created_at", "updated_at", "-updated_at", "promise_at",
            "-promise_at", "priority", "-priority", "total", "-total"}));
    command->add_flag("--all", m_all, "All pages, not only the first");
    return command;
}

std::string ListCommand::target(const std::string& cursor) const
{
    std::string states;
    for (const std::string& state : m_states)
        states += (states.empty() ? "" : ",") + state;
    return Query()
        .add("state", states)
        .add("step", m_step)
        .add("channel", m_channel)
        .add("q", m_query)
        .add("sort", m_sort)
        .add("limit", std::to_string(m_all ? std::max(m_limit, 500) : m_limit))
        .add("cursor", cursor)
        .on("/v1/orders");
}

Result<ListCommand::Page> ListCommand::readPage(ApiSession& session, const std::string& cursor) const
{
    auto answer = session.get(target(cursor));
    if (!answer)
        return tl::unexpected(answer.error());
    JsonParser parser;
    const auto root = parser.parse(answer->body);
    simdjson::dom::array items;
    if (!root || (*root)["items"].get(items) != simdjson::SUCCESS)
        return failure(ErrorCode::Internal, "The daemon's list can't be read: `items` is missing.");
    Page page;
    for (const auto item : items) {
        page.items.push_back(simdjson::to_string(item));
        page.orders.push_back(readOrderView(item));
    }
    std::string_view next;
    if ((*root)["next_cursor"].get(next) == simdjson::SUCCESS)
        page.nextCursor = next;
    page.body = std::move(answer->body);
    return page;
}

ExitCode ListCommand::run(CommandContext& context)
{
    ApiSession session = context.session();
    TextTable table({{"ID"}, {"CHANNEL"}, {"EXTERNAL ID"}, {"STATE"}, {"STEP"}, {"AGE", Alignment::Right},
        {"TOTAL", Alignment::Right}, {"CAUSE"}});
    std::string cursor;
    std::size_t count = 0;
    do {
        const auto page = readPage(session, cursor);
        if (!page) {
            const ExitCode code = exitCodeOf(page.error().code);
            if (count == 0)
                return context.output.failure(page.error(), code);
            // What was printed stays; the document is closed so that it can be read.
            context.output.jsonPart("]");
            return context.output.failureInside(page.error(), code);
        }
        if (!m_all)
            context.output.json(page->body);
        for (std::size_t i = 0; i < page->orders.size(); ++i) {
            addOrder(table, page->orders[i], context.clock.now());
            if (m_all)
                context.output.jsonPart((count == 0 ? "{\"items\":[" : ",") + page->items[i]);
            ++count;
        }
        if (!table.isEmpty())
            context.output.line(table.take());
        cursor = page->nextCursor;
    } while (m_all && !cursor.empty() && !context.pace.isInterrupted());
    if (m_all)
        context.output.json(count == 0 ? "{\"items\":[]}" : "]}");
    if (count == 0)
        context.output.line("No orders match.");
    else if (!cursor.empty())
        context.output.line("There are more: --all shows them.");
    return ExitCode::Ok;
}

} // namespace gantry::console
