// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/worker_codec.h"

#include "shared/protocol/money_codec.h"
#include "shared/protocol/order_codec.h"
#include "shared/protocol/problem.h"

#include <algorithm>

namespace gantry {

namespace {

using Limits = WorkerWireLimits;
using std::chrono::milliseconds;

bool isCode(std::string_view text) noexcept
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    });
}

std::int64_t between(ObjectReader& reader, std::string_view name, std::optional<std::int64_t> fallback,
    std::int64_t least, std::int64_t most)
{
    const std::int64_t number = fallback ? reader.integerOr(name, *fallback) : reader.requiredInteger(name);
    const bool isThere = reader.any(name).has_value();
    if (isThere && (number < least || number > most))
        reader.errors().add(reader.pointerTo(name), ErrorCode::InvalidValue,
            "must be from " + std::to_string(least) + " to " + std::to_string(most));
    return number;
}

std::string name(ObjectReader& reader, std::string_view member)
{
    std::string text = reader.requiredText(member, Limits::nameBytes);
    if (text.empty() && reader.errors().isEmpty())
        reader.errors().add(reader.pointerTo(member), ErrorCode::InvalidValue, "must not be empty");
    return text;
}

std::vector<std::string> taskNames(ObjectReader& reader)
{
    std::vector<std::string> names;
    const auto array = reader.requiredArray("tasks");
    if (!array)
        return names;
    const auto wrong = [&](ErrorCode code, std::string message) {
        reader.errors().add(reader.pointerTo("tasks"), code, std::move(message));
    };
    if (array->size() == 0 || array->size() > Limits::taskNames) {
        wrong(ErrorCode::InvalidValue, "must name 1 to " + std::to_string(Limits::taskNames) + " tasks");
        return names;
    }
    for (const auto element : *array) {
        std::string_view text;
        if (element.get(text) != simdjson::SUCCESS) {
            wrong(ErrorCode::WrongType, "must hold names of tasks");
            break;
        }
        if (text.size() > Limits::nameBytes || !isCode(text)) {
            wrong(ErrorCode::InvalidValue,
                "must hold names of lower case letters, digits, '_' and '.', of at most 100 bytes");
            break;
        }
        names.emplace_back(text);
    }
    return names;
}

TaskCompletion takeCompletion(ObjectReader& reader)
{
    TaskCompletion completion;
    if (const auto result = reader.object("result")) {
        completion.result = simdjson::to_string(*result);
        completion.money = readResultMoney(*result, reader.pointerTo("result"), reader.errors());
        if (completion.result.size() > Limits::resultBytes)
            reader.errors().add(reader.pointerTo("result"), ErrorCode::InvalidValue,
                "must not be longer than " + std::to_string(Limits::resultBytes) + " bytes");
    }
    reader.finish();
    return completion;
}

TaskFailure takeFailure(ObjectReader& reader)
{
    TaskFailure failure;
    failure.code = reader.requiredText("code", Limits::nameBytes);
    if (reader.any("code") && !isCode(failure.code))
        reader.errors().add(reader.pointerTo("code"), ErrorCode::InvalidValue,
            "must be of lower case letters, digits, '_' and '.'");
    failure.message = reader.text("message", Limits::textBytes);
    failure.fatal = reader.boolean("fatal").value_or(false);
    if (reader.any("retry_after_ms"))
        failure.retryAfter =
            milliseconds(between(reader, "retry_after_ms", 0, 0, Limits::retryAfter.count()));
    reader.finish();
    return failure;
}

/// Runs `take` over one object as a whole.
template <typename Take>
auto readWhole(simdjson::dom::element json, std::string_view subject, Take take)
    -> Result<decltype(take(std::declval<ObjectReader&>()))>
{
    FieldErrors errors;
    ObjectReader reader(json, "", errors);
    auto value = take(reader);
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError(subject));
    return value;
}

ClaimQuery takeClaim(ObjectReader& reader)
{
    ClaimQuery query;
    query.worker = name(reader, "worker");
    query.tasks = taskNames(reader);
    query.max = static_cast<std::size_t>(between(reader, "max", 1, 1, Limits::credit));
    query.wait = milliseconds(between(reader, "wait_ms", 0, 0, Limits::wait.count()));
    reader.finish();
    return query;
}

WorkerHello takeHello(ObjectReader& reader)
{
    WorkerHello hello;
    hello.protocol = static_cast<int>(between(reader, "protocol", std::nullopt, 0, 1'000'000));
    hello.worker = name(reader, "worker");
    hello.tasks = taskNames(reader);
    hello.credit = static_cast<std::size_t>(between(reader, "credit", 1, 1, Limits::credit));
    reader.finish();
    return hello;
}

WorkerResult takeResult(simdjson::dom::element json, const std::string& pointer, FieldErrors& errors)
{
    ObjectReader reader(json, pointer, errors);
    WorkerResult item{.token = reader.requiredText("token", Limits::nameBytes), .outcome = {}};
    std::size_t outcomes = 0;
    if (const auto complete = reader.object("complete")) {
        ObjectReader inner(*complete, pointer + "/complete", errors);
        item.outcome = takeCompletion(inner);
        ++outcomes;
    }
    if (const auto fail = reader.object("fail")) {
        ObjectReader inner(*fail, pointer + "/fail", errors);
        item.outcome = takeFailure(inner);
        ++outcomes;
    }
    if (const auto extend = reader.object("extend")) {
        ObjectReader inner(*extend, pointer + "/extend", errors);
        inner.finish();
        item.outcome = TaskExtension{};
        ++outcomes;
    }
    if (outcomes != 1 && errors.isEmpty())
        errors.add(pointer, outcomes == 0 ? ErrorCode::MissingField : ErrorCode::InvalidValue,
            "must hold exactly one of complete, fail, extend");
    reader.finish();
    return item;
}

WorkerResults takeResults(simdjson::dom::array array, FieldErrors& errors)
{
    WorkerResults results;
    if (array.size() > Limits::resultsOfMessage) {
        errors.add("/results", ErrorCode::InvalidValue,
            "must not hold more than " + std::to_string(Limits::resultsOfMessage));
        return results;
    }
    results.items.reserve(array.size());
    for (const auto element : array)
        results.items.push_back(
            takeResult(element, "/results/" + std::to_string(results.items.size()), errors));
    return results;
}

template <typename Message>
Message takeEmpty(simdjson::dom::element json, const std::string& pointer, FieldErrors& errors)
{
    ObjectReader reader(json, pointer, errors);
    reader.finish();
    return {};
}

std::optional<WorkerMessage> takeMessage(ObjectReader& reader)
{
    FieldErrors& errors = reader.errors();
    if (const auto results = reader.array("results"))
        return takeResults(*results, errors);
    if (const auto heartbeat = reader.object("heartbeat"))
        return takeEmpty<WorkerHeartbeat>(*heartbeat, "/heartbeat", errors);
    if (const auto hello = reader.object("hello")) {
        ObjectReader inner(*hello, "/hello", errors);
        return takeHello(inner);
    }
    if (const auto goodbye = reader.object("goodbye"))
        return takeEmpty<WorkerGoodbye>(*goodbye, "/goodbye", errors);
    if (errors.isEmpty())
        errors.add("", ErrorCode::MissingField, "must hold one of hello, results, heartbeat, goodbye");
    return std::nullopt;
}

/// Writes each kind of outcome as a member of a result.
struct OutcomeWriter {
    JsonWriter& json;

    void operator()(const TaskCompletion& completion) const
    {
        json.key("complete").beginObject();
        if (!completion.result.empty())
            json.key("result").raw(completion.result);
        json.endObject();
    }

    void operator()(const TaskFailure& failure) const
    {
        json.key("fail").beginObject().member("code", failure.code).memberIf("message", failure.message);
        if (failure.fatal)
            json.member("fatal", true);
        if (failure.retryAfter)
            json.member("retry_after_ms", failure.retryAfter->count());
        json.endObject();
    }

    void operator()(const TaskExtension&) const { json.key("extend").beginObject().endObject(); }
};

/// Writes each kind of a worker's message.
struct MessageWriter {
    JsonWriter& json;

    void operator()(const WorkerHello& hello) const
    {
        json.key("hello").beginObject().member("protocol", hello.protocol).member("worker", hello.worker);
        json.key("tasks").beginArray();
        for (const std::string& task : hello.tasks)
            json.value(task);
        json.endArray().member("credit", hello.credit).endObject();
    }

    void operator()(const WorkerResults& results) const
    {
        json.key("results").beginArray();
        for (const WorkerResult& item : results.items) {
            json.beginObject().member("token", item.token);
            std::visit(OutcomeWriter{json}, item.outcome);
            json.endObject();
        }
        json.endArray();
    }

    void operator()(const WorkerHeartbeat&) const { json.key("heartbeat").beginObject().endObject(); }
    void operator()(const WorkerGoodbye&) const { json.key("goodbye").beginObject().endObject(); }
};

} // namespace

Result<ClaimQuery> readClaim(simdjson::dom::element json)
{
    return readWhole(json, "The claim", takeClaim);
}

Result<TaskCompletion> readCompletion(simdjson::dom::element json)
{
    return readWhole(json, "The result", takeCompletion);
}

Result<TaskFailure> readFailure(simdjson::dom::element json)
{
    return readWhole(json, "The failure", takeFailure);
}

Result<TaskExtension> readExtension(simdjson::dom::element json)
{
    return readWhole(json, "The extension", [](ObjectReader& reader) {
        reader.finish();
        return TaskExtension{};
    });
}

void writeTask(JsonWriter& json, const WorkerTask& task)
{
    json.beginObject()
        .member("token", task.token)
        .member("task", *task.task)
        .member("order_id", task.order->id.text())
        .member("step", task.order->step.name)
        .member("attempt", task.order->attempt)
        .member("idempotency_key", task.idempotencyKey)
        .member("lease_until", task.leaseUntil)
        .member("lease_ms", task.lease.count());
    json.key("order");
    writeTaskOrder(json, *task.document, *task.order);
    json.endObject();
}

void writeTaskOrder(JsonWriter& json, std::string_view document, const Order& order)
{
    json.beginObject();
    // The document is an object of ours: its members stand as they are, and those that change follow.
    if (document.size() > 2)
        json.raw(document.substr(1, document.size() - 2));
    writeOrderMembers(json, order);
    json.endObject();
}

Result<WorkerMessage> decodeWorkerMessage(JsonParser& parser, std::string_view text)
{
    const auto root = parser.parse(text);
    if (!root)
        return tl::unexpected(root.error());
    FieldErrors errors;
    ObjectReader reader(*root, "", errors);
    auto message = takeMessage(reader);
    reader.finish();
    if (!message || !errors.isEmpty())
        return tl::unexpected(errors.toError("The message"));
    return std::move(*message);
}

std::string encodeWorkerMessage(const WorkerMessage& message)
{
    JsonWriter json;
    json.beginObject();
    std::visit(MessageWriter{json}, message);
    json.endObject();
    return json.take();
}

std::string encodeWelcome(const WorkerWelcome& welcome)
{
    JsonWriter json;
    json.beginObject().key("welcome").beginObject();
    json.member("protocol", welcome.protocol)
        .member("server", welcome.server)
        .member("principal", welcome.principal)
        .member("credit", welcome.credit)
        .member("heartbeat_ms", welcome.heartbeat.count())
        .member("silence_ms", welcome.silence.count())
        .endObject()
        .endObject();
    return json.take();
}

std::string encodeAnswers(std::span<const ResultAnswer> answers)
{
    JsonWriter json;
    json.beginObject().key("answers").beginArray();
    for (const ResultAnswer& answer : answers) {
        json.beginObject().member("token", answer.token);
        if (answer.problem)
            json.key("problem").raw(encodeProblem(*answer.problem));
        else
            json.member("ok", true);
        if (answer.leaseUntil)
            json.member("lease_until", *answer.leaseUntil).member("lease_ms", answer.lease.count());
        json.endObject();
    }
    json.endArray().endObject();
    return json.take();
}

std::string encodeWorkerHeartbeat(Timestamp at)
{
    JsonWriter json;
    json.beginObject().key("heartbeat").beginObject().member("at", at).endObject().endObject();
    return json.take();
}

std::string encodeWorkerProblem(const Error& error)
{
    JsonWriter json;
    json.beginObject().key("problem").raw(encodeProblem(error)).endObject();
    return json.take();
}

std::string encodeGoodbye(std::string_view reason)
{
    JsonWriter json;
    json.beginObject().key("goodbye").beginObject().member("reason", reason).endObject().endObject();
    return json.take();
}

} // namespace gantry
