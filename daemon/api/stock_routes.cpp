// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/fingerprint.h"
#include "daemon/api/routes.h"
#include "daemon/workflows/workflow_file.h"
#include "shared/domain/command.h"
#include "shared/protocol/json_writer.h"

namespace gantry::api {

namespace {

constexpr std::int64_t maxRank = 1'000'000;

void writeNumbers(JsonWriter& body, std::int64_t onHand, std::int64_t reserved)
{
    body.member("on_hand", onHand).member("reserved", reserved).member("available", onHand - reserved);
}

void writeLevel(JsonWriter& body, const store::StockLevel& level)
{
    body.beginObject().member("sku", level.sku);
    writeNumbers(body, level.onHand, level.reserved);
    body.key("warehouses").beginArray();
    for (const store::WarehouseLevel& part : level.warehouses) {
        body.beginObject().member("warehouse", part.warehouse);
        writeNumbers(body, part.onHand, part.reserved);
        body.endObject();
    }
    body.endArray().endObject();
}

void writeMovement(JsonWriter& body, const store::StockMovement& movement)
{
    body.beginObject()
        .member("number", movement.number)
        .member("at", movement.at)
        .member("kind", store::movementKindName(movement.kind))
        .member("warehouse", movement.warehouse)
        .member("on_hand_change", movement.onHandChange)
        .member("reserved_change", movement.reservedChange);
    if (movement.order)
        body.member("order_id", movement.order->text());
    body.member("actor", movement.actor).memberIf("reason", movement.reason).endObject();
}

void getStock(const Services& services, const Call& call, const ApiReply& reply)
{
    const bool taken = services.readers.post([reply, sku = call.parts.front()](store::StoreReader& reader) {
        const auto level = reader.readStock(sku);
        if (!level)
            return reply(problem(level.error()));
        if (!*level)
            return reply(problem({ErrorCode::NotFound,
                "The SKU " + sku.substr(0, 100)
                    + " has no stock record: it is not tracked, and never short."}));
        JsonWriter body;
        writeLevel(body, **level);
        reply(json(body.take()));
    });
    if (!taken)
        reply(problem(inboxFull()));
}

void listStock(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto limit = numberOf(call, "limit", 100, 1, 500);
    if (!limit)
        return reply(problem(limit.error()));
    const Cursors cursors(call);
    const auto after = cursors.given(call);
    if (!after)
        return reply(problem(after.error()));
    const bool taken = services.readers.post(
        [reply, cursors, limit = *limit, after = after->value_or(std::string())](store::StoreReader& reader) {
            const auto levels = reader.listStock(after, limit);
            if (!levels)
                return reply(problem(levels.error()));
            JsonWriter body;
            body.beginObject().key("items").beginArray();
            for (const store::StockLevel& level : *levels)
                writeLevel(body, level);
            body.endArray().key("next_cursor");
            if (levels->size() == limit)
                body.value(cursors.at(levels->back().sku));
            else
                body.null();
            body.endObject();
            reply(json(body.take()));
        });
    if (!taken)
        reply(problem(inboxFull()));
}

void listMovements(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto limit = numberOf(call, "limit", 100, 1, 500);
    const Cursors cursors(call);
    const auto before = cursors.givenNumber(call);
    if (!limit || !before)
        return reply(problem(!limit ? limit.error() : before.error()));
    const bool taken = services.readers.post([reply, cursors, limit = *limit, sku = call.parts.front(),
                                                 before = *before](store::StoreReader& reader) {
        const auto movements = reader.listMovements(sku, before, limit);
        if (!movements)
            return reply(problem(movements.error()));
        JsonWriter body;
        body.beginObject().key("items").beginArray();
        for (const store::StockMovement& movement : *movements)
            writeMovement(body, movement);
        body.endArray().key("next_cursor");
        if (movements->size() == limit)
            body.value(cursors.at(movements->back().number));
        else
            body.null();
        body.endObject();
        reply(json(body.take()));
    });
    if (!taken)
        reply(problem(inboxFull()));
}

/// The change that a body asks for, and what is wrong with it.
class ChangeReader {
public:
    ChangeReader(const Call& call, simdjson::dom::element body)
        : m_reader(body, "", m_errors)
    {
        m_change.sku = call.parts.front();
        m_change.actor = call.principal.name;
        if (m_change.sku.size() > DocumentLimits::keyBytes)
            m_errors.add("/sku", ErrorCode::InvalidValue, "must not be longer than 100 bytes");
    }

    /// Of a body of PUT: what was counted.
    Result<store::StockChange> count()
    {
        readWarehouse();
        m_change.quantity = quantity("on_hand", 0);
        m_change.reason = m_reader.text("reason", CommandLimits::reason);
        return take();
    }

    /// Of a body of POST: a movement.
    Result<store::StockChange> movement()
    {
        const std::string kind = m_reader.requiredText("kind", DocumentLimits::keyBytes);
        if (kind == store::movementKindName(store::MovementKind::Moved)) {
            m_change.kind = store::MovementKind::Moved;
            m_change.warehouse = m_reader.requiredText("from", DocumentLimits::keyBytes);
            m_change.toWarehouse = m_reader.requiredText("to", DocumentLimits::keyBytes);
            m_change.quantity = quantity("quantity", 1);
        } else {
            const bool isReceived = kind == store::movementKindName(store::MovementKind::Received);
            m_change.kind = isReceived ? store::MovementKind::Received : store::MovementKind::Adjusted;
            if (!isReceived && kind != store::movementKindName(store::MovementKind::Adjusted))
                m_errors.add("/kind", ErrorCode::InvalidValue, "must be received, adjusted or moved");
            readWarehouse();
            m_change.quantity = quantity("change", isReceived ? 1 : -store::mostOnHand);
            if (!isReceived && m_change.quantity == 0)
                m_errors.add("/change", ErrorCode::InvalidValue, "must not be 0");
        }
        m_change.reason = m_reader.requiredText("reason", CommandLimits::reason);
        return take();
    }

private:
    /// The warehouse, if it is given; it is the main one else.
    void readWarehouse()
    {
        if (m_reader.any("warehouse"))
            m_change.warehouse = m_reader.requiredText("warehouse", DocumentLimits::keyBytes);
    }

    std::int64_t quantity(const std::string& name, std::int64_t least)
    {
        const std::int64_t value = m_reader.requiredInteger(name);
        if (value < least || value > store::mostOnHand)
            m_errors.add('/' + name, ErrorCode::InvalidValue,
                "must be " + std::to_string(least) + " to " + std::to_string(store::mostOnHand));
        return value;
    }

    Result<store::StockChange> take()
    {
        m_reader.finish();
        if (!m_errors.isEmpty())
            return tl::unexpected(m_errors.toError("The stock record"));
        return std::move(m_change);
    }

    FieldErrors m_errors;
    ObjectReader m_reader;
    store::StockChange m_change;
};

/// Why the role may not change stock at that warehouse. Empty if it may.
std::optional<Error> refusalOf(std::string_view warehouse, const RoleRef& role)
{
    const Scope* scope = role->find(Right::ChangeStock);
    if (warehouse.empty() || (scope && scope->hasWarehouse(warehouse)))
        return std::nullopt;
    return Error{ErrorCode::Forbidden,
        "The role " + role->name + " has the right " + std::string(traitsOf(Right::ChangeStock).name)
            + " not for the warehouse " + std::string(warehouse) + ". Ask somebody with the role "
            + whoHas(Right::ChangeStock) + '.'};
}

void change(const Services& services, const Call& call, const ApiReply& reply,
    Result<store::StockChange> (ChangeReader::*read)())
{
    const auto body = bodyOf(call.request);
    if (!body)
        return reply(problem(body.error()));
    auto asked = (ChangeReader(call, *body).*read)();
    if (!asked)
        return reply(problem(asked.error()));
    for (const std::string& warehouse : {asked->warehouse, asked->toWarehouse})
        if (auto refused = refusalOf(warehouse, call.principal.role))
            return reply(problem(*refused));
    const auto key = idempotencyKeyOf(call, fingerprintOf(call.request.path + '\n' + call.request.body));
    if (!key)
        return reply(problem(key.error()));
    if (*key)
        asked->key = store::StockKey{(*key)->key, (*key)->fingerprint};
    const bool isMovement = asked->kind != store::MovementKind::Counted;
    engine::StockCommand command{
        std::move(*asked), [reply, isMovement](const Result<store::StockChanged>& changed) {
            if (!changed)
                return reply(problem(changed.error()));
            JsonWriter answer;
            writeLevel(answer, changed->level);
            ApiResponse response = json(answer.take(), isMovement && !changed->replayed ? 201 : 200);
            if (changed->replayed)
                response.headers.emplace_back("Idempotency-Replayed", "true");
            reply(std::move(response));
        }};
    if (!services.inbox.post(std::move(command)))
        reply(problem(inboxFull()));
}

void writeWarehouse(JsonWriter& body, const store::Warehouse& warehouse)
{
    body.beginObject().member("name", warehouse.name).member("rank", warehouse.rank).endObject();
}

void listWarehouses(const Services& services, const ApiReply& reply)
{
    const bool taken = services.readers.post([reply](store::StoreReader& reader) {
        const auto warehouses = reader.listWarehouses();
        if (!warehouses)
            return reply(problem(warehouses.error()));
        JsonWriter body;
        body.beginObject().key("items").beginArray();
        for (const store::Warehouse& warehouse : *warehouses)
            writeWarehouse(body, warehouse);
        body.endArray().endObject();
        reply(json(body.take()));
    });
    if (!taken)
        reply(problem(inboxFull()));
}

void putWarehouse(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto body = bodyOf(call.request);
    if (!body)
        return reply(problem(body.error()));
    FieldErrors errors;
    ObjectReader reader(*body, "", errors);
    const store::Warehouse warehouse{call.parts.front(), reader.requiredInteger("rank")};
    reader.finish();
    if (warehouse.rank < 0 || warehouse.rank > maxRank)
        errors.add("/rank", ErrorCode::InvalidValue, "must be 0 to 1000000");
    if (!workflows::isWellFormedName(warehouse.name))
        errors.add("/name", ErrorCode::InvalidValue,
            "must have 1 to 64 lower-case letters, digits, _ and -, beginning with a letter");
    if (!errors.isEmpty())
        return reply(problem(errors.toError("The warehouse")));
    if (auto refused = refusalOf(warehouse.name, call.principal.role))
        return reply(problem(*refused));
    engine::PutWarehouse command{warehouse, [reply, warehouse](const Result<void>& done) {
                                     if (!done)
                                         return reply(problem(done.error()));
                                     JsonWriter answer;
                                     writeWarehouse(answer, warehouse);
                                     reply(json(answer.take()));
                                 }};
    if (!services.inbox.post(std::move(command)))
        reply(problem(inboxFull()));
}

} // namespace

void addStockRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"GET", "/v1/stock", Access::Reader, {"limit", "cursor"},
        [services](const Call& call, const ApiReply& reply) { listStock(services, call, reply); }});
    routes.push_back({"GET", "/v1/stock/{}/movements", Access::Reader, {"limit", "cursor"},
        [services](const Call& call, const ApiReply& reply) { listMovements(services, call, reply); }});
    routes.push_back({"POST", "/v1/stock/{}/movements", Access::Stock, {},
        [services](const Call& call, const ApiReply& reply) {
            change(services, call, reply, &ChangeReader::movement);
        }});
    routes.push_back({"GET", "/v1/stock/{}", Access::Reader, {},
        [services](const Call& call, const ApiReply& reply) { getStock(services, call, reply); }});
    routes.push_back(
        {"PUT", "/v1/stock/{}", Access::Stock, {}, [services](const Call& call, const ApiReply& reply) {
             change(services, call, reply, &ChangeReader::count);
         }});
    routes.push_back({"GET", "/v1/warehouses", Access::Reader, {},
        [services](const Call&, const ApiReply& reply) { listWarehouses(services, reply); }});
    routes.push_back({"PUT", "/v1/warehouses/{}", Access::Stock, {},
        [services](const Call& call, const ApiReply& reply) { putWarehouse(services, call, reply); }});
}

} // namespace gantry::api
