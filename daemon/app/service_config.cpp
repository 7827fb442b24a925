// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/service_config.h"

#include "daemon/workflows/call_text.h"
#include "daemon/workflows/toml_keys.h"
#include "daemon/workflows/workflow_file.h"
#include "shared/util/private_file.h"
#include "shared/util/text.h"

#include <QFile>
#include <QUrl>

namespace gantry::app {

namespace {

using std::chrono::milliseconds;
using workflows::TableKeys;

constexpr std::size_t maxServices = 100;
constexpr std::int64_t maxCertificateBytes = 1024 * 1024;

/// Reads one service.
class ServiceReader {
public:
    ServiceReader(const toml::table& table, const std::string& name, workflows::Mistakes& mistakes)
        : m_keys(table, "service " + name, mistakes)
    {
        m_service.name = name;
    }

    /// Errors: those of the files that are named. Mistakes are told apart.
    Result<steps::HttpService> read()
    {
        readUrl();
        readLimits();
        readBreaker();
        if (auto done = readSecrets(); !done)
            return tl::unexpected(done.error());
        m_keys.finish();
        return std::move(m_service);
    }

private:
    void readUrl()
    {
        if (!m_keys.require("url", "Say where the service is, such as \"https://carrier.example/api\"."))
            return;
        const QUrl url(QString::fromStdString(m_keys.text("url").value_or("")), QUrl::StrictMode);
        const bool isTls = url.scheme() == QLatin1String("https");
        if (!url.isValid() || url.host().isEmpty() || (!isTls && url.scheme() != QLatin1String("http"))
            || !url.userInfo().isEmpty() || url.hasQuery() || url.hasFragment() || url.port(1) == 0)
            return m_keys.mistake("url",
                "must be http:// or https:// with a host, and if need be a port and a path; a secret goes "
                "into a file. "
                "Correct it.");
        m_service.isTls = isTls;
        m_service.host = url.host(QUrl::FullyEncoded).toLower().toStdString();
        m_service.port = static_cast<std::uint16_t>(url.port(isTls ? 443 : 80));
        m_service.basePath = url.path(QUrl::FullyEncoded).toStdString();
        while (m_service.basePath.ends_with('/'))
            m_service.basePath.pop_back();
    }

    milliseconds span(std::string_view key, std::int64_t least, std::int64_t most, milliseconds fallback)
    {
        return milliseconds(m_keys.integer(key, least, most).value_or(fallback.count()));
    }

    void readLimits()
    {
        m_service.connectTimeout = span("connect_timeout_ms", 10, 600'000, m_service.connectTimeout);
        m_service.maxResponseBytes =
            static_cast<std::size_t>(m_keys.integer("max_response_bytes", 1, 16 * 1024 * 1024)
                                         .value_or(static_cast<std::int64_t>(m_service.maxResponseBytes)));
        m_service.maxInFlight =
            static_cast<std::size_t>(m_keys.integer("max_in_flight", 1, 10'000)
                                         .value_or(static_cast<std::int64_t>(m_service.maxInFlight)));
        m_service.allowsPrivate = m_keys.boolean("allow_private").value_or(false);
    }

    void readBreaker()
    {
        const toml::table* table = m_keys.table("breaker");
        if (!table)
            return;
        TableKeys keys(*table, m_keys.subject() + ", breaker", m_keys.mistakes());
        steps::BreakerSettings& breaker = m_service.breaker;
        breaker.failures =
            static_cast<std::uint32_t>(keys.integer("failures", 1, 100'000).value_or(breaker.failures));
        breaker.failureRate = keys.number("failure_rate", 0.01, 1.0).value_or(breaker.failureRate);
        breaker.window =
            milliseconds(keys.integer("window_ms", 100, 3'600'000).value_or(breaker.window.count()));
        breaker.open = milliseconds(keys.integer("open_ms", 100, 3'600'000).value_or(breaker.open.count()));
        breaker.probes = static_cast<std::uint32_t>(keys.integer("probes", 1, 100).value_or(breaker.probes));
        if (breaker.probes > m_service.maxInFlight)
            keys.mistake("probes", "is more than max_in_flight. Lower it.");
        keys.finish();
    }

    Result<void> readSecrets()
    {
        if (const toml::table* table = m_keys.table("headers")) {
            TableKeys keys(*table, m_keys.subject() + ", headers", m_keys.mistakes());
            for (const auto& [key, node] : *table)
                addHeader(keys, std::string(key.str()), keys.text(key.str()).value_or(""));
        }
        if (const auto file = m_keys.text("authorization_file"))
            if (auto done = addSecret(m_keys, "authorization_file", "Authorization", *file); !done)
                return done;
        if (const toml::table* table = m_keys.table("header_files")) {
            TableKeys keys(*table, m_keys.subject() + ", header_files", m_keys.mistakes());
            for (const auto& [key, node] : *table) {
                const std::string name(key.str());
                if (auto done = addSecret(keys, name, name, keys.text(name).value_or("")); !done)
                    return done;
            }
        }
        return readCertificates();
    }

    Result<void> addSecret(
        TableKeys& keys, const std::string& key, const std::string& name, const std::string& file)
    {
        auto secret = readPrivateFile(file);
        if (!secret)
            return tl::unexpected(secret.error());
        while (
            !secret->empty() && (secret->back() == '\n' || secret->back() == '\r' || secret->back() == ' '))
            secret->pop_back();
        if (secret->empty())
            keys.mistake(key, "names a file that is empty. Write the header's value into it.");
        addHeader(keys, name, *secret, key);
        return {};
    }

    void addHeader(
        TableKeys& keys, const std::string& name, const std::string& value, const std::string& key = {})
    {
        const std::string& place = key.empty() ? name : key;
        const bool isTwice =
            std::any_of(m_service.headers.begin(), m_service.headers.end(), [&](const auto& each) {
                return QByteArray::fromStdString(each.first).compare(name.c_str(), Qt::CaseInsensitive) == 0;
            });
        if (!workflows::isHeaderName(name))
            keys.mistake(place, "is not the name of a header. Correct it.");
        else if (workflows::isOwnHeader(name))
            keys.mistake(place, "is written by Gantry itself. Remove it.");
        else if (hasControlCharacter(value) || value.size() > 8000)
            keys.mistake(place, "must be one line of at most 8000 bytes. Shorten it.");
        else if (isTwice)
            keys.mistake(place, "sets " + name + " a second time. Remove one.");
        m_service.headers.emplace_back(name, value);
    }

    Result<void> readCertificates()
    {
        const auto path = m_keys.text("ca_file");
        if (!path)
            return {};
        if (!m_service.isTls)
            m_keys.mistake("ca_file", "has no effect without https://. Remove it.");
        QFile file(QString::fromStdString(*path));
        if (!file.open(QIODevice::ReadOnly))
            return failure(ErrorCode::NotFound,
                "The certificates " + *path + " of service " + m_service.name + " can't be read: "
                    + file.errorString().toStdString() + ". Check path and permissions.");
        m_service.caCertificates = file.read(maxCertificateBytes).toStdString();
        if (m_service.caCertificates.find("-----BEGIN CERTIFICATE-----") == std::string::npos)
            m_keys.mistake("ca_file", "names a file without a certificate in PEM. Correct it.");
        return {};
    }

    TableKeys m_keys;
    steps::HttpService m_service;
};

} // namespace

Result<std::vector<steps::HttpService>> readServices(const toml::table& table, const std::string& file)
{
    workflows::Mistakes mistakes(file);
    std::vector<steps::HttpService> services;
    for (const auto& [key, node] : table) {
        const std::string name(key.str());
        const toml::table* inner = node.as_table();
        if (!inner)
            mistakes.add(
                node.source().begin, "service." + name + " must be a table. Write [service." + name + "].");
        else if (!workflows::isWellFormedName(name))
            mistakes.add(key.source().begin,
                "service " + toPlainText(name, 100)
                    + ": a service's name has 1 to 64 lower-case letters, digits, _ and -, beginning with a "
                      "letter. "
                      "Correct it.");
        else if (auto service = ServiceReader(*inner, name, mistakes).read())
            services.push_back(std::move(*service));
        else
            return tl::unexpected(service.error());
    }
    if (services.size() > maxServices)
        mistakes.add(table.source().begin, "there are more than 100 services. Remove some.");
    if (mistakes.isEmpty())
        return services;
    const Error error = mistakes.toError();
    return failure(ErrorCode::InvalidValue, error.fields.front().message);
}

} // namespace gantry::app
