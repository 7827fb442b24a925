// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/fingerprint.h"
#include "daemon/api/http_server.h"
#include "daemon/api/routes.h"
#include "daemon/engine/partition_thread.h"
#include "daemon/store/sqlite/sqlite_store.h"
#include "tests/support/http_client.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>

namespace gantry::test {

/// A whole way from HTTP to the disk, with a workflow of two worker steps: real server, real partition thread, real store.
class TaskWorld {
public:
    TaskWorld()
    {
        for (const Role role : {Role::Viewer, Role::Warehouse, Role::Support, Role::Admin}) {
            store::PrincipalRecord record;
            record.name = roleName(role);
            record.role = role;
            record.keyHash = api::hashApiKey(record.name + "-key", "pepper");
            m_records.push_back(record);
        }
        start();
    }
    ~TaskWorld() { stop(); }

    /// All in memory is forgotten, as in a crash; the store's file and the secret stay.
    void restart()
    {
        stop();
        start();
    }

    TaskWorld(const TaskWorld&) = delete;
    TaskWorld& operator=(const TaskWorld&) = delete;

    [[nodiscard]] HttpClient client() const { return HttpClient("127.0.0.1", m_server->port()); }

    static HttpHeaders headers(const std::string& role = "support")
    {
        return {{"Authorization", "Bearer " + role + "-key"}, {"Content-Type", "application/json"}};
    }

    [[nodiscard]] HttpAnswer post(
        const std::string& path, const std::string& body, const std::string& role = "support") const
    {
        return send("POST", path, body, headers(role));
    }

    [[nodiscard]] HttpAnswer send(const std::string& method, const std::string& path, const std::string& body,
        const HttpHeaders& sent = headers()) const
    {
        auto answer = client().request(method, path, sent, body);
        if (!answer)
            qFatal("%s", answer.error().message.c_str());
        return std::move(*answer);
    }

    /// Takes an order in; its id.
    [[nodiscard]] std::string submit(const std::string& externalId) const
    {
        const auto answer = post("/v1/orders",
            R"({"channel":"web","external_id":")" + externalId
                + R"(","currency":"EUR","lines":[{"sku":"a","quantity":2,"unit_price":100}],"total":200})");
        return jsonOf(answer)[QLatin1String("id")].toString().toStdString();
    }

    static QJsonObject jsonOf(const HttpAnswer& answer)
    {
        return QJsonDocument::fromJson(QByteArray::fromStdString(answer.body)).object();
    }

    [[nodiscard]] engine::MessageQueue& queue() { return *m_queue; }

private:
    template <typename T>
    static T must(Result<T> result)
    {
        if (!result)
            qFatal("%s", result.error().message.c_str());
        return std::move(*result);
    }

    void start()
    {
        m_queue = std::make_unique<engine::MessageQueue>(1000);
        store::SqliteSettings settings;
        settings.file = m_folder.filePath(QStringLiteral("gantry.db")).toStdString();
        m_store = must(store::openSqliteStore(settings));
        m_readers = must(api::ReaderPool::start(*m_store, 1, 100));
        m_principals = std::make_unique<const api::Principals>(m_records, "pepper", m_clock);
        const api::Services services{*m_queue, *m_readers, m_clock, [] { return std::string(); },
            [] { return true; }, engine::TokenSeal::fromSecret("pepper")};
        m_router = std::make_unique<const api::Router>(api::makeRoutes(services), *m_principals);
        engine::PartitionSettings partitionSettings{.workflows = m_workflows,
            .steps = m_steps,
            .clock = m_clock,
            .random = m_random,
            .queue = *m_queue};
        auto partition = std::make_unique<engine::Partition>(
            std::move(partitionSettings), must(m_store->acquire(0)), must(m_store->openReader()));
        if (auto started = partition->start(); !started)
            qFatal("%s", started.error().message.c_str());
        m_thread = std::make_unique<engine::PartitionThread>(std::move(partition), *m_queue, m_clock,
            engine::GroupCommitPolicy{}, [](const Error& error) { qFatal("%s", error.message.c_str()); });
        api::HttpSettings http;
        http.port = 0;
        m_server = must(api::HttpServer::start(
            std::move(http), [this](api::ApiRequest request, const api::ApiReply& reply) {
                m_router->handle(std::move(request), reply);
            }));
    }

    void stop()
    {
        m_queue->drain();
        m_server->drain(std::chrono::seconds(10));
        m_thread.reset();
        m_server.reset();
        m_readers.reset();
        m_store.reset();
    }

    static Workflow workflow()
    {
        Workflow made{.name = "by-workers", .version = 1};
        made.steps = {{.name = "authorize",
                          .kind = StepKind::Worker,
                          .handler = "payment.authorize",
                          .compensation = "payment.void"},
            {.name = "ship", .kind = StepKind::Worker, .handler = "ship"}};
        return made;
    }

    QTemporaryDir m_folder;
    SystemClock m_clock;
    SystemRandom m_random;
    engine::WorkflowCatalog m_workflows{workflow()};
    engine::StepRegistry m_steps;
    std::vector<store::PrincipalRecord> m_records;
    std::unique_ptr<engine::MessageQueue> m_queue;
    std::unique_ptr<store::Store> m_store;
    std::unique_ptr<api::ReaderPool> m_readers;
    std::unique_ptr<const api::Principals> m_principals;
    std::unique_ptr<const api::Router> m_router;
    std::unique_ptr<engine::PartitionThread> m_thread;
    std::unique_ptr<api::HttpServer> m_server;
};

} // namespace gantry::test
