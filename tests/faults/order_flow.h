// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/daemon_process.h"
#include "tests/support/http_client.h"

#include <QJsonArray>
#include <QJsonObject>
#include <map>
#include <string>

namespace gantry::test {

/// Bodies of `/v1/orders/batch`: `count` orders from number `first` on, always the same for the same numbers.
std::string batchBody(int first, int count);

/// The external id of order number `number`.
std::string externalIdOf(int number);

/// A caller of a daemon's API with the admin's key. Fails the running program loudly when an answer is not JSON.
class ApiCaller {
public:
    explicit ApiCaller(const DaemonProcess& daemon)
        : m_client("127.0.0.1", daemon.httpPort(), std::chrono::seconds(30))
        , m_key(daemon.key())
    {
    }

    /// Errors: Unavailable.
    Result<QJsonObject> get(const std::string& target);
    Result<QJsonObject> post(const std::string& target, const std::string& body);

    /// Sends a request and does not wait for its answer.
    Result<void> sendOnly(const std::string& target, const std::string& body);

    /// The answer to what sendOnly() sent.
    Result<QJsonObject> receive();

    [[nodiscard]] HttpClient& client() noexcept { return m_client; }

private:
    HttpClient m_client;
    std::string m_key;
};

/// Every order the daemon has: external id → id, over all pages. An external id that is there twice is told as `twice`.
struct Census {
    std::map<std::string, std::string> ids;
    std::map<std::string, int> byState;
    int twice = 0;
};
Result<Census> takeCensus(ApiCaller& api);

} // namespace gantry::test
