// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/bulk_answer.h"
#include "daemon/api/bulk_request.h"
#include "daemon/api/fingerprint.h"
#include "daemon/api/masking.h"
#include "daemon/api/order_query.h"
#include "daemon/api/routes.h"
#include "daemon/engine/workflow_catalog.h"
#include "daemon/workflows/workflow_file.h"
#include "shared/util/text.h"

#include <algorithm>

namespace gantry::api {

namespace {

Error noSuchBulk(std::string_view id)
{
    return {ErrorCode::NotFound,
        "There is no bulk action " + toPlainText(id, 100) + ". List the bulk actions and choose again."};
}

/// Every stored definition. Errors: the store's.
Result<engine::WorkflowCatalog> readCatalog(store::StoreReader& reader)
{
    const auto records = reader.listWorkflows();
    if (!records)
        return tl::unexpected(records.error());
    engine::WorkflowCatalog catalog;
    for (const store::WorkflowRecord& record : *records) {
        auto workflow = workflows::readWorkflow(
            record.source, record.name + ' ' + std::to_string(record.version), nullptr);
        if (!workflow)
            return tl::unexpected(workflow.error());
        catalog.add(std::move(*workflow));
    }
    return catalog;
}

/// The command that each order would get.
Command commandOf(const BulkRequest& request, Timestamp now)
{
    const store::BulkRecord& record = request.record;
    return {.at = now,
        .actor = record.createdBy,
        .role = request.role,
        .body = TakeAction{.action = record.action,
            .reason = record.reason,
            .step = record.step,
            .holdId = record.action == Action::Hold ? "hold_blk_preview" : record.holdId,
            .expiresAt = record.expiresAt}};
}

ApiResponse preview(const Services& services, const BulkRequest& request, store::StoreReader& reader)
{
    const auto catalog = readCatalog(reader);
    if (!catalog)
        return problem(catalog.error());
    bulk::BulkPreview preview(commandOf(request, services.clock.now()),
        [&catalog](const std::string& name, int version) { return catalog->find(name, version); });
    auto done = bulk::forEachSelected(reader, request.selection, {bulk::BulkLimits::members}, services.clock,
        [&preview](const OrderId&, const Order* order) { preview.add(order); });
    if (!done)
        return problem(done.error());
    JsonWriter body;
    writePreview(body, request.record.action, preview);
    return json(body.take());
}

void created(const Result<bulk::Created>& created, const ApiReply& reply)
{
    if (!created)
        return reply(problem(created.error()));
    JsonWriter body;
    writeBulk(body, created->record);
    ApiResponse response = json(body.take(), created->replayed ? 200 : 202);
    response.headers.emplace_back("Location", "/v1/bulk-actions/" + created->record.id);
    if (created->replayed)
        response.headers.emplace_back("Idempotency-Replayed", "true");
    reply(std::move(response));
}

/// Freezes the list, and hands it to the runner.
void create(const Services& services, BulkRequest request, store::StoreReader& reader, const ApiReply& reply)
{
    bulk::CreateBulk message;
    auto done = bulk::forEachSelected(reader, request.selection, {bulk::BulkLimits::members}, services.clock,
        [&message](const OrderId& id, const Order* order) {
            message.orders.push_back({id, order ? order->version : 0});
        });
    if (!done)
        return reply(problem(done.error()));
    message.record = std::move(request.record);
    message.reply = [reply](const Result<bulk::Created>& answer) { created(answer, reply); };
    if (!services.bulk->post(std::move(message)))
        reply(problem(inboxFull()));
}

/// Lets a selection find only what the role may see. Errors: what a masked role must not search by.
std::optional<Error> narrow(bulk::Selection& selection, const RoleRef& role)
{
    selection.channels = role.channels();
    if (!selection.filter)
        return std::nullopt;
    selection.filter->channels = role.channels();
    return refusalOfSearch(selection.filter->query, role);
}

void postBulk(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto body = bodyOf(call.request);
    if (!body)
        return reply(problem(body.error()));
    auto request = readBulkRequest(*body);
    if (!request)
        return reply(problem(request.error()));
    auto key = idempotencyKeyOf(call, fingerprintOf(call.request.path + '\n' + call.request.body));
    if (!key)
        return reply(problem(key.error()));
    request->isDryRun = request->isDryRun || call.isRehearsal;
    store::BulkRecord& record = request->record;
    record.createdBy = call.principal.name;
    request->role = call.principal.role;
    const auto builtIn = request->role.builtIn();
    record.role = builtIn.value_or(Role::Viewer);
    record.customRole = builtIn ? std::string() : request->role->name;
    if (auto refused = narrow(request->selection, request->role))
        return reply(problem(*refused));
    if (*key) {
        record.key = (*key)->key;
        record.fingerprint.assign((*key)->fingerprint.begin(), (*key)->fingerprint.end());
    }
    if (!request->isDryRun && !isPermitted(record.action, {}, request->role))
        return reply(problem({ErrorCode::Forbidden,
            "The role " + request->role->name + " may not " + std::string(actionName(record.action))
                + " orders. Ask somebody with the role " + whoHas(rightFor(record.action, {})) + '.'}));
    ReaderPool& readers = services.selections ? *services.selections : services.readers;
    const bool taken =
        readers.post([services, request = std::move(*request), reply](store::StoreReader& reader) {
            if (request.isDryRun)
                reply(preview(services, request, reader));
            else
                create(services, request, reader, reply);
        });
    if (!taken)
        reply(problem(inboxFull()));
}

void listBulks(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto limit = numberOf(call, "limit", 50, 1, maxPage);
    if (!limit)
        return reply(problem(limit.error()));
    const Cursors cursors(call);
    const auto cursor = cursors.givenNumber(call);
    if (!cursor)
        return reply(problem(cursor.error()));
    look(services, reply, [cursors, limit = *limit, before = *cursor](store::StoreReader& reader) {
        const auto records = reader.listBulks(before, limit + 1);
        if (!records)
            return problem(records.error());
        JsonWriter body;
        body.beginObject().key("items").beginArray();
        const std::size_t shown = std::min<std::size_t>(records->size(), limit);
        for (std::size_t i = 0; i < shown; ++i)
            writeBulk(body, (*records)[i]);
        body.endArray().key("next_cursor");
        if (records->size() > shown)
            body.value(cursors.at((*records)[shown - 1].number));
        else
            body.null();
        body.endObject();
        return json(body.take());
    });
}

void getBulk(const Services& services, const Call& call, const ApiReply& reply)
{
    look(services, reply, [id = call.parts.front()](store::StoreReader& reader) {
        const auto record = reader.findBulk(id);
        if (!record)
            return problem(record.error());
        if (!*record)
            return problem(noSuchBulk(id));
        const auto log = reader.listBulkLog((*record)->number);
        if (!log)
            return problem(log.error());
        JsonWriter body;
        body.beginObject();
        writeBulkMembers(body, **record);
        body.key("log");
        writeBulkLog(body, *log);
        body.endObject();
        return json(body.take());
    });
}

/// What is asked for of the members.
struct MemberQuery {
    std::string bulk;
    std::optional<store::MemberResult> result;
    std::uint32_t from = 0;
    std::size_t limit = 50;
};

ApiResponse membersOf(store::StoreReader& reader, const MemberQuery& query, const Cursors& cursors)
{
    const auto record = reader.findBulk(query.bulk);
    if (!record)
        return problem(record.error());
    if (!*record)
        return problem(noSuchBulk(query.bulk));
    const auto members = reader.listBulkMembers((*record)->number, query.result, query.from, query.limit + 1);
    if (!members)
        return problem(members.error());
    JsonWriter body;
    body.beginObject().key("items").beginArray();
    const std::size_t shown = std::min(members->size(), query.limit);
    for (std::size_t i = 0; i < shown; ++i)
        writeBulkMember(body, (*members)[i]);
    body.endArray().key("next_cursor");
    if (members->size() > shown)
        body.value(cursors.at((*members)[shown].number));
    else
        body.null();
    body.endObject();
    return json(body.take());
}

void listMembers(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto limit = numberOf(call, "limit", 50, 1, maxPage);
    if (!limit)
        return reply(problem(limit.error()));
    const Cursors cursors(call);
    const auto cursor = cursors.givenNumber(call);
    if (!cursor)
        return reply(problem(cursor.error()));
    const auto from = static_cast<std::uint32_t>(std::min<std::uint64_t>(cursor->value_or(0), UINT32_MAX));
    MemberQuery query{call.parts.front(), std::nullopt, from, *limit};
    if (const std::string_view name = call.parameter("result"); !name.empty()) {
        query.result = store::memberResultFromName(name);
        if (!query.result)
            return reply(problem({ErrorCode::InvalidValue,
                "The parameter result must be a result such as failed_again or changed.",
                {{"result", ErrorCode::InvalidValue, "is not a result"}}}));
    }
    look(services, reply, [query = std::move(query), cursors](store::StoreReader& reader) {
        return membersOf(reader, query, cursors);
    });
}

void steerBulk(const Services& services, const Call& call, const ApiReply& reply)
{
    const auto body = bodyOf(call.request);
    if (!body)
        return reply(problem(body.error()));
    auto request = readSteerRequest(*body);
    if (!request)
        return reply(problem(request.error()));
    const auto key = idempotencyKeyOf(call, fingerprintOf(call.request.path + '\n' + call.request.body));
    if (!key)
        return reply(problem(key.error()));
    bulk::SteerBulk message{.id = call.parts.front(),
        .steer = request->steer,
        .actor = call.principal.name,
        .role = call.principal.role,
        .reason = std::move(request->reason),
        .reply = {},
        .isRehearsal = call.isRehearsal};
    if (*key) {
        message.key = (*key)->key;
        message.fingerprint.assign((*key)->fingerprint.begin(), (*key)->fingerprint.end());
    }
    message.reply = [reply](const Result<bulk::Steered>& steered) {
        if (!steered)
            return reply(problem(steered.error()));
        JsonWriter answer;
        writeBulk(answer, steered->record);
        ApiResponse response = json(answer.take());
        if (steered->replayed)
            response.headers.emplace_back("Idempotency-Replayed", "true");
        reply(std::move(response));
    };
    if (!services.bulk->post(std::move(message)))
        reply(problem(inboxFull()));
}

} // namespace

void addBulkRoutes(std::vector<Route>& routes, const Services& services)
{
    if (!services.bulk)
        return;
    routes.push_back({"POST", "/v1/bulk-actions", Access::Worker, {},
        [services](const Call& call, const ApiReply& reply) { postBulk(services, call, reply); }});
    routes.push_back({"GET", "/v1/bulk-actions", Access::Everything, {"limit", "cursor"},
        [services](const Call& call, const ApiReply& reply) { listBulks(services, call, reply); }});
    routes.push_back({"GET", "/v1/bulk-actions/{}", Access::Everything, {},
        [services](const Call& call, const ApiReply& reply) { getBulk(services, call, reply); }});
    routes.push_back({"GET", "/v1/bulk-actions/{}/members", Access::Everything, {"result", "limit", "cursor"},
        [services](const Call& call, const ApiReply& reply) { listMembers(services, call, reply); }});
    routes.push_back({"POST", "/v1/bulk-actions/{}/actions", Access::Worker, {},
        [services](const Call& call, const ApiReply& reply) { steerBulk(services, call, reply); }});
}

} // namespace gantry::api
