// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/config.h"

#include "daemon/api/http_target.h"
#include "daemon/app/service_config.h"
#include "shared/util/private_file.h"

#include <QUrl>
#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <limits>
#include <map>
#include <toml++/toml.h>

namespace gantry::app {

namespace {

std::string place(const std::string& name, const toml::source_region& source)
{
    return name + ':' + std::to_string(source.begin.line) + ':' + std::to_string(source.begin.column);
}

using Setter = std::function<Result<void>(Config&, const toml::node&, const std::string& where)>;

Setter text(std::string Config::*member)
{
    return [member](Config& config, const toml::node& node, const std::string& where) -> Result<void> {
        const auto value = node.value_exact<std::string>();
        if (!value)
            return failure(
                ErrorCode::WrongType, where + " must be a text in quotes. Correct it and start again.");
        config.*member = *value;
        return {};
    };
}

Setter path(std::string api::TlsFiles::*member)
{
    return [member](Config& config, const toml::node& node, const std::string& where) -> Result<void> {
        const auto value = node.value_exact<std::string>();
        if (!value || value->empty())
            return failure(ErrorCode::WrongType,
                where + " must be the path of a file in quotes. Correct it and start again.");
        config.tls.*member = *value;
        return {};
    };
}

Setter flag(bool Config::*member)
{
    return [member](Config& config, const toml::node& node, const std::string& where) -> Result<void> {
        const auto value = node.value_exact<bool>();
        if (!value)
            return failure(
                ErrorCode::WrongType, where + " must be true or false. Correct it and start again.");
        config.*member = *value;
        return {};
    };
}

/// A whole number in a range, which `set` takes.
Setter whole(std::function<void(Config&, std::int64_t)> set, std::int64_t least, std::int64_t most)
{
    return [=, set = std::move(set)](
               Config& config, const toml::node& node, const std::string& where) -> Result<void> {
        const auto value = node.value_exact<std::int64_t>();
        if (!value)
            return failure(
                ErrorCode::WrongType, where + " must be a whole number. Correct it and start again.");
        if (*value < least || *value > most)
            return failure(ErrorCode::InvalidValue,
                where + " must be " + std::to_string(least) + " to " + std::to_string(most)
                    + ". Correct it and start again.");
        set(config, *value);
        return {};
    };
}

template <typename Number>
Setter number(Number Config::*member, std::int64_t least, std::int64_t most)
{
    return whole(
        [member](Config& config, std::int64_t value) { config.*member = static_cast<Number>(value); }, least,
        most);
}

/// One of a group of limits; a time is in milliseconds.
template <typename Limits, typename Number>
Setter limit(Limits Config::*group, Number Limits::*member, std::int64_t least, std::int64_t most)
{
    return whole([group, member](Config& config,
                     std::int64_t value) { config.*group.*member = static_cast<Number>(value); },
        least, most);
}

/// A list of texts, each of which `isValid`; `what` says to a person what they are.
Setter texts(std::vector<std::string> api::HttpLimits::*member,
    std::function<bool(const std::string&)> isValid, std::string what)
{
    return [=](Config& config, const toml::node& node, const std::string& where) -> Result<void> {
        std::vector<std::string> values;
        const toml::array* list = node.as_array();
        bool isGood = list != nullptr;
        for (std::size_t i = 0; isGood && i < list->size(); ++i) {
            values.push_back(list->get(i)->value_exact<std::string>().value_or(""));
            isGood = isValid(values.back());
        }
        if (!isGood)
            return failure(
                ErrorCode::InvalidValue, where + " must be " + what + ". Correct it and start again.");
        config.httpLimits.*member = std::move(values);
        return {};
    };
}

bool isKnownMethod(const std::string& method)
{
    static const auto known = api::HttpLimits{}.methods;
    return std::find(known.begin(), known.end(), method) != known.end();
}

bool isHostName(const std::string& host)
{
    return api::isHttpHost(host) && api::hostName(host) == host
        && std::none_of(host.begin(), host.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

constexpr std::array<std::string_view, 6> secretWords{"auth", "cookie", "key", "password", "secret", "token"};

constexpr std::int64_t mostDeadlineMs = 3'600'000;
constexpr std::int64_t mostBodyBytes = 16 * 1024 * 1024; ///< no larger JSON document is read
constexpr std::int64_t mostInFlightBytes = 16LL * 1024 * 1024 * 1024;

void addHttp(std::map<std::string, Setter>& all)
{
    using Limits = api::HttpLimits;
    const auto add = [&all](const char* key, auto member, std::int64_t least, std::int64_t most) {
        all.emplace(std::string("http.") + key, limit(&Config::httpLimits, member, least, most));
    };
    add("connections", &Limits::connections, 1, 60'000);
    add("connections_per_address", &Limits::connectionsPerAddress, 1, 60'000);
    add("requests_per_connection", &Limits::requestsPerConnection, 1, UINT32_MAX);
    add("connection_lifetime_ms", &Limits::connectionLifetime, 100, 24 * mostDeadlineMs);
    add("head_bytes", &Limits::headBytes, 1024, 1024 * 1024);
    add("head_fields", &Limits::headFields, 8, 1000);
    add("body_bytes", &Limits::bodyBytes, 1024, mostBodyBytes);
    add("handshake_deadline_ms", &Limits::handshakeDeadline, 100, mostDeadlineMs);
    add("head_deadline_ms", &Limits::headDeadline, 100, mostDeadlineMs);
    add("body_deadline_ms", &Limits::bodyDeadline, 100, mostDeadlineMs);
    add("deadline_per_64_kib_ms", &Limits::deadlinePer64KiB, 0, 60'000);
    add("idle_deadline_ms", &Limits::idleDeadline, 100, mostDeadlineMs);
    add("write_deadline_ms", &Limits::writeDeadline, 100, mostDeadlineMs);
    add("linger_deadline_ms", &Limits::lingerDeadline, 10, 60'000);
    add("in_flight_bytes", &Limits::inFlightBytes, 1024, mostInFlightBytes);
    add("requests_per_second_of_key", &Limits::requestsPerSecondOfKey, 0, 1'000'000);
    add("burst_of_key", &Limits::burstOfKey, 1, 10'000'000);
    all.emplace("http.bulk_body_bytes",
        whole(
            [](Config& config, std::int64_t value) {
                for (api::HttpPathLimit& path : config.httpLimits.bodyBytesByPath)
                    path.bodyBytes = static_cast<std::size_t>(value);
            },
            1024, mostBodyBytes));
    all.emplace("http.hosts",
        texts(&Limits::hosts, isHostName, "a list of host names in small letters, without ports"));
    all.emplace("http.methods",
        texts(&Limits::methods, isKnownMethod, "a list of GET, HEAD, POST, PUT, DELETE, OPTIONS"));
    all.emplace("http.threads", number(&Config::httpThreads, 1, 64));
}

void addBus(std::map<std::string, Setter>& all)
{
    using bus::DeskLimits;
    using bus::DoorLimits;
    using bus::WorkerDeskLimits;
    const auto add = [&all](const char* key, auto group, auto member, std::int64_t least, std::int64_t most) {
        all.emplace(std::string("bus.") + key, limit(group, member, least, most));
    };
    add("connections", &Config::doorLimits, &DoorLimits::connections, 1, 20'000);
    add("handshake_ms", &Config::doorLimits, &DoorLimits::handshake, 100, 60'000);
    add("request_bytes", &Config::commandLimits, &DeskLimits::requestBytes, 64 * 1024, mostBodyBytes);
    add("calls_per_peer", &Config::commandLimits, &DeskLimits::callsOfPeer, 1, 100'000);
    add("queries_per_peer", &Config::commandLimits, &DeskLimits::partsOfPeer, 1, 1000);
    add("in_flight_bytes", &Config::commandLimits, &DeskLimits::bytes, 64 * 1024, mostInFlightBytes);
    add("workers", &Config::workerLimits, &WorkerDeskLimits::workers, 1, 20'000);
    add("worker_message_bytes", &Config::workerLimits, &WorkerDeskLimits::messageBytes, 64 * 1024,
        mostBodyBytes);
    add("results_per_worker", &Config::workerLimits, &WorkerDeskLimits::resultsOfWorker, 1, 1'000'000);
    add("results_bytes", &Config::workerLimits, &WorkerDeskLimits::bytes, 64 * 1024, mostInFlightBytes);
    all.emplace("bus.queued_events", number(&Config::queuedEvents, 1000, 100'000'000));
}

std::map<std::string, Setter> makeSetters()
{
    std::map<std::string, Setter> all{
        {"data_dir", text(&Config::dataDir)},
        {"listen.http", text(&Config::http)},
        {"listen.commands", text(&Config::commands)},
        {"listen.events", text(&Config::events)},
        {"listen.workers", text(&Config::workers)},
        {"listen.behind_tls_proxy", flag(&Config::isBehindTlsProxy)},
        {"tls.certificate_file", path(&api::TlsFiles::certificate)},
        {"tls.key_file", path(&api::TlsFiles::key)},
        {"tls.client_ca_file", path(&api::TlsFiles::clientCa)},
        {"payment.url", text(&Config::paymentUrl)},
        {"engine.inbox_messages", number(&Config::inboxMessages, 1, 1'000'000)},
        {"engine.batch_messages", number(&Config::batchMessages, 1, 100'000)},
        {"engine.batch_bytes", number(&Config::batchBytes, 1, 256 * 1024 * 1024)},
        {"engine.attempts_in_hand", number(&Config::attemptsInHand, 1, 10'000)},
        {"engine.retry_pickup_ms", number(&Config::retryPickupMs, 100, 86'400'000)},
        {"store.readers", number(&Config::readers, 1, 64)},
        {"store.cache_mib", number(&Config::cacheMiB, 1, 65'536)},
    };
    addHttp(all);
    addBus(all);
    return all;
}

/// Every key that a file may hold, and what it sets.
const std::map<std::string, Setter>& setters()
{
    static const std::map<std::string, Setter> all = makeSetters();
    return all;
}

/// Limits that are sound each by itself and make no sense together.
Result<void> checkTogether(const Config& config, const std::string& name)
{
    const auto tooSmall = [&name](const char* key, std::size_t least, const char* why) {
        return failure(ErrorCode::InvalidValue,
            name + ": " + key + " must be at least " + std::to_string(least) + ": " + why
                + ". Correct it and start again.");
    };
    const api::TlsFiles& tls = config.tls;
    if (tls.certificate.empty() != tls.key.empty() || (tls.certificate.empty() && !tls.clientCa.empty()))
        return failure(ErrorCode::InvalidValue,
            name
                + ": tls.certificate_file and tls.key_file are needed together. Name both, or remove [tls].");
    const api::HttpLimits& http = config.httpLimits;
    std::size_t largest = http.bodyBytes;
    for (const api::HttpPathLimit& path : http.bodyBytesByPath)
        largest = std::max(largest, path.bodyBytes);
    if (http.inFlightBytes < largest + http.headBytes)
        return tooSmall("http.in_flight_bytes", largest + http.headBytes,
            "else the largest request that is allowed would never be taken");
    if (config.commandLimits.bytes <= config.commandLimits.requestBytes)
        return tooSmall("bus.in_flight_bytes", config.commandLimits.requestBytes + 1,
            "else the largest request that is allowed would never be taken");
    return {};
}

Result<void> readTable(
    Config& config, const toml::table& table, const std::string& prefix, const std::string& name)
{
    for (const auto& [key, node] : table) {
        const std::string path = prefix + std::string(key.str());
        if (const toml::table* inner = node.as_table()) {
            if (path == "service") {
                auto services = readServices(*inner, name);
                if (!services)
                    return tl::unexpected(services.error());
                config.services = std::move(*services);
                continue;
            }
            if (auto read = readTable(config, *inner, path + '.', name); !read)
                return read;
            continue;
        }
        const std::string where = place(name, node.source()) + ": " + path;
        const auto setter = setters().find(path);
        if (setter == setters().end())
            return failure(
                ErrorCode::UnknownField, where + " is not a known setting. Remove it, or correct its name.");
        if (auto set = setter->second(config, node, where); !set)
            return set;
    }
    return {};
}

/// Whether a header of that name is likely to carry a secret.
bool isSecretHeader(std::string_view name)
{
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : static_cast<char>(c);
    });
    return std::any_of(secretWords.begin(), secretWords.end(),
        [&lower](std::string_view word) { return lower.find(word) != std::string::npos; });
}

/// The key of a secret that stands in the file itself; empty if none does.
std::string secretIn(const toml::table& table)
{
    const auto payment = table["payment"]["url"].value<std::string>();
    if (payment && !QUrl(QString::fromStdString(*payment)).password().isEmpty())
        return "payment.url";
    if (const toml::table* services = table["service"].as_table())
        for (const auto& [name, service] : *services)
            if (const toml::table* headers = toml::node_view(service)["headers"].as_table())
                for (const auto& [header, value] : *headers)
                    if (isSecretHeader(header.str()))
                        return "service." + std::string(name.str()) + ".headers." + std::string(header.str());
    return {};
}

/// `secretComplaint`: why the file must hold no secret; empty if it may.
Result<Config> readConfig(
    std::string_view toml, const std::string& name, Config base, const std::string& secretComplaint)
{
    try {
        const toml::table table = toml::parse(toml, name);
        if (const std::string secret = secretIn(table); !secret.empty() && !secretComplaint.empty())
            return failure(ErrorCode::Forbidden, secretComplaint + ". The secret is " + secret + '.');
        if (auto read = readTable(base, table, "", name); !read)
            return tl::unexpected(read.error());
        if (auto checked = checkTogether(base, name); !checked)
            return tl::unexpected(checked.error());
        return base;
    } catch (const toml::parse_error& error) {
        return failure(ErrorCode::MalformedRequest,
            place(name, error.source()) + ": " + std::string(error.description())
                + ". Correct it and start again.");
    }
}

} // namespace

std::vector<std::string> configKeys()
{
    std::vector<std::string> keys;
    for (const auto& [key, setter] : setters())
        keys.push_back(key);
    return keys;
}

Result<Config> parseConfig(std::string_view toml, const std::string& name, Config base)
{
    return readConfig(toml, name, std::move(base), {});
}

Result<Config> loadConfig(const std::string& path, Config base)
{
    const auto file = readTrustedFile(path);
    if (!file)
        return failure(file.error().code, "The configuration can't be used: " + file.error().message);
    return readConfig(file->content, path, std::move(base), file->secretComplaint);
}

Result<HostPort> parseAddress(const std::string& address)
{
    const auto colon = address.rfind(':');
    std::uint32_t port = 0;
    const char* end = address.data() + address.size();
    const bool isWhole = colon != std::string::npos && colon > 0 && colon + 1 < address.size()
        && std::from_chars(address.data() + colon + 1, end, port).ptr == end;
    if (!isWhole || port > std::numeric_limits<std::uint16_t>::max())
        return failure(ErrorCode::InvalidValue,
            "The address " + address
                + " is not HOST:PORT. Write it like 127.0.0.1:7410; port 0 picks a free one.");
    std::string host = address.substr(0, colon);
    if (host.front() == '[' && host.back() == ']')
        host = host.substr(1, host.size() - 2);
    return HostPort{std::move(host), static_cast<std::uint16_t>(port)};
}

} // namespace gantry::app
