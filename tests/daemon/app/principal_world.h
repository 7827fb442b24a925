// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/faults/order_flow.h"
#include "tests/support/bus/raw_peer.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <memory>
#include <string>

namespace gantry::test {

/// A whole daemon, and callers at both of its doors. One thread; fails the running program loudly when the daemon does not do what it must.
class PrincipalWorld {
public:
    struct Answer {
        int status = 0; ///< 0: none came
        QJsonObject body{};
    };

    /// Someone who calls by HTTP, always on the same connection.
    class HttpCaller {
    public:
        /// `key`: empty for a caller without one.
        HttpCaller(const PrincipalWorld& world, std::string key);
        Answer call(const std::string& method, const std::string& target, const std::string& body = {},
            const std::string& idempotencyKey = {});
        [[nodiscard]] const HttpAnswer& last() const { return m_last; }

    private:
        HttpClient m_client;
        std::string m_key;
        HttpAnswer m_last;
    };

    /// Someone who calls by the command socket, always on the same connection.
    class BusCaller {
    public:
        BusCaller(const PrincipalWorld& world, const bus::CurveKeyPair& keys);
        Answer call(const std::string& method, const std::string& target, const std::string& body = {});
        /// A query of the bus's own, e.g. hello; the status of its problem, or 200.
        int ask(const std::string& json);
        [[nodiscard]] RawPeer& peer() noexcept { return m_peer; }

    private:
        RawPeer m_peer;
        std::uint64_t m_number = 0;
    };

    PrincipalWorld();

    /// The admin of the first start.
    [[nodiscard]] HttpCaller& admin() { return *m_admin; }

    /// Makes a principal; `more`: further members of the request.
    void add(const std::string& name, const std::string& role, const std::string& more = {});

    /// Makes an API key; gives its secret, and its id if asked for.
    std::string addKey(const std::string& name, const std::string& more = {}, int* id = nullptr);

    /// Makes a CURVE key.
    bus::CurveKeyPair addCurveKey(const std::string& name, int* id = nullptr);

    [[nodiscard]] RawIdentity identity(const bus::CurveKeyPair& keys) const { return {m_serverKey, keys}; }
    [[nodiscard]] const std::string& eventsAddress() const { return m_events; }
    [[nodiscard]] DaemonProcess& daemon() { return *m_daemon; }

    /// Starts the daemon again on the same data.
    void restart();

private:
    void connect();

    QTemporaryDir m_data;
    std::unique_ptr<DaemonProcess> m_daemon;
    std::unique_ptr<HttpCaller> m_admin;
    std::string m_commands;
    std::string m_events;
    std::string m_serverKey;
    int m_keys = 0;
};

} // namespace gantry::test
