// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/config.h"

#include "daemon/app/service_config.h"

#include <QFile>
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

template <typename Number>
Setter number(Number Config::*member, std::int64_t least, std::int64_t most)
{
    return [=](Config& config, const toml::node& node, const std::string& where) -> Result<void> {
        const auto value = node.value_exact<std::int64_t>();
        if (!value)
            return failure(
                ErrorCode::WrongType, where + " must be a whole number. Correct it and start again.");
        if (*value < least || *value > most)
            return failure(ErrorCode::InvalidValue,
                where + " must be " + std::to_string(least) + " to " + std::to_string(most)
                    + ". Correct it and start again.");
        config.*member = static_cast<Number>(*value);
        return {};
    };
}

/// Every key that a file may hold, and what it sets.
const std::map<std::string, Setter>& setters()
{
    static const std::map<std::string, Setter> all{
        {"data_dir", text(&Config::dataDir)},
        {"listen.http", text(&Config::http)},
        {"listen.commands", text(&Config::commands)},
        {"listen.events", text(&Config::events)},
        {"listen.workers", text(&Config::workers)},
        {"payment.url", text(&Config::paymentUrl)},
        {"engine.inbox_messages", number(&Config::inboxMessages, 1, 1'000'000)},
        {"engine.batch_messages", number(&Config::batchMessages, 1, 100'000)},
        {"engine.batch_bytes", number(&Config::batchBytes, 1, 256 * 1024 * 1024)},
        {"engine.attempts_in_hand", number(&Config::attemptsInHand, 1, 10'000)},
        {"engine.retry_pickup_ms", number(&Config::retryPickupMs, 100, 86'400'000)},
        {"store.readers", number(&Config::readers, 1, 64)},
        {"store.cache_mib", number(&Config::cacheMiB, 1, 65'536)},
        {"http.connections", number(&Config::connections, 1, 60'000)},
        {"http.connections_per_address", number(&Config::connectionsPerAddress, 1, 60'000)},
        {"http.requests_per_connection", number(&Config::requestsPerConnection, 1, UINT32_MAX)},
        {"http.threads", number(&Config::httpThreads, 1, 64)},
    };
    return all;
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

} // namespace

Result<Config> parseConfig(std::string_view toml, const std::string& name, Config base)
{
    try {
        const toml::table table = toml::parse(toml, name);
        if (auto read = readTable(base, table, "", name); !read)
            return tl::unexpected(read.error());
        return base;
    } catch (const toml::parse_error& error) {
        return failure(ErrorCode::MalformedRequest,
            place(name, error.source()) + ": " + std::string(error.description())
                + ". Correct it and start again.");
    }
}

Result<Config> loadConfig(const std::string& path, Config base)
{
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::ReadOnly))
        return failure(ErrorCode::NotFound,
            "The configuration file " + path + " can't be read: " + file.errorString().toStdString()
                + ". Check its path and permissions.");
    return parseConfig(file.readAll().toStdString(), path, std::move(base));
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
