// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/http_limits.h"
#include "daemon/api/tls_identity.h"
#include "daemon/bus/bus_limits.h"
#include "daemon/steps/http_service.h"
#include "shared/util/result.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::app {

/// Everything that can be set, with what holds when nothing is. A file in TOML, over it the command line.
struct Config {
    std::string dataDir = "/var/lib/gantry";

    std::string http = "127.0.0.1:7410"; ///< [listen] http; port 0 picks a free one
    std::string commands = "127.0.0.1:7411"; ///< [listen] commands
    std::string events = "127.0.0.1:7412"; ///< [listen] events
    std::string workers = "127.0.0.1:7413"; ///< [listen] workers
    api::TlsFiles tls; ///< [tls] certificate_file, key_file, client_ca_file; empty: plain HTTP
    bool isBehindTlsProxy =
        false; ///< [listen] behind_tls_proxy: plain HTTP may be spoken beyond this machine

    std::string paymentUrl; ///< [payment] url; empty: orders stop at the pay step

    std::vector<steps::HttpService> services{}; ///< [service.NAME]: what steps of kind http may call

    std::size_t inboxMessages = 20'000; ///< [engine] inbox_messages: more than these are told to come again
    std::size_t batchMessages = 512; ///< [engine] batch_messages
    std::size_t batchBytes = 1024 * 1024; ///< [engine] batch_bytes
    std::size_t attemptsInHand = 64; ///< [engine] attempts_in_hand

    std::int64_t retryPickupMs = 60'000; ///< [engine] retry_pickup_ms: how long a retry may be due untaken

    std::size_t readers = 2; ///< [store] readers: threads that answer questions
    std::size_t cacheMiB = 64; ///< [store] cache_mib

    unsigned httpThreads = 1; ///< [http] threads
    api::HttpLimits httpLimits{}; ///< the rest of [http]; docs/operations.md lists the keys

    bus::DoorLimits doorLimits{}; ///< [bus] likewise
    bus::DeskLimits commandLimits{};
    bus::WorkerDeskLimits workerLimits{};
    std::size_t queuedEvents = 100'000; ///< [bus] queued_events
};

/// Every key that a file may hold, with its table: `http.connections`. Without those of services.
std::vector<std::string> configKeys();

/// Reads a configuration file over `base`. Errors: NotFound; Forbidden (others may change it, or read a secret in it); MalformedRequest, UnknownField, WrongType or InvalidValue with file, line and column.
Result<Config> loadConfig(const std::string& path, Config base);

/// The same from text; `name` stands for the file in messages.
Result<Config> parseConfig(std::string_view toml, const std::string& name, Config base);

/// HOST and PORT of an address such as `127.0.0.1:7410` or `[::1]:0`.
struct HostPort {
    std::string host;
    std::uint16_t port = 0;
};

/// Errors: InvalidValue.
Result<HostPort> parseAddress(const std::string& address);

} // namespace gantry::app
