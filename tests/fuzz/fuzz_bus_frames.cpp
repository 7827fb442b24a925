// SPDX-License-Identifier: GPL-3.0-or-later
// The frames of the ZeroMQ sockets: queries of consoles, messages of workers, and what a console is told. The first byte says which.
#include "shared/protocol/bus_codec.h"
#include "shared/protocol/event_codec.h"
#include "shared/protocol/worker_codec.h"
#include "tests/fuzz/fuzz_target.h"

using namespace gantry;
using gantry::test::require;

namespace {

template <typename Message, typename Decode, typename Encode>
void checkRoundTrip(JsonParser& parser, const Result<Message>& message, Decode decode, Encode encode)
{
    if (!message) {
        require(!message.error().message.empty(), "a refusal says why");
        return;
    }
    const auto again = decode(parser, encode(*message));
    require(again.has_value() && *again == *message, "what was taken comes back equal");
}

void checkEvents(JsonParser& parser, const std::vector<LoggedEvent>& events)
{
    for (const LoggedEvent& event : events) {
        JsonWriter json;
        writeEvent(json, event);
        const std::string text = json.take();
        const auto root = parser.parse(text);
        require(root.has_value(), "an event is JSON");
        const auto again = readEvent(*root);
        require(again.has_value() && again->event == event.event && again->sequence == event.sequence,
            "an event comes back equal");
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static JsonParser parser(64 * 1024);
    if (size < 1)
        return 0;
    const std::string_view frame = gantry::test::textOf(data + 1, size - 1);
    switch (data[0] % 5) {
    case 0: checkRoundTrip(parser, decodeQuery(parser, frame), decodeQuery, encodeQuery); break;
    case 1:
        checkRoundTrip(parser, decodeWorkerMessage(parser, frame), decodeWorkerMessage, encodeWorkerMessage);
        break;
    case 2:
        if (const auto answer = decodeAnswer(parser, frame))
            if (const auto* replay = std::get_if<ReplayAnswer>(&*answer))
                checkEvents(parser, replay->events);
        break;
    case 3:
        if (const auto message = decodeEventMessage(parser, frame)) {
            require(
                message->last - message->first + 1 == message->events.size(), "the numbers fit the events");
            checkEvents(parser, message->events);
        }
        break;
    case 4: (void)decodeHeartbeat(parser, frame); break;
    }
    return 0;
}
