// SPDX-License-Identifier: GPL-3.0-or-later
// The bytes of a connection, head and body: the same requests and the same refusal however the network cuts them.
#include "daemon/api/http_request_reader.h"
#include "daemon/api/http_target.h"
#include "tests/fuzz/fuzz_target.h"

#include <algorithm>
#include <string>
#include <vector>

using namespace gantry;
using namespace gantry::api;
using gantry::test::require;

namespace {

using State = HttpRequestReader::State;

/// Small, so that they are reached.
HttpLimits limitsOfTest()
{
    HttpLimits limits;
    limits.headBytes = 2048;
    limits.headFields = 16;
    limits.bodyBytes = 512;
    limits.bodyBytesByPath.clear();
    return limits;
}

struct Reading {
    std::vector<std::string> requests;
    bool isRefused = false;
    bool isUnfinished = false; ///< the last bytes are of a request that wants more
};

void checkRequest(const ApiRequest& request)
{
    require(request.path.starts_with('/') || request.path == "*", "a path begins with a slash");
    require(isValidUtf8(request.path), "a path is UTF-8");
    require(std::none_of(request.path.begin(), request.path.end(),
                [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }),
        "a path holds no control characters");
    const std::string segments = request.path + '/';
    require(segments.find("/../") == std::string::npos && segments.find("/./") == std::string::npos,
        "a path has no dot segments");
    for (const auto& [name, value] : request.headers)
        require(name.find_first_of(" \r\n:") == std::string::npos
                && value.find_first_of(std::string_view("\r\n\0", 3)) == std::string::npos,
            "a header is one line");
}

std::string flat(const ApiRequest& request)
{
    std::string text = request.method + ' ' + request.path + '?' + request.query + '\n';
    for (const auto& [name, value] : request.headers)
        text += name + ':' + value + '\n';
    return text + '\n' + request.body;
}

/// Hands the bytes over in pieces of these lengths, over and over.
Reading read(std::string_view bytes, std::size_t first, std::size_t second)
{
    static const HttpLimits limits = limitsOfTest();
    HttpRequestReader reader(limits);
    Reading reading;
    std::string buffer;
    for (bool odd = false; !bytes.empty(); odd = !odd) {
        const std::size_t length = std::min(bytes.size(), odd ? second : first);
        buffer += bytes.substr(0, length);
        bytes.remove_prefix(length);
        while (!buffer.empty() && reader.state() != State::Refused) {
            const std::size_t consumed = reader.feed(buffer);
            require(consumed <= buffer.size(), "no more is consumed than there is");
            buffer.erase(0, consumed);
            if (reader.state() == State::Done) {
                const ApiRequest request = reader.takeRequest();
                checkRequest(request);
                reading.requests.push_back(flat(request));
            } else if (consumed == 0) {
                break;
            }
        }
    }
    reading.isUnfinished = reader.state() == State::Body || !buffer.empty();
    if (reader.state() == State::Refused) {
        reading.isRefused = true;
        require(
            reader.refusal().status >= 400 && !reader.refusal().error.message.empty(), "a refusal says why");
    }
    return reading;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2)
        return 0;
    const std::string_view bytes = gantry::test::textOf(data + 2, size - 2);
    const Reading whole = read(bytes, bytes.size() + 1, 1);
    const Reading pieces = read(bytes, 1 + data[0] % 64U, 1 + data[1] % 64U);
    require(whole.requests == pieces.requests, "a connection means the same however it is cut");
    // Which of two faults is told may differ, and one that is seen at once may be waited for when it comes in pieces.
    require(whole.isRefused == pieces.isRefused || (whole.isUnfinished && pieces.isUnfinished),
        "nothing is refused that is taken when it is cut otherwise");
    return 0;
}
