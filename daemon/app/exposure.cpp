// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/exposure.h"

#include <arpa/inet.h>
#include <cstring>

namespace gantry::app {

namespace {

constexpr std::size_t v4Bytes = 4;

/// Whether plain HTTP is spoken where others can listen.
bool isExposed(const Config& config)
{
    const auto address = parseAddress(config.http);
    return config.tls.certificate.empty() && address && !isLoopback(address->host);
}

} // namespace

bool isLoopback(std::string_view host) noexcept
{
    constexpr unsigned char net = 127;
    if (host == "localhost")
        return true;
    const std::string text(host);
    in_addr v4{};
    if (::inet_pton(AF_INET, text.c_str(), &v4) == 1)
        return ntohl(v4.s_addr) >> 24 == net;
    in6_addr v6{};
    if (::inet_pton(AF_INET6, text.c_str(), &v6) != 1)
        return false;
    if (IN6_IS_ADDR_V4MAPPED(&v6))
        return v6.s6_addr[sizeof v6.s6_addr - v4Bytes] == net;
    return IN6_IS_ADDR_LOOPBACK(&v6);
}

Result<void> checkExposure(const Config& config)
{
    if (!isExposed(config) || config.isBehindTlsProxy)
        return {};
    return failure(ErrorCode::InvalidValue,
        "HTTP would listen on " + config.http
            + " without TLS: keys and orders could be read on the way. Name a certificate and its key in "
              "[tls], or set [listen] http to 127.0.0.1, or, where a proxy in front speaks TLS and nobody "
              "else "
              "reaches this port, behind_tls_proxy = true there.");
}

std::vector<std::string> exposureWarnings(const Config& config)
{
    if (isExposed(config) && config.isBehindTlsProxy)
        return {"HTTP listens on " + config.http
            + " without TLS, since [listen] behind_tls_proxy = true. See to it that only the proxy reaches "
              "this "
              "port."};
    return {};
}

} // namespace gantry::app
