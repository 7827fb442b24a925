// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/daemon.h"

#include "daemon/api/feed_desk.h"
#include "daemon/api/http_server.h"
#include "daemon/api/passwords.h"
#include "daemon/api/people.h"
#include "daemon/api/routes.h"
#include "daemon/app/certificate.h"
#include "daemon/app/credentials.h"
#include "daemon/app/data_directory.h"
#include "daemon/app/descriptors.h"
#include "daemon/app/workflow_start.h"
#include "daemon/bulk/bulk_thread.h"
#include "daemon/bus/bus.h"
#include "daemon/bus/profile_file.h"
#include "daemon/engine/partition_thread.h"
#include "daemon/engine/role_desk.h"
#include "daemon/intake/secret_box.h"
#include "daemon/observe/engine_metrics.h"
#include "daemon/observe/feed_metrics.h"
#include "daemon/observe/http_metrics.h"
#include "daemon/observe/service_metrics.h"
#include "daemon/steps/http_runner.h"
#include "daemon/steps/step_factory.h"
#include "daemon/store/sqlite/sqlite_store.h"
#include "daemon/verify/verifier.h"
#include "shared/protocol/json_writer.h"
#include "shared/util/private_file.h"

#include <atomic>
#include <filesystem>

namespace gantry::app {

namespace {

constexpr std::uint32_t onlyPartition = 0; ///< the embedded store has one
constexpr std::size_t waitingLooks = 10'000; ///< questions that may wait for a reader
constexpr std::size_t waitingLogins = 16; ///< of 64 MiB and a tenth of a second each
constexpr std::size_t waitingSelections = 16; ///< bulk actions whose orders are yet to be found
constexpr std::chrono::seconds drainDeadline{20};

std::string encodeAddresses(const Addresses& addresses)
{
    JsonWriter json;
    json.beginObject()
        .member("http", addresses.http)
        .member("commands", addresses.commands)
        .member("events", addresses.events)
        .member("workers", addresses.workers)
        .endObject();
    return json.take() + '\n';
}

} // namespace

/// Everything there is, in the sequence of making; taken apart in the reverse, but for what close() does first.
class Daemon::Rooms {
public:
    Rooms(const Config& config, std::function<void(const Error&)> onFailure)
        : m_config(config)
        , m_onFailure(std::move(onFailure))
        , m_engineMetrics(m_metrics)
        , m_httpMetrics(m_metrics, api::limitNames())
        , m_rates({config.httpLimits.requestsPerSecondOfKey, config.httpLimits.burstOfKey},
              [this] { m_httpMetrics.limitHit(api::limitName(api::HttpLimit::Rate)); })
        , m_feedMetrics(m_metrics)
        , m_serviceMetrics(m_metrics)
        , m_queue(config.inboxMessages)
    {
    }

    Result<void> open()
    {
        return reserveDescriptors(m_config)
            .and_then([this] { return loadCertificate(); })
            .and_then([this] { return prepareDataDirectory(m_config.dataDir); })
            .and_then([this] { return openStore(); })
            .and_then([this] { return loadWorkflows(); })
            .and_then([this] { return makeSteps(); })
            .and_then([this] { return openDoors(); })
            .and_then([this] { return startEngine(); })
            .and_then([this] { return startBulk(); })
            .and_then([this] { return tellAddresses(); });
    }

    /// Lets nobody in any more, answers what is in hand, and commits what was taken in.
    void close()
    {
        m_isReady = false;
        m_queue.drain(); // workers that wait for tasks are let go
        m_feed.stop(); // and readers that wait for events
        if (m_http)
            m_http->drain(drainDeadline);
        m_bus.reset();
        m_bulk.reset();
        m_thread.reset();
        std::error_code ignored;
        std::filesystem::remove(m_config.dataDir + "/gantryd.addr", ignored);
    }

    [[nodiscard]] const Addresses& addresses() const { return m_addresses; }

    Result<std::string> reloadCertificate()
    {
        if (!m_tls)
            return failure(ErrorCode::InvalidValue,
                "There is no certificate to read anew: plain HTTP is spoken here. Name one in [tls], and "
                "restart.");
        auto identity = loadRenewedCertificate(m_config.tls, m_clock);
        if (!identity) {
            m_failedReloads.fetch_add(1, std::memory_order_relaxed);
            return tl::unexpected(identity.error());
        }
        m_tls = std::move(*identity);
        m_expiry.store(secondsOf(*m_tls), std::memory_order_relaxed);
        m_http->setTls(m_tls);
        return "the certificate was read anew; it is valid until " + formatRfc3339(m_tls->notAfter());
    }

    [[nodiscard]] std::string certificateWarning() const
    {
        return m_tls ? app::certificateWarning(*m_tls, m_clock.now()) : std::string();
    }

private:
    static std::int64_t secondsOf(const api::TlsIdentity& identity)
    {
        return std::chrono::floor<std::chrono::seconds>(identity.notAfter()).time_since_epoch().count();
    }

    Result<void> loadCertificate()
    {
        if (m_config.tls.certificate.empty())
            return {};
        auto identity = api::TlsIdentity::load(m_config.tls);
        if (!identity)
            return tl::unexpected(identity.error());
        m_tls = std::move(*identity);
        m_expiry = secondsOf(*m_tls);
        return {};
    }

    Result<void> openStore()
    {
        store::SqliteSettings settings;
        settings.file = m_config.dataDir + "/gantry.db";
        settings.writerCacheBytes = static_cast<std::int64_t>(m_config.cacheMiB) * 1024 * 1024;
        auto store = store::openSqliteStore(settings);
        if (!store)
            return tl::unexpected(store.error());
        m_store = std::move(*store);
        auto partition = m_store->acquire(onlyPartition);
        if (!partition)
            return tl::unexpected(partition.error());
        m_partitionStore = std::move(*partition);
        const auto reader = m_store->openReader();
        if (!reader)
            return tl::unexpected(reader.error());
        auto credentials = loadOrMakeCredentials(m_config.dataDir, *m_partitionStore, **reader, m_clock);
        if (!credentials)
            return tl::unexpected(credentials.error());
        m_credentials = std::move(*credentials);
        auto readers = api::ReaderPool::start(*m_store, m_config.readers, waitingLooks);
        if (!readers)
            return tl::unexpected(readers.error());
        m_readers = std::move(*readers);
        auto selections = api::ReaderPool::start(*m_store, 1, waitingSelections);
        if (!selections)
            return tl::unexpected(selections.error());
        m_selections = std::move(*selections);
        m_verifier = std::make_unique<verify::Verifier>(*m_store, m_clock);
        return {};
    }

    Result<void> loadWorkflows()
    {
        const auto reader = m_store->openReader();
        if (!reader)
            return tl::unexpected(reader.error());
        return openWorkflows(m_workflows, *m_partitionStore, **reader, m_clock);
    }

    Result<void> makeSteps()
    {
        m_caller =
            std::make_shared<steps::HttpRunner>(steps::HttpRunnerSettings{.services = m_config.services,
                .clock = m_clock,
                .limitLane = [this](engine::LaneLimit limit) { m_queue.limitLane(std::move(limit)); },
                .metrics = &m_serviceMetrics});
        m_steps = steps::makeSteps({QUrl(QString::fromStdString(m_config.paymentUrl))});
        m_steps.setCaller(m_caller, m_caller->laneLimits());
        return {};
    }

    /// What workflow files may name here.
    [[nodiscard]] workflows::Handlers handlers() const
    {
        workflows::Handlers handlers = steps::knownHandlers();
        handlers.services.emplace();
        for (const steps::HttpService& service : m_config.services)
            handlers.services->insert(service.name);
        return handlers;
    }

    Result<void> openDoors()
    {
        auto reader = m_store->openReader();
        if (!reader)
            return tl::unexpected(reader.error());
        auto principals = (*reader)->listPrincipals();
        if (!principals)
            return tl::unexpected(principals.error());
        const auto roles = (*reader)->listRoles().and_then(engine::rolesOf);
        if (!roles)
            return tl::unexpected(roles.error());
        m_principals = std::make_unique<api::Principals>(*principals, m_credentials.pepper, m_clock);
        if (auto opened = openPeople(**reader); !opened)
            return opened;
        m_principals->replaceRoles(*roles);
        m_logReader = std::move(*reader);
        m_secrets =
            std::make_unique<const intake::SecretBox>(intake::SecretBox::fromSecret(m_credentials.pepper));
        const api::Services services{m_queue, *m_readers, m_clock, [this] { return m_metrics.text(); },
            [this] { return m_isReady.load() && m_bus->isAlive(); },
            engine::TokenSeal::fromSecret(m_credentials.pepper), handlers(), &m_bulkQueue,
            [caller = m_caller] { return caller->status(); }, m_selections.get(), m_verifier.get(),
            m_principals.get(), &m_feed, m_secrets.get(), m_people.get()};
        m_router = std::make_unique<const api::Router>(
            api::makeRoutes(services), *m_principals, &m_rates, &m_waiting, m_sessions.get());
        return openBus().and_then([this] { return openHttp(); });
    }

    Result<void> openPeople(store::StoreReader& reader)
    {
        auto sessions = reader.listSessions(m_clock.now());
        if (!sessions)
            return tl::unexpected(sessions.error());
        m_sessions = std::make_unique<api::Sessions>(*sessions, m_credentials.pepper, m_clock);
        auto hashing = api::ReaderPool::start(*m_store, 1, waitingLogins);
        if (!hashing)
            return tl::unexpected(hashing.error());
        m_hashing = std::move(*hashing);
        auto nobodys = api::hashPassword(api::makeSessionToken());
        if (!nobodys)
            return tl::unexpected(nobodys.error());
        m_people = std::make_unique<const api::People>(
            api::People{*m_sessions, m_throttle, *m_hashing, std::move(*nobodys)});
        return {};
    }

    [[nodiscard]] api::ApiHandler handler() const
    {
        return [router = m_router.get()](api::ApiRequest request, const api::ApiReply& reply) {
            router->handle(std::move(request), reply);
        };
    }

    Result<void> openBus()
    {
        bus::BusSettings settings{.commands = m_config.commands,
            .events = m_config.events,
            .workers = m_config.workers,
            .serverKeys = m_credentials.server,
            .lookup = [this](std::string_view key) { return m_principals->byCurveKey(key); },
            .handler = handler(),
            .readLog = [this](std::uint32_t partition, std::uint64_t after,
                           std::size_t limit) -> Result<std::vector<LoggedEvent>> {
                const auto records = m_logReader->readLog(partition, after, limit);
                if (!records)
                    return tl::unexpected(records.error());
                std::vector<LoggedEvent> events;
                events.reserve(records->size());
                for (const store::EventRecord& record : *records)
                    events.push_back(record.logged);
                return events;
            },
            .partitions = {{m_partitionStore->info(), &m_queue}},
            .clock = m_clock,
            .mostQueuedEvents = m_config.queuedEvents,
            .limits = m_config.commandLimits,
            .seal = engine::TokenSeal::fromSecret(m_credentials.pepper),
            .workerLimits = m_config.workerLimits,
            .doors = m_config.doorLimits};
        auto bus = bus::Bus::start(std::move(settings));
        if (!bus)
            return tl::unexpected(bus.error());
        m_bus = std::move(*bus);
        m_metrics.addSource(m_bus->counterSource());
        return {};
    }

    /// What the HTTP door holds now; nothing before it is open.
    [[nodiscard]] observe::CounterSource httpSource() const
    {
        return [this]() -> std::vector<observe::CounterReading> {
            if (!m_isReady)
                return {};
            std::vector<observe::CounterReading> all{
                {"gantry_http_connections", "Connections open now.", m_http->connectionCount(), true},
                {"gantry_http_in_flight_bytes", "Bytes of requests received and not yet answered.",
                    m_http->inFlightBytes(), true}};
            if (const std::int64_t expiry = m_expiry.load(std::memory_order_relaxed); expiry > 0) {
                all.push_back({"gantry_tls_certificate_expiry_time_seconds",
                    "When the TLS certificate expires, in seconds since 1970.",
                    static_cast<std::uint64_t>(expiry), true});
                all.push_back(
                    {"gantry_tls_reload_failures_total", "Certificates that were not taken when read anew.",
                        m_failedReloads.load(std::memory_order_relaxed)});
            }
            return all;
        };
    }

    Result<void> openHttp()
    {
        const auto address = parseAddress(m_config.http);
        if (!address)
            return tl::unexpected(address.error());
        api::HttpSettings settings;
        settings.address = address->host;
        settings.port = address->port;
        settings.threads = m_config.httpThreads;
        settings.limits = m_config.httpLimits;
        settings.tls = m_tls;
        settings.observer = [this](const api::HttpObservation& observation) {
            m_httpMetrics.answered(observation.status, observation.duration);
            if (observation.limit != api::HttpLimit::None)
                m_httpMetrics.limitHit(api::limitName(observation.limit));
        };
        m_metrics.addSource(httpSource());
        auto server = api::HttpServer::start(std::move(settings), handler());
        if (!server)
            return tl::unexpected(server.error());
        m_http = std::move(*server);
        return {};
    }

    Result<void> startEngine()
    {
        auto reader = m_store->openReader();
        if (!reader)
            return tl::unexpected(reader.error());
        engine::PartitionSettings settings{.workflows = m_workflows,
            .steps = m_steps,
            .clock = m_clock,
            .random = m_random,
            .queue = m_queue};
        settings.listeners = {m_bus->listener(), m_bulkQueue.listener(), m_feed.listener()};
        settings.metrics = &m_engineMetrics;
        settings.principals = [this, recheckBus = m_bus->recheckKeys()](
                                  const std::vector<store::PrincipalRecord>& records) {
            m_principals->replace(records);
            recheckBus();
            m_waiting.recheck();
        };
        settings.sessions = [this](const std::vector<store::PersonSession>& sessions) {
            m_sessions->replace(sessions);
            m_waiting.recheck();
        };
        settings.takeSessionUses = [this] { return m_sessions->takeUses(); };
        settings.roles = [this](const std::vector<engine::RolePointer>& roles) {
            m_principals->replaceRoles(roles);
        };
        settings.takeKeyUses = [this] { return m_principals->takeUses(); };
        settings.maxInHand = m_config.attemptsInHand;
        settings.pickup = std::chrono::milliseconds(m_config.retryPickupMs);
        auto partition = std::make_unique<engine::Partition>(
            std::move(settings), std::move(m_partitionStore), std::move(*reader));
        if (auto started = partition->start(); !started)
            return started;
        const engine::GroupCommitPolicy policy{m_config.batchMessages, m_config.batchBytes};
        m_thread = std::make_unique<engine::PartitionThread>(
            std::move(partition), m_queue, m_clock, policy, m_onFailure);
        return {};
    }

    Result<void> startBulk()
    {
        auto reader = m_store->openReader();
        if (!reader)
            return tl::unexpected(reader.error());
        auto runner = std::make_unique<bulk::BulkRunner>(
            bulk::BulkSettings{m_clock, m_bulkRandom, m_bulkQueue, {{0, slotCount - 1, &m_queue}},
                [this](const std::string& role) { return m_principals->customRole(role); }},
            std::move(*reader));
        if (auto started = runner->start(); !started)
            return started;
        m_bulk = std::make_unique<bulk::BulkThread>(std::move(runner), m_bulkQueue, m_clock);
        return {};
    }

    Result<void> tellAddresses()
    {
        m_addresses = {m_http->boundAddress(), m_bus->commandsAddress(), m_bus->eventsAddress(),
            m_bus->workersAddress()};
        const bus::ConsoleProfile profile{.name = "gantryd at " + m_addresses.http,
            .commands = m_addresses.commands,
            .events = m_addresses.events,
            .workers = m_addresses.workers,
            .serverKey = m_credentials.server.publicKey,
            .keys = m_credentials.admin,
            .principal = "admin",
            .role = Role::Admin};
        if (auto written = bus::writeProfile(m_config.dataDir + "/admin.profile", profile); !written)
            return written;
        m_isReady = true;
        // Last: whoever waits for this file finds everything else in place.
        return writePrivateFile(m_config.dataDir + "/gantryd.addr", encodeAddresses(m_addresses));
    }

    Config m_config;
    std::function<void(const Error&)> m_onFailure;
    SystemClock m_clock;
    SystemRandom m_random; ///< the partition thread's, once it runs
    observe::Metrics m_metrics;
    observe::EngineMetrics m_engineMetrics;
    observe::HttpMetrics m_httpMetrics;
    api::RateLimiter m_rates;
    api::WaitingCalls m_waiting;
    observe::FeedMetrics m_feedMetrics;
    observe::ServiceMetrics m_serviceMetrics; ///< the network thread's
    engine::WorkflowCatalog m_workflows; ///< the partition thread's, once it runs
    std::atomic<bool> m_isReady{false};
    Addresses m_addresses;
    std::shared_ptr<const api::TlsIdentity> m_tls; ///< main thread's; null: plain HTTP
    std::atomic<std::int64_t> m_expiry{0}; ///< of the certificate, in seconds since 1970
    std::atomic<std::uint64_t> m_failedReloads{0};
    std::unique_ptr<store::Store> m_store;
    std::unique_ptr<store::PartitionStore> m_partitionStore; ///< until the engine takes it
    std::unique_ptr<store::StoreReader> m_logReader; ///< the bus's
    Credentials m_credentials;
    std::unique_ptr<api::Principals> m_principals;
    std::unique_ptr<const intake::SecretBox> m_secrets;
    std::unique_ptr<api::Sessions> m_sessions;
    api::LoginThrottle m_throttle{m_clock};
    std::unique_ptr<const api::People> m_people;
    engine::MessageQueue m_queue;
    SystemRandom m_bulkRandom; ///< the bulk thread's, once it runs
    bulk::BulkQueue m_bulkQueue; ///< outlives the partition: that still answers what the runner has sent
    std::unique_ptr<const api::Router> m_router; ///< outlives whoever answers late: that asks it once more
    std::unique_ptr<api::ReaderPool> m_readers;
    std::unique_ptr<api::ReaderPool> m_selections;
    std::unique_ptr<api::ReaderPool> m_hashing;
    std::unique_ptr<verify::Verifier> m_verifier;
    api::FeedDesk m_feed{&m_feedMetrics};
    std::shared_ptr<steps::HttpRunner> m_caller;
    engine::StepRegistry m_steps;
    std::unique_ptr<bus::Bus> m_bus;
    std::unique_ptr<api::HttpServer> m_http;
    std::unique_ptr<engine::PartitionThread> m_thread;
    std::unique_ptr<bulk::BulkThread> m_bulk;
};

Result<std::unique_ptr<Daemon>> Daemon::start(
    const Config& config, std::function<void(const Error&)> onFailure)
{
    auto rooms = std::make_unique<Rooms>(config, std::move(onFailure));
    if (auto opened = rooms->open(); !opened)
        return tl::unexpected(opened.error());
    return std::unique_ptr<Daemon>(new Daemon(std::move(rooms)));
}

Daemon::Daemon(std::unique_ptr<Rooms> rooms)
    : m_rooms(std::move(rooms))
{
}

Daemon::~Daemon()
{
    m_rooms->close();
}

const Addresses& Daemon::addresses() const
{
    return m_rooms->addresses();
}

Result<std::string> Daemon::reloadCertificate()
{
    return m_rooms->reloadCertificate();
}

std::string Daemon::certificateWarning() const
{
    return m_rooms->certificateWarning();
}

} // namespace gantry::app
