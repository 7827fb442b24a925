// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/steps/circuit_breaker.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace gantry::steps {

/// A service that workflows may call: `[service.NAME]` of the configuration. Nothing else is ever called.
struct HttpService {
    std::string name;
    bool isTls = true; ///< https: the certificate is always verified
    std::string host; ///< a name in ASCII, or an address without brackets
    std::uint16_t port = 443;
    std::string basePath{}; ///< without a slash at its end
    std::vector<std::pair<std::string, std::string>> headers{}; ///< may hold secrets
    std::string caCertificates{}; ///< PEM; trusted instead of the system's; empty: the system's
    std::chrono::milliseconds connectTimeout{
        5000}; ///< from the look-up of the name until the connection may be used
    std::size_t maxResponseBytes = 256UL * 1024; ///< of one answer's body
    std::size_t maxInFlight = 16; ///< calls at once
    bool allowsPrivate = false; ///< may be at an address that is not of the public internet
    BreakerSettings breaker{};

    /// For people: without secrets.
    [[nodiscard]] std::string url() const;
};

} // namespace gantry::steps
