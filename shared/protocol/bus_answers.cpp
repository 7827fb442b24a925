// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/bus_codec.h"
#include "shared/protocol/bus_fields.h"
#include "shared/protocol/json_writer.h"
#include "shared/protocol/order_codec.h"
#include "shared/protocol/problem.h"

namespace gantry {

using busfields::natural;
using busfields::partitionNumber;

namespace {

constexpr std::size_t nameBytes = 200;
constexpr std::string_view problemPrefix = R"({"problem":)";

void writePosition(JsonWriter& json, const PartitionPosition& position)
{
    json.member("partition", position.partition)
        .member("epoch", position.epoch)
        .member("sequence", position.sequence);
}

void writePositions(JsonWriter& json, const std::vector<PartitionPosition>& positions)
{
    json.key("partitions").beginArray();
    for (const PartitionPosition& position : positions) {
        json.beginObject();
        writePosition(json, position);
        json.endObject();
    }
    json.endArray();
}

PartitionPosition readPosition(ObjectReader& reader)
{
    return {partitionNumber(reader, true), natural(reader, "epoch"), natural(reader, "sequence")};
}

std::vector<PartitionPosition> readPositions(ObjectReader& reader)
{
    std::vector<PartitionPosition> positions;
    if (const auto array = reader.requiredArray("partitions"))
        for (const auto element : *array) {
            ObjectReader fields(element, "/partitions", reader.errors());
            positions.push_back(readPosition(fields));
        }
    return positions;
}

void adopt(ObjectReader& reader, const Error& error)
{
    reader.errors().add("", ErrorCode::Corrupt, error.message);
}

std::vector<LoggedEvent> readEvents(ObjectReader& reader)
{
    std::vector<LoggedEvent> events;
    const auto array = reader.requiredArray("events");
    if (!array)
        return events;
    events.reserve(array->size());
    for (const auto element : *array) {
        auto event = readEvent(element);
        if (!event) {
            adopt(reader, event.error());
            break;
        }
        events.push_back(std::move(*event));
    }
    return events;
}

/// Whether the events are numbered from `first` to `last` without a gap.
bool isRange(const std::vector<LoggedEvent>& events, std::uint64_t first, std::uint64_t last) noexcept
{
    if (last + 1 - first != events.size())
        return false;
    for (const LoggedEvent& event : events)
        if (event.sequence != first++)
            return false;
    return true;
}

HelloAnswer readHello(ObjectReader& reader)
{
    return {static_cast<int>(reader.requiredInteger("protocol")), reader.text("server", nameBytes),
        reader.text("principal", nameBytes), reader.text("role", nameBytes), readPositions(reader)};
}

SnapshotAnswer readSnapshot(ObjectReader& reader)
{
    SnapshotAnswer answer{.position = readPosition(reader), .orders = {}};
    answer.isLast = reader.boolean("last").value_or(false);
    const auto array = reader.requiredArray("orders");
    if (!array)
        return answer;
    answer.orders.reserve(array->size());
    for (const auto element : *array) {
        auto order = readOrderRow(element);
        if (!order) {
            adopt(reader, order.error());
            break;
        }
        answer.orders.push_back(std::make_shared<const Order>(std::move(*order)));
    }
    return answer;
}

ReplayAnswer readReplay(ObjectReader& reader)
{
    ReplayAnswer answer{
        .partition = partitionNumber(reader, true), .epoch = natural(reader, "epoch"), .events = {}};
    answer.isTooOld = reader.boolean("too_old").value_or(false);
    if (answer.isTooOld)
        return answer;
    answer.first = natural(reader, "first");
    answer.last = natural(reader, "last");
    answer.events = readEvents(reader);
    if (reader.errors().isEmpty() && !isRange(answer.events, answer.first, answer.last))
        reader.errors().add("/first", ErrorCode::Corrupt, "does not fit the events");
    return answer;
}

BusAnswer readAnswer(ObjectReader& reader)
{
    if (const auto element = reader.object("problem"))
        return decodeProblem(simdjson::to_string(*element));
    if (const auto element = reader.object("hello")) {
        ObjectReader inner(*element, "/hello", reader.errors());
        return readHello(inner);
    }
    if (const auto element = reader.object("snapshot")) {
        ObjectReader inner(*element, "/snapshot", reader.errors());
        return readSnapshot(inner);
    }
    if (const auto element = reader.object("replay")) {
        ObjectReader inner(*element, "/replay", reader.errors());
        return readReplay(inner);
    }
    CallAnswer answer{static_cast<int>(reader.requiredInteger("status"))};
    answer.headers = busfields::readHeaders(reader);
    return answer;
}

tl::unexpected<Error> corrupt(const FieldErrors& errors)
{
    Error error = errors.toError("What the daemon sent");
    error.code = ErrorCode::Corrupt;
    return tl::unexpected(std::move(error));
}

tl::unexpected<Error> corrupt(const Error& error)
{
    return failure(ErrorCode::Corrupt, error.message);
}

} // namespace

std::string encodeHello(const HelloAnswer& hello)
{
    JsonWriter json;
    json.beginObject().key("hello").beginObject();
    json.member("protocol", hello.protocol)
        .member("server", hello.server)
        .member("principal", hello.principal)
        .member("role", hello.role);
    writePositions(json, hello.partitions);
    json.endObject().endObject();
    return json.take();
}

std::string encodeSnapshot(const PartitionPosition& position,
    std::span<const std::shared_ptr<const Order>> orders, bool isLast, std::size_t mostBytes)
{
    JsonWriter json;
    json.beginObject().key("snapshot").beginObject();
    writePosition(json, position);
    json.key("orders").beginArray();
    std::size_t written = 0;
    for (const auto& order : orders) {
        if (written > 0 && json.text().size() >= mostBytes)
            break;
        writeOrderRow(json, *order);
        ++written;
    }
    json.endArray().member("last", isLast && written == orders.size());
    json.endObject().endObject();
    return json.take();
}

std::string encodeReplay(const ReplayQuery& query, std::span<const LoggedEvent> events, std::size_t mostBytes)
{
    JsonWriter json;
    json.beginObject().key("replay").beginObject();
    json.member("partition", query.partition).member("epoch", query.epoch);
    json.member("first", query.after + 1).key("events").beginArray();
    std::uint64_t last = query.after;
    for (const LoggedEvent& event : events) {
        if (last > query.after && json.text().size() >= mostBytes)
            break;
        writeEvent(json, event);
        last = event.sequence;
    }
    json.endArray().member("last", last).endObject().endObject();
    return json.take();
}

std::string encodeReplayTooOld(const ReplayQuery& query)
{
    JsonWriter json;
    json.beginObject().key("replay").beginObject();
    json.member("partition", query.partition).member("epoch", query.epoch).member("too_old", true);
    json.endObject().endObject();
    return json.take();
}

std::string encodeCallAnswer(int status, const BusHeaders& headers)
{
    JsonWriter json;
    json.beginObject().member("status", status);
    busfields::writeHeaders(json, headers);
    json.endObject();
    return json.take();
}

std::string encodeProblemAnswer(const Error& error)
{
    return std::string(problemPrefix) + encodeProblem(error) + '}';
}

Result<BusAnswer> decodeAnswer(JsonParser& parser, std::string_view text)
{
    const auto root = parser.parse(text);
    if (!root)
        return corrupt(root.error());
    FieldErrors errors;
    ObjectReader reader(*root, "", errors);
    BusAnswer answer = readAnswer(reader);
    if (!errors.isEmpty())
        return corrupt(errors);
    return answer;
}

std::string encodeHeartbeat(const HeartbeatMessage& heartbeat)
{
    JsonWriter json;
    json.beginObject().member("at", heartbeat.at);
    writePositions(json, heartbeat.partitions);
    json.endObject();
    return json.take();
}

Result<HeartbeatMessage> decodeHeartbeat(JsonParser& parser, std::string_view text)
{
    const auto root = parser.parse(text);
    if (!root)
        return corrupt(root.error());
    FieldErrors errors;
    ObjectReader reader(*root, "", errors);
    HeartbeatMessage heartbeat;
    if (const auto at = reader.time("at"))
        heartbeat.at = *at;
    else
        errors.add("/at", ErrorCode::MissingField, "is missing");
    heartbeat.partitions = readPositions(reader);
    if (!errors.isEmpty())
        return corrupt(errors);
    return heartbeat;
}

Result<EventMessage> decodeEventMessage(JsonParser& parser, std::string_view text)
{
    const auto root = parser.parse(text);
    if (!root)
        return corrupt(root.error());
    FieldErrors errors;
    ObjectReader reader(*root, "", errors);
    EventMessage message{partitionNumber(reader, true), natural(reader, "epoch"), natural(reader, "first"),
        natural(reader, "last"), readEvents(reader)};
    if (errors.isEmpty() && (message.events.empty() || !isRange(message.events, message.first, message.last)))
        errors.add("/first", ErrorCode::Corrupt, "does not fit the events");
    if (!errors.isEmpty())
        return corrupt(errors);
    return message;
}

} // namespace gantry
