// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/call_json.h"
#include "daemon/api/routes.h"
#include "daemon/workflows/workflow_file.h"
#include "shared/protocol/json_writer.h"
#include "shared/protocol/order_codec.h"
#include "shared/util/text.h"

#include <algorithm>
#include <charconv>
#include <memory>

namespace gantry::api {

namespace {

constexpr std::size_t maxChannels = 100;

std::string_view kindName(StepKind kind)
{
    switch (kind) {
    case StepKind::Builtin: return "builtin";
    case StepKind::Service: return "service";
    case StepKind::Manual: return "manual";
    case StepKind::Worker: return "worker";
    case StepKind::Timer: return "timer";
    case StepKind::Approval: return "approval";
    case StepKind::Http: return "http";
    }
    return "builtin";
}

void writeCodes(JsonWriter& body, std::string_view name, const std::vector<std::string>& codes)
{
    body.key(name).beginArray();
    for (const std::string& code : codes)
        body.value(code);
    body.endArray();
}

void writeRetry(JsonWriter& body, const RetryPolicy& retry)
{
    body.key("retry")
        .beginObject()
        .member("max_attempts", retry.maxAttempts)
        .member("initial_ms", std::int64_t{retry.initial.count()})
        .member("factor", retry.factor)
        .member("max_ms", std::int64_t{retry.max.count()});
    writeCodes(body, "fatal_codes", retry.fatalCodes);
    body.endObject();
}

/// What an order waits for at a step of a clock or of several persons, and how long any step should take.
void writeWaiting(JsonWriter& body, const StepDefinition& step)
{
    if (step.kind == StepKind::Approval)
        body.member("approvals", static_cast<int>(step.approvals));
    if (step.beforePromise)
        body.member("before_promise_ms", std::int64_t{step.beforePromise->count()});
    else if (step.kind == StepKind::Timer)
        body.member("delay_ms", std::int64_t{step.delay.count()});
    if (step.target.count() > 0)
        body.member("target_ms", std::int64_t{step.target.count()});
    if (step.reserveFor.count() > 0)
        body.member("reserve_for_ms", std::int64_t{step.reserveFor.count()});
}

void writeLimit(JsonWriter& body, const StepLimit& limit)
{
    body.key("limit").beginObject();
    if (limit.key)
        body.member("key", formatTextField(*limit.key));
    if (limit.concurrency != 0)
        body.member("concurrency", std::int64_t{limit.concurrency});
    if (limit.rate != 0)
        body.member("rate", std::int64_t{limit.rate}).member("per_ms", std::int64_t{limit.per.count()});
    body.endObject();
}

void writeStep(JsonWriter& body, const StepDefinition& step)
{
    const bool isUndone = !step.compensation.empty();
    body.beginObject()
        .member("name", step.name)
        .member("kind", kindName(step.kind))
        .memberIf("handler", step.handler)
        .memberIf("compensation", step.compensation);
    const Performer performer = performerOf(step.kind);
    if (performer == Performer::Person)
        body.member("role", roleName(step.role));
    writeWaiting(body, step);
    if (step.kind == StepKind::Service || step.kind == StepKind::Worker || step.kind == StepKind::Http
        || isUndone)
        body.member("timeout_ms", std::int64_t{step.timeout.count()});
    if (step.startTimeout.count() > 0)
        body.member("start_timeout_ms", std::int64_t{step.startTimeout.count()});
    if (step.runTimeout.count() > 0)
        body.member("run_timeout_ms", std::int64_t{step.runTimeout.count()});
    if (performer == Performer::Machine || isUndone)
        writeRetry(body, step.retry);
    writeCodes(body, "cancel_codes", step.cancelCodes);
    if (step.limit)
        writeLimit(body, *step.limit);
    if (step.when)
        body.member("when", formatCondition(*step.when));
    if (step.call)
        writeCall(body.key("call"), *step.call);
    if (step.undoCall)
        writeCall(body.key("compensate"), *step.undoCall);
    body.endObject();
}

/// The channels that a definition is chosen for; "default" when those without a choice of their own get it.
void writeUse(
    JsonWriter& body, const store::WorkflowRecord& record, const std::vector<store::WorkflowChoice>& choices)
{
    bool isDefault = false;
    body.key("channels").beginArray();
    for (const store::WorkflowChoice& choice : choices) {
        if (choice.name != record.name || choice.version != record.version)
            continue;
        if (choice.channel.empty())
            isDefault = true;
        else
            body.value(choice.channel);
    }
    body.endArray().member("default", isDefault);
}

void writeHead(JsonWriter& body, const store::WorkflowRecord& record, const Workflow& workflow,
    const std::vector<store::WorkflowChoice>& choices)
{
    body.member("name", record.name)
        .member("version", record.version)
        .memberIf("description", workflow.description);
    writeUse(body, record, choices);
    body.member("stored_at", record.storedAt).member("stored_by", record.storedBy);
}

/// What the store holds, read anew: few, and asked for by people.
struct Stored {
    std::vector<store::WorkflowRecord> records;
    std::vector<store::WorkflowChoice> choices;
};

Result<Stored> readStored(store::StoreReader& reader)
{
    auto records = reader.listWorkflows();
    if (!records)
        return tl::unexpected(records.error());
    auto choices = reader.listWorkflowChoices();
    if (!choices)
        return tl::unexpected(choices.error());
    return Stored{std::move(*records), std::move(*choices)};
}

Result<Workflow> definitionOf(const store::WorkflowRecord& record)
{
    return workflows::readWorkflow(
        record.source, record.name + ' ' + std::to_string(record.version), nullptr);
}

void listWorkflows(const Services& services, const ApiReply& reply)
{
    const bool taken = services.readers.post([reply](store::StoreReader& reader) {
        const auto stored = readStored(reader);
        if (!stored)
            return reply(problem(stored.error()));
        JsonWriter body;
        body.beginObject().key("items").beginArray();
        for (const store::WorkflowRecord& record : stored->records) {
            const auto workflow = definitionOf(record);
            if (!workflow)
                return reply(problem(workflow.error()));
            body.beginObject();
            writeHead(body, record, *workflow, stored->choices);
            body.key("steps").beginArray();
            for (const StepDefinition& step : workflow->steps)
                body.value(step.name);
            body.endArray().endObject();
        }
        body.endArray().endObject();
        reply(json(body.take()));
    });
    if (!taken)
        reply(problem(inboxFull()));
}

Error noSuchWorkflow(const std::string& name, const std::string& version)
{
    return {ErrorCode::NotFound,
        "There is no workflow " + toPlainText(name, 100) + ' ' + toPlainText(version, 20)
            + ". List the workflows and choose again."};
}

/// The version in a path; 0 if it is none.
int versionOf(std::string_view text)
{
    int version = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    return error == std::errc() && end == text.data() + text.size() && version > 0 ? version : 0;
}

void getWorkflow(const Services& services, const Call& call, const ApiReply& reply)
{
    const bool taken = services.readers.post(
        [reply, name = call.parts[0], version = call.parts[1]](store::StoreReader& reader) {
            const auto stored = readStored(reader);
            if (!stored)
                return reply(problem(stored.error()));
            const auto& records = stored->records;
            const auto found = std::find_if(records.begin(), records.end(), [&](const auto& record) {
                return record.name == name && record.version == versionOf(version);
            });
            if (found == records.end())
                return reply(problem(noSuchWorkflow(name, version)));
            const auto workflow = definitionOf(*found);
            if (!workflow)
                return reply(problem(workflow.error()));
            JsonWriter body;
            body.beginObject();
            writeHead(body, *found, *workflow, stored->choices);
            body.key("steps").beginArray();
            for (const StepDefinition& step : workflow->steps)
                writeStep(body, step);
            body.endArray().member("source", found->source).endObject();
            reply(json(body.take()));
        });
    if (!taken)
        reply(problem(inboxFull()));
}

struct StoreRequest {
    std::string source;
    std::string file;
    bool dryRun = false;
};

Result<StoreRequest> readStoreRequest(const Call& call)
{
    const auto body = bodyOf(call.request);
    if (!body)
        return tl::unexpected(body.error());
    FieldErrors errors;
    ObjectReader reader(*body, "", errors);
    StoreRequest request;
    request.file = reader.text("file", 1000);
    request.dryRun = reader.boolean("dry_run").value_or(false);
    // Not by text(): a file has line breaks. What may stand in it is the business of the file's own reader.
    const auto source = reader.any("source");
    std::string_view text;
    if (!source)
        errors.add("/source", ErrorCode::MissingField, "is missing: the workflow file as a text");
    else if (source->get(text) != simdjson::SUCCESS)
        errors.add("/source", ErrorCode::WrongType, "must be a text: the workflow file as it is");
    reader.finish();
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("The workflow"));
    request.source = text;
    if (request.file.empty())
        request.file = "workflow";
    return request;
}

ApiResponse storedAnswer(const Workflow& workflow, bool isNew, bool dryRun)
{
    JsonWriter body;
    body.beginObject().member("name", workflow.name).member("version", workflow.version).member("new", isNew);
    if (dryRun)
        body.member("dry_run", true);
    body.key("steps").beginArray();
    for (const StepDefinition& step : workflow.steps)
        body.value(step.name);
    body.endArray().endObject();
    return json(body.take(), isNew && !dryRun ? 201 : 200);
}

/// Says what storing would answer, and stores nothing.
void tryWorkflow(
    const Services& services, const Workflow& workflow, std::string source, const ApiReply& reply)
{
    const bool taken =
        services.readers.post([reply, workflow, source = std::move(source)](store::StoreReader& reader) {
            const auto stored = reader.listWorkflows();
            if (!stored)
                return reply(problem(stored.error()));
            const auto found = std::find_if(stored->begin(), stored->end(), [&](const auto& record) {
                return record.name == workflow.name && record.version == workflow.version;
            });
            if (found != stored->end() && found->source != source)
                return reply(problem(store::workflowIsTaken(workflow.name, workflow.version)));
            reply(storedAnswer(workflow, found == stored->end(), true));
        });
    if (!taken)
        reply(problem(inboxFull()));
}

void storeWorkflow(const Services& services, const Call& call, const ApiReply& reply)
{
    auto request = readStoreRequest(call);
    if (!request)
        return reply(problem(request.error()));
    auto workflow = workflows::readWorkflow(request->source, request->file, &services.handlers);
    if (!workflow)
        return reply(problem(workflow.error()));
    if (request->dryRun || call.isRehearsal)
        return tryWorkflow(services, *workflow, std::move(request->source), reply);
    const auto shared = std::make_shared<const Workflow>(std::move(*workflow));
    engine::StoreWorkflow command{
        shared, std::move(request->source), call.principal.name, [reply, shared](const Result<bool>& isNew) {
            reply(isNew ? storedAnswer(*shared, *isNew, false) : problem(isNew.error()));
        }};
    if (!services.inbox.post(std::move(command)))
        reply(problem(inboxFull()));
}

/// The channels of a body. Errors: as for any body.
Result<std::vector<std::string>> channelsIn(const Call& call)
{
    const auto body = bodyOf(call.request);
    if (!body)
        return tl::unexpected(body.error());
    FieldErrors errors;
    ObjectReader reader(*body, "", errors);
    std::vector<std::string> channels;
    if (const auto array = reader.array("channels")) {
        if (array->size() > maxChannels)
            errors.add(
                "/channels", ErrorCode::InvalidValue, "has more than 100 channels; send them in parts");
        for (const auto element : *array) {
            std::string_view channel;
            const bool isText = element.get(channel) == simdjson::SUCCESS;
            if (!isText || channel.empty() || channel.size() > DocumentLimits::keyBytes
                || hasControlCharacter(channel))
                errors.add("/channels/" + std::to_string(channels.size()), ErrorCode::InvalidValue,
                    "must be a channel's name: a text of 1 to 100 bytes");
            channels.emplace_back(channel);
        }
    }
    reader.finish();
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("The choice"));
    return channels;
}

void choose(const Services& services, const Call& call, const ApiReply& reply, std::string name, int version,
    std::vector<std::string> channels)
{
    JsonWriter answer;
    answer.beginObject();
    if (!name.empty())
        answer.member("name", name).member("version", version);
    answer.key("channels").beginArray();
    for (const std::string& channel : channels)
        if (!channel.empty())
            answer.value(channel);
    answer.endArray().member("default", channels.front().empty()).endObject();
    engine::ChooseWorkflow command{std::move(name), version, std::move(channels), call.principal.name,
        [reply, text = answer.take()](
            const Result<void>& done) { reply(done ? json(text) : problem(done.error())); }};
    if (!services.inbox.post(std::move(command)))
        reply(problem(inboxFull()));
}

void activate(const Services& services, const Call& call, const ApiReply& reply)
{
    auto channels = channelsIn(call);
    if (!channels)
        return reply(problem(channels.error()));
    const int version = versionOf(call.parts[1]);
    if (version == 0)
        return reply(problem(noSuchWorkflow(call.parts[0], call.parts[1])));
    if (channels->empty())
        channels->emplace_back(); // all that have no choice of their own
    choose(services, call, reply, call.parts[0], version, std::move(*channels));
}

void deactivate(const Services& services, const Call& call, const ApiReply& reply)
{
    auto channels = channelsIn(call);
    if (!channels)
        return reply(problem(channels.error()));
    if (channels->empty())
        return reply(problem({ErrorCode::MissingField, "Say which channels are to give up their choice.",
            {{"/channels", ErrorCode::MissingField, "needs one channel at least"}}}));
    choose(services, call, reply, {}, 0, std::move(*channels));
}

} // namespace

void addWorkflowRoutes(std::vector<Route>& routes, const Services& services)
{
    routes.push_back({"GET", "/v1/workflows", Access::Reader, {},
        [services](const Call&, const ApiReply& reply) { listWorkflows(services, reply); }});
    routes.push_back({"POST", "/v1/workflows", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) { storeWorkflow(services, call, reply); }});
    routes.push_back({"POST", "/v1/workflows/deactivate", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) { deactivate(services, call, reply); }});
    routes.push_back({"GET", "/v1/workflows/{}/{}", Access::Reader, {},
        [services](const Call& call, const ApiReply& reply) { getWorkflow(services, call, reply); }});
    routes.push_back({"POST", "/v1/workflows/{}/{}/activate", Access::Admin, {},
        [services](const Call& call, const ApiReply& reply) { activate(services, call, reply); }});
}

} // namespace gantry::api
