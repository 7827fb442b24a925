// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/http_coding.h"

#include "daemon/api/http_target.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <zlib.h>

namespace gantry::api {

namespace {

constexpr std::size_t leastBytes = 1024;
constexpr std::size_t mostBytes =
    4UL * 1024 * 1024; ///< so long a thread of connections may be kept, about 30 ms
constexpr int level = 1; ///< JSON of lists shrinks to an eighth at once; more takes several times as long
constexpr int gzipWindow = 15 + 16; ///< zlib's number for a gzip frame
constexpr int memory = 8;

std::string_view trimmed(std::string_view text) noexcept
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// A weight in thousandths; a malformed one is 0: nothing is sent encoded that might not be understood.
int qualityOf(std::string_view parameters) noexcept
{
    while (!parameters.empty()) {
        const auto end = std::min(parameters.find(';'), parameters.size());
        const std::string_view parameter = trimmed(parameters.substr(0, end));
        parameters.remove_prefix(std::min(end + 1, parameters.size()));
        if (parameter.size() < 3 || !equalsIgnoringCase(parameter.substr(0, 2), "q="))
            continue;
        const std::string_view weight = parameter.substr(2, 5);
        if (weight.front() != '0' && weight.front() != '1')
            return 0;
        int quality = (weight.front() - '0') * 1000;
        int unit = 100;
        for (const char c : weight.substr(std::min<std::size_t>(2, weight.size()))) {
            if (c < '0' || c > '9')
                return 0;
            quality += (c - '0') * unit;
            unit /= 10;
        }
        return std::min(quality, 1000);
    }
    return 1000;
}

bool isText(std::string_view contentType) noexcept
{
    const std::string_view type = contentType.substr(0, contentType.find(';'));
    return type.starts_with("text/") || type.ends_with("json") || type.ends_with("yaml");
}

bool has(const ApiResponse& response, std::string_view name, std::string_view value = {})
{
    return std::any_of(response.headers.begin(), response.headers.end(), [&](const auto& header) {
        return equalsIgnoringCase(header.first, name) && (value.empty() || header.second == value);
    });
}

std::optional<std::string> gzip(std::string_view text)
{
    z_stream stream{};
    if (deflateInit2(&stream, level, Z_DEFLATED, gzipWindow, memory, Z_DEFAULT_STRATEGY) != Z_OK)
        return std::nullopt;
    std::string packed(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); // zlib only reads there
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    const bool isWhole = deflate(&stream, Z_FINISH) == Z_STREAM_END;
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return isWhole ? std::optional(std::move(packed)) : std::nullopt;
}

} // namespace

bool acceptsGzip(std::string_view acceptEncoding) noexcept
{
    std::optional<int> gzipQuality;
    std::optional<int> anyQuality;
    int identityQuality = 1; // it is always acceptable, and the last choice
    while (!acceptEncoding.empty()) {
        const auto end = std::min(acceptEncoding.find(','), acceptEncoding.size());
        const std::string_view item = acceptEncoding.substr(0, end);
        acceptEncoding.remove_prefix(std::min(end + 1, acceptEncoding.size()));
        const auto semicolon = std::min(item.find(';'), item.size());
        const std::string_view name = trimmed(item.substr(0, semicolon));
        const int quality = qualityOf(item.substr(std::min(semicolon + 1, item.size())));
        if (equalsIgnoringCase(name, "gzip") || equalsIgnoringCase(name, "x-gzip"))
            gzipQuality = quality;
        else if (name == "*")
            anyQuality = quality;
        else if (equalsIgnoringCase(name, "identity"))
            identityQuality = quality;
    }
    const int quality = gzipQuality.value_or(anyQuality.value_or(0));
    return quality > 0 && quality >= identityQuality;
}

void compress(ApiResponse& response, bool isAccepted)
{
    const std::size_t size = response.body.size();
    if (size < leastBytes || size > mostBytes || !isText(response.contentType) || has(response, "ETag")
        || has(response, "Cache-Control", "no-store"))
        return;
    response.headers.emplace_back("Vary", "Accept-Encoding");
    if (!isAccepted)
        return;
    auto packed = gzip(response.body);
    if (!packed || packed->size() >= size)
        return;
    response.body = std::move(*packed);
    response.headers.emplace_back("Content-Encoding", "gzip");
}

} // namespace gantry::api
