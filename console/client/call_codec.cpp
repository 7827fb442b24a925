// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/call_codec.h"

#include "shared/protocol/problem.h"

#include <array>

namespace gantry::console {

namespace {

constexpr std::size_t bodyBytes = 16 * 1024 * 1024;
constexpr std::size_t headBytes = 64 * 1024;
constexpr std::size_t numberBytes = 8;

std::array<char, numberBytes> toFrame(std::uint64_t number)
{
    std::array<char, numberBytes> frame{};
    for (std::size_t i = 0; i < numberBytes; ++i)
        frame[numberBytes - 1 - i] = static_cast<char>(number >> (8 * i));
    return frame;
}

std::uint64_t fromFrame(std::string_view frame)
{
    std::uint64_t number = 0;
    for (const char c : frame)
        number = number << 8 | static_cast<std::uint8_t>(c);
    return number;
}

constexpr auto more = zmq::send_flags::sndmore | zmq::send_flags::dontwait;

} // namespace

Result<CallFrames> encodeCall(const ApiCall& call)
{
    CallFrames frames{encodeQuery(CallQuery{call.method, call.target, call.headers}), call.body};
    if (frames.head.size() > headBytes)
        return failure(
            ErrorCode::HeadersTooLarge, "The target and headers are longer than 64 KiB. Shorten them.");
    if (frames.body.size() > bodyBytes)
        return failure(
            ErrorCode::BodyTooLarge, "The body is larger than 16 MiB. Split it into smaller requests.");
    return frames;
}

bool sendCall(zmq::socket_t& socket, std::uint64_t number, const CallFrames& frames)
{
    if (!socket.send(zmq::buffer(toFrame(number)), more))
        return false;
    // Should the connection break in between, the message is lost like one on the wire: whoever waits for the answer finds out.
    if (socket.send(zmq::buffer(frames.head), frames.body.empty() ? zmq::send_flags::dontwait : more)
        && !frames.body.empty())
        socket.send(zmq::buffer(frames.body), zmq::send_flags::dontwait);
    return true;
}

bool sendQuery(zmq::socket_t& socket, std::uint64_t number, const BusQuery& query)
{
    return sendCall(socket, number, {encodeQuery(query), {}});
}

std::optional<NumberedAnswer> receiveAnswer(zmq::socket_t& socket, JsonParser& parser)
{
    std::array<zmq::message_t, 3> frames;
    while (true) {
        std::size_t count = 0;
        bool hasMore = true;
        while (hasMore) {
            zmq::message_t frame;
            if (!socket.recv(frame, zmq::recv_flags::dontwait))
                return std::nullopt; // only before the first frame: messages come whole
            hasMore = frame.more();
            if (count < frames.size())
                frames[count] = std::move(frame);
            ++count;
        }
        if (count < 2 || count > frames.size() || frames[0].size() != numberBytes)
            continue;
        auto answer = decodeAnswer(parser, frames[1].to_string_view());
        return NumberedAnswer{fromFrame(frames[0].to_string_view()),
            answer ? std::move(*answer) : BusAnswer(answer.error()),
            count == frames.size() ? frames[2].to_string() : std::string()};
    }
}

ApiAnswer toApiAnswer(NumberedAnswer answer)
{
    if (const auto* called = std::get_if<CallAnswer>(&answer.answer))
        return {called->status, std::move(answer.body), called->headers};
    const auto* problem = std::get_if<Error>(&answer.answer);
    const Error error = problem
        ? *problem
        : Error{ErrorCode::Corrupt, "The daemon answered something else than it was asked."};
    return {httpStatus(error.code), encodeProblem(error), {{"content-type", "application/problem+json"}}};
}

} // namespace gantry::console
