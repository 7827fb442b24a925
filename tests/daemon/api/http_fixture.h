// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/http_server.h"
#include "tests/support/http_client.h"

#include <QtTest>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gantry::test {

/// A request that a test answers when it likes.
struct HeldRequest {
    api::ApiRequest request;
    api::ApiReply reply;
};

/// A server with small limits, a handler that tells back what it got, and everything that was observed.
/// `/held…` waits in a queue for the test; `/large?N` answers N bytes; `/throw` throws; `/forget` drops the reply.
class HttpFixture {
public:
    explicit HttpFixture(
        api::HttpLimits limits = {}, unsigned threads = 1, std::shared_ptr<const api::TlsIdentity> tls = {})
    {
        api::HttpSettings settings;
        settings.port = 0;
        settings.threads = threads;
        settings.limits = std::move(limits);
        settings.tls = std::move(tls);
        settings.observer = [this](const api::HttpObservation& seen) {
            const std::lock_guard lock(m_mutex);
            m_observations.push_back(seen);
            m_changed.notify_all();
        };
        auto started =
            api::HttpServer::start(std::move(settings), [this](api::ApiRequest request, api::ApiReply reply) {
                handle(std::move(request), std::move(reply));
            });
        if (!started)
            qFatal("%s", started.error().message.c_str());
        server = std::move(*started);
    }

    ~HttpFixture() { server.reset(); }
    HttpFixture(const HttpFixture&) = delete;
    HttpFixture& operator=(const HttpFixture&) = delete;

    [[nodiscard]] HttpClient client() const { return HttpClient("127.0.0.1", server->port()); }

    /// Waits for a request to `/held…`; a null reply if none comes.
    HeldRequest nextHeld()
    {
        std::unique_lock lock(m_mutex);
        if (!m_changed.wait_for(lock, kPatience, [this] { return !m_held.empty(); }))
            return {};
        HeldRequest held = std::move(m_held.front());
        m_held.erase(m_held.begin());
        return held;
    }

    /// Waits until an observation fits, and returns the first that does; status -1 if none comes.
    template <typename Predicate>
    api::HttpObservation waitForObservation(Predicate fits)
    {
        std::unique_lock lock(m_mutex);
        auto at = m_observations.end();
        m_changed.wait_for(lock, kPatience, [&] {
            at = std::ranges::find_if(m_observations, fits);
            return at != m_observations.end();
        });
        return at == m_observations.end() ? api::HttpObservation{-1, 0, 0, {}, api::HttpLimit::None} : *at;
    }

    api::HttpObservation waitForLimit(api::HttpLimit limit)
    {
        return waitForObservation([limit](const auto& seen) { return seen.limit == limit; });
    }

    void forgetObservations()
    {
        const std::lock_guard lock(m_mutex);
        m_observations.clear();
    }

    std::atomic<int> calls{0}; ///< requests that reached the handler
    std::unique_ptr<api::HttpServer> server;

    static constexpr std::chrono::seconds kPatience{10};

private:
    void handle(api::ApiRequest request, api::ApiReply reply)
    {
        ++calls;
        if (request.path.starts_with("/held")) {
            const std::lock_guard lock(m_mutex);
            m_held.push_back({std::move(request), std::move(reply)});
            m_changed.notify_all();
        } else if (request.path == "/large") {
            reply({200, "text/plain", {}, std::string(std::stoul(request.query), 'x')});
        } else if (request.path == "/throw") {
            throw std::runtime_error("handler");
        } else if (request.path == "/split") {
            reply({200, "text/plain", {{"X-Bad", "one\r\nSet-Cookie: two"}}, "never seen"});
        } else if (request.path == "/empty") {
            reply({204, "", {}, ""});
        } else if (request.path != "/forget") {
            reply({200, "text/plain", {{"X-Echo", "yes"}},
                request.method + " " + request.path + "?" + request.query + "\n" + request.body});
        }
    }

    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<HeldRequest> m_held;
    std::vector<api::HttpObservation> m_observations;
};

} // namespace gantry::test
