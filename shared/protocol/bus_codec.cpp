// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/bus_codec.h"

#include "shared/protocol/bus_fields.h"
#include "shared/protocol/json_writer.h"

namespace gantry {

using busfields::natural;
using busfields::partitionNumber;

namespace {

constexpr std::size_t nameBytes = 200;
constexpr std::size_t targetBytes = 16 * 1024;

/// Writes each kind of query.
struct QueryWriter {
    JsonWriter& json;

    void operator()(const HelloQuery& query) const
    {
        json.member("command", "hello").member("protocol", query.protocol);
    }

    void operator()(const SnapshotQuery& query) const
    {
        json.member("command", "snapshot").member("partition", query.partition);
        if (query.after)
            json.member("after", query.after->text());
        json.member("limit", query.limit);
    }

    void operator()(const ReplayQuery& query) const
    {
        json.member("command", "replay")
            .member("partition", query.partition)
            .member("epoch", query.epoch)
            .member("after", query.after)
            .member("limit", query.limit);
    }

    void operator()(const CallQuery& query) const
    {
        json.member("method", query.method).member("target", query.target);
        busfields::writeHeaders(json, query.headers);
    }
};

std::size_t limitOf(ObjectReader& reader, std::size_t most)
{
    const std::int64_t number = reader.integerOr("limit", static_cast<std::int64_t>(most));
    if (number < 1 || number > static_cast<std::int64_t>(most))
        reader.errors().add("/limit", ErrorCode::InvalidValue, "must be from 1 to " + std::to_string(most));
    return static_cast<std::size_t>(number);
}

BusQuery readCommand(ObjectReader& reader)
{
    const std::string command = reader.text("command", nameBytes);
    if (command == "hello")
        return HelloQuery{static_cast<int>(reader.requiredInteger("protocol"))};
    if (command == "snapshot") {
        SnapshotQuery query{.partition = partitionNumber(reader, false)};
        if (const std::string after = reader.text("after", nameBytes); !after.empty()) {
            query.after = OrderId::fromText(after);
            if (!query.after)
                reader.errors().add("/after", ErrorCode::InvalidValue, "is not an order id");
        }
        query.limit = limitOf(reader, snapshotOrdersMost);
        return query;
    }
    if (command == "replay")
        return ReplayQuery{partitionNumber(reader, true), natural(reader, "epoch"), natural(reader, "after"),
            limitOf(reader, replayEventsMost)};
    reader.errors().add("/command", ErrorCode::InvalidValue, "must be one of hello, snapshot, replay");
    return HelloQuery{};
}

BusQuery readCall(ObjectReader& reader)
{
    CallQuery query{reader.requiredText("method", nameBytes), reader.requiredText("target", targetBytes)};
    query.headers = busfields::readHeaders(reader);
    return query;
}

} // namespace

std::string encodeQuery(const BusQuery& query)
{
    JsonWriter json;
    json.beginObject();
    std::visit(QueryWriter{json}, query);
    json.endObject();
    return json.take();
}

Result<BusQuery> decodeQuery(JsonParser& parser, std::string_view text)
{
    const auto root = parser.parse(text);
    if (!root)
        return tl::unexpected(root.error());
    FieldErrors errors;
    ObjectReader reader(*root, "", errors);
    BusQuery query = reader.any("command") ? readCommand(reader) : readCall(reader);
    reader.finish();
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("The request"));
    return query;
}

} // namespace gantry
