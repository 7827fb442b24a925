// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/order_view.h"

#include "shared/protocol/json_reader.h"
#include "shared/protocol/money_codec.h"
#include "shared/protocol/order_codec.h"

namespace gantry::console {

namespace {

std::string textOf(ObjectReader& reader, std::string_view name)
{
    // Not text(): that refuses control characters, which are shown escaped here.
    const auto value = reader.any(name);
    std::string_view text;
    return value && value->get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

template <typename Read>
void forEach(ObjectReader& reader, std::string_view name, FieldErrors& ignored, Read read)
{
    if (const auto array = reader.array(name))
        for (const auto element : *array) {
            ObjectReader item(element, "", ignored);
            read(item);
        }
}

void readPeople(ObjectReader& reader, OrderView& order, FieldErrors& ignored)
{
    if (const auto customer = reader.object("customer")) {
        ObjectReader fields(*customer, "", ignored);
        order.customer = {textOf(fields, "name"), textOf(fields, "email"), textOf(fields, "phone")};
    }
    if (order.customer.name.empty())
        order.customer.name = textOf(reader, "customer_name");
    if (const auto address = reader.object("shipping_address")) {
        ObjectReader fields(*address, "", ignored);
        order.address = {textOf(fields, "name"), textOf(fields, "line1"), textOf(fields, "line2"),
            textOf(fields, "city"), textOf(fields, "postal_code"), textOf(fields, "region"),
            textOf(fields, "country")};
    }
}

void readContents(ObjectReader& reader, OrderView& order, FieldErrors& ignored)
{
    forEach(reader, "lines", ignored, [&order](ObjectReader& line) {
        order.lines.push_back({textOf(line, "sku"), textOf(line, "name"), line.integerOr("quantity", 0),
            line.integerOr("unit_price", 0)});
    });
    forEach(reader, "payments", ignored, [&order](ObjectReader& payment) {
        order.payments.push_back({textOf(payment, "method"), payment.integerOr("amount", 0)});
    });
    order.shipping = reader.integerOr("shipping", 0);
    order.discount = reader.integerOr("discount", 0);
    order.tax = reader.integerOr("tax", 0);
    order.total = reader.integerOr("total", 0);
    const auto metadata = reader.object("metadata");
    simdjson::dom::object members;
    if (metadata && metadata->get(members) == simdjson::SUCCESS)
        for (const auto [name, value] : members) {
            std::string_view text;
            if (value.get(text) == simdjson::SUCCESS)
                order.metadata.emplace_back(name, text);
        }
}

void readProgress(ObjectReader& reader, OrderView& order, FieldErrors& ignored)
{
    order.state = textOf(reader, "state");
    order.step = textOf(reader, "step");
    order.version = reader.integerOr("version", 0);
    order.createdAt = reader.time("created_at");
    order.updatedAt = reader.time("updated_at");
    order.promiseAt = reader.time("promise_at");
    order.money = readOrderMoney(reader);
    if (const auto workflow = reader.object("workflow")) {
        ObjectReader fields(*workflow, "", ignored);
        order.workflow = textOf(fields, "name");
        order.workflowVersion = fields.integerOr("version", 0);
    }
    forEach(reader, "holds", ignored, [&order](ObjectReader& hold) {
        order.holds.push_back({textOf(hold, "id"), textOf(hold, "owner"), textOf(hold, "reason"),
            hold.time("placed_at").value_or(Timestamp{}), hold.time("expires_at")});
    });
    if (const auto retry = reader.object("retry")) {
        ObjectReader fields(*retry, "", ignored);
        order.retry = RetryCheck{.step = textOf(fields, "step"),
            .code = textOf(fields, "code"),
            .at = fields.time("at").value_or(Timestamp{}),
            .by = textOf(fields, "by"),
            .verdict = verdictFromName(textOf(fields, "verdict")).value_or(RetryVerdict::Pending),
            .decidedAt = fields.time("decided_at")};
    }
    if (const auto incident = reader.object("incident")) {
        ObjectReader fields(*incident, "", ignored);
        order.incident = Incident{textOf(fields, "step"), textOf(fields, "code"), textOf(fields, "message"),
            fields.time("since").value_or(Timestamp{})};
    }
}

} // namespace

OrderView readOrderView(simdjson::dom::element json)
{
    FieldErrors ignored;
    ObjectReader reader(json, "", ignored);
    OrderView order;
    order.id = textOf(reader, "id");
    order.channel = textOf(reader, "channel");
    order.externalId = textOf(reader, "external_id");
    order.currencyCode = textOf(reader, "currency");
    order.currency = Currency::fromCode(order.currencyCode);
    readProgress(reader, order, ignored);
    readPeople(reader, order, ignored);
    readContents(reader, order, ignored);
    return order;
}

std::string amountText(const OrderView& order, MinorUnits amount)
{
    const std::string digits =
        order.currency ? formatAmount(amount, *order.currency) : std::to_string(amount);
    return order.currencyCode.empty() ? digits : digits + ' ' + order.currencyCode;
}

std::string booksText(const OrderView& order)
{
    if (order.money == OrderMoney{})
        return {};
    return "authorized " + amountText(order, order.money.authorized) + ", captured "
        + amountText(order, order.money.captured) + ", refunded " + amountText(order, order.money.refunded);
}

std::string retryText(const OrderView& order)
{
    if (!order.retry)
        return {};
    const RetryCheck& retry = *order.retry;
    std::string text = retry.step + " by " + retry.by + " at " + formatRfc3339(retry.at) + ": "
        + std::string(verdictName(retry.verdict));
    if (retry.decidedAt)
        text += " after " + ageText(*retry.decidedAt - retry.at);
    return retry.code.empty() ? text : text + " (it was " + retry.code + ")";
}

} // namespace gantry::console
