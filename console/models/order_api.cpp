// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/order_api.h"

#include "console/models/wording.h"
#include "shared/protocol/event_codec.h"
#include "shared/protocol/order_codec.h"
#include "shared/protocol/problem.h"

#include <QCoreApplication>
#include <QUrl>
#include <algorithm>
#include <array>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;

struct Words {
    Q_DECLARE_TR_FUNCTIONS(gantry::console::OrderApi)
};

// The members of an order that are its document; all others are added by the daemon.
constexpr std::array<std::string_view, 14> documentMembers{"channel", "external_id", "currency", "lines",
    "customer", "shipping_address", "shipping", "discount", "tax", "total", "payments", "priority",
    "promise_at", "tags"};

std::string orderTarget(const OrderId& id, std::string_view rest = {})
{
    return "/v1/orders/" + id.text() + std::string(rest);
}

std::string encoded(const std::string& text)
{
    return QUrl::toPercentEncoding(toText(text)).toStdString();
}

bool isDocumentMember(std::string_view name)
{
    return name == "metadata" || std::ranges::find(documentMembers, name) != documentMembers.end();
}

/// The document's own members as one object.
std::string documentJson(simdjson::dom::object whole)
{
    JsonWriter json;
    json.beginObject();
    for (const auto [name, value] : whole)
        if (isDocumentMember(name))
            json.key(name).raw(simdjson::to_string(value));
    json.endObject();
    return json.take();
}

/// The whole with the members of a row that follow from the document, so that the one reader of rows serves.
std::string rowJson(simdjson::dom::object whole, const OrderDocument& document)
{
    std::int64_t quantity = 0;
    for (const OrderLine& line : document.lines)
        quantity += line.quantity;
    JsonWriter json;
    json.beginObject();
    for (const auto [name, value] : whole)
        if (name != "lines" && name != "metadata")
            json.key(name).raw(simdjson::to_string(value));
    json.member("customer_name", document.customer.name)
        .member("line_count", document.lines.size())
        .member("quantity", quantity)
        .endObject();
    return json.take();
}

/// The parsed body of a good answer. Errors: the daemon's own, or those of the parser.
Result<simdjson::dom::element> bodyOf(JsonParser& parser, const ApiAnswer& answer)
{
    if (auto refusal = refusalIn(answer))
        return tl::unexpected(std::move(*refusal));
    return parser.parse(answer.body);
}

Result<simdjson::dom::array> itemsOf(simdjson::dom::element body)
{
    simdjson::dom::array items;
    if (body["items"].get(items) != simdjson::SUCCESS)
        return failure(ErrorCode::Corrupt, "The daemon's answer has no items.");
    return items;
}

Result<Event> readItem(simdjson::dom::element item)
{
    FieldErrors errors;
    ObjectReader reader(item, "", errors);
    Event event;
    event.version = static_cast<std::uint32_t>(reader.requiredInteger("version"));
    event.at = reader.time("at").value_or(Timestamp{});
    event.actor = reader.text("actor", 1000);
    const std::string type = reader.requiredText("type", 100);
    const auto data = reader.object("data");
    if (!data)
        errors.add("/data", ErrorCode::MissingField, "is missing");
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("An event"));
    auto body = readEventData(type, *data);
    if (!body)
        return tl::unexpected(std::move(body.error()));
    event.body = std::move(*body);
    return event;
}

} // namespace

ApiCall getOrderCall(const OrderId& id)
{
    return {"GET", orderTarget(id)};
}

ApiCall getEventsCall(const OrderId& id, std::uint32_t afterVersion)
{
    return {"GET",
        orderTarget(
            id, "/events?limit=" + std::to_string(eventsPerPage) + "&after=" + std::to_string(afterVersion))};
}

ApiCall getWaitingCall(const OrderId& id)
{
    return {"GET", orderTarget(id, "/waiting")};
}

ApiCall getStatsCall()
{
    return {"GET", "/v1/stats"};
}

ApiCall listOrdersCall(const OrderQuery& query)
{
    std::string target =
        "/v1/orders?state=" + std::string(stateName(query.state)) + "&limit=" + std::to_string(ordersPerPage);
    if (!query.text.empty())
        target += "&q=" + encoded(query.text);
    if (!query.cursor.empty())
        target += "&cursor=" + encoded(query.cursor);
    return {"GET", std::move(target)};
}

ApiCall actionCall(const ActionRequest& request)
{
    JsonWriter json;
    json.beginObject()
        .member("action", actionName(request.action))
        .member("reason", request.reason)
        .memberIf("step", request.step)
        .memberIf("hold_id", request.holdId)
        .memberIf("expires_at", request.expiresAt)
        .endObject();
    return {"POST", orderTarget(request.order, "/actions"), json.take(),
        {{"if-match", '"' + std::to_string(request.version) + '"'}, {"idempotency-key", request.key},
            {"content-type", "application/json"}}};
}

Result<OrderDetails> readDetails(const ApiAnswer& answer)
{
    JsonParser parser;
    const auto body = bodyOf(parser, answer);
    if (!body)
        return tl::unexpected(body.error());
    simdjson::dom::object whole;
    if (body->get(whole) != simdjson::SUCCESS)
        return failure(ErrorCode::Corrupt, "The daemon's answer is not an order.");
    JsonParser inner;
    auto document = decodeDocument(inner, documentJson(whole));
    if (!document)
        return tl::unexpected(std::move(document.error()));
    const std::string row = rowJson(whole, *document);
    const auto parsed = inner.parse(row);
    if (!parsed)
        return tl::unexpected(parsed.error());
    auto order = readOrderRow(*parsed);
    if (!order)
        return tl::unexpected(std::move(order.error()));
    return OrderDetails{std::move(*document), std::move(*order), answer.body};
}

Result<std::vector<Event>> readEvents(const ApiAnswer& answer)
{
    JsonParser parser;
    const auto body = bodyOf(parser, answer);
    const auto items = body ? itemsOf(*body) : Result<simdjson::dom::array>(tl::unexpected(body.error()));
    if (!items)
        return tl::unexpected(items.error());
    std::vector<Event> events;
    for (const auto item : *items) {
        auto event = readItem(item);
        if (!event)
            return tl::unexpected(std::move(event.error()));
        events.push_back(std::move(*event));
    }
    return events;
}

Result<WaitingReason> readWaiting(const ApiAnswer& answer)
{
    JsonParser parser;
    const auto body = bodyOf(parser, answer);
    if (!body)
        return tl::unexpected(body.error());
    std::string_view sentence;
    if ((*body)["sentence"].get(sentence) != simdjson::SUCCESS)
        return failure(ErrorCode::Corrupt, "The daemon's answer has no sentence.");
    std::string_view help; // left out where nobody has to do anything
    if ((*body)["help"].get(help) != simdjson::SUCCESS)
        help = {};
    return WaitingReason{std::string(sentence), std::string(help)};
}

Result<OrderPage> readPage(const ApiAnswer& answer)
{
    JsonParser parser;
    const auto body = bodyOf(parser, answer);
    const auto items = body ? itemsOf(*body) : Result<simdjson::dom::array>(tl::unexpected(body.error()));
    if (!items)
        return tl::unexpected(items.error());
    OrderPage page;
    for (const auto item : *items) {
        auto order = readOrderRow(item);
        if (!order)
            return tl::unexpected(std::move(order.error()));
        page.orders.push_back(std::make_shared<const Order>(std::move(*order)));
    }
    std::string_view cursor;
    if ((*body)["next_cursor"].get(cursor) == simdjson::SUCCESS)
        page.nextCursor = cursor;
    return page;
}

std::optional<Error> refusalIn(const ApiAnswer& answer)
{
    if (answer.status >= 200 && answer.status < 300)
        return std::nullopt;
    return decodeProblem(answer.body);
}

QString explainFailure(const Error& error)
{
    const QString said = toText(error.message);
    switch (error.code) {
    case ErrorCode::VersionMismatch:
        return Words::tr(
            "The order changed while you were deciding, so nothing was done. Look at it as it is "
            "now, and decide again.");
    case ErrorCode::ActionNotAllowed: return Words::tr("Nothing was done. %1").arg(said);
    case ErrorCode::Forbidden: return Words::tr("You may not do this, and nothing was done. %1").arg(said);
    case ErrorCode::Unauthenticated:
        return Words::tr(
            "The daemon does not know your key, and nothing was done. Ask an admin for a new profile.");
    case ErrorCode::IdempotencyInProgress:
        return Words::tr("The same request is still being worked on. Wait a moment, then try again.");
    case ErrorCode::Unavailable:
    case ErrorCode::RequestTimeout:
        return Words::tr(
            "No answer came, so it is not known whether it was done. Try again: the same request is "
            "done once at most.");
    case ErrorCode::Busy:
    case ErrorCode::RateLimited:
    case ErrorCode::ShuttingDown:
        return Words::tr(
            "The daemon takes nothing more just now, and nothing was done. Try again in a moment.");
    case ErrorCode::StorageFull:
        return Words::tr("The daemon's disk is full, and nothing was done. Tell an admin, then try again.");
    case ErrorCode::NotFound: return Words::tr("The daemon does not know this order. %1").arg(said);
    case ErrorCode::MalformedJson:
    case ErrorCode::InvalidUtf8:
    case ErrorCode::DuplicateKey:
    case ErrorCode::UnknownField:
    case ErrorCode::MissingField:
    case ErrorCode::WrongType:
    case ErrorCode::InvalidValue:
    case ErrorCode::UnknownCurrency:
    case ErrorCode::TotalMismatch:
    case ErrorCode::TooManyLines:
    case ErrorCode::AmountOverflow:
    case ErrorCode::BodyTooLarge:
    case ErrorCode::MalformedRequest:
    case ErrorCode::HeadersTooLarge:
    case ErrorCode::UnsupportedMediaType:
    case ErrorCode::UnknownParameter:
    case ErrorCode::InvalidCursor:
    case ErrorCode::MethodNotAllowed:
    case ErrorCode::OrderExists:
    case ErrorCode::StaleToken:
    case ErrorCode::IdempotencyKeyReused:
    case ErrorCode::ProtocolMismatch:
    case ErrorCode::Corrupt:
    case ErrorCode::Internal: break;
    }
    return Words::tr("It was refused, and nothing was done. %1").arg(said);
}

bool mayRepeat(const Error& error)
{
    return isRetryable(error.code);
}

} // namespace gantry::console
