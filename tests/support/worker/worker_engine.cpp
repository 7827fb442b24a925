// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/worker/worker_engine.h"

#include "daemon/api/fingerprint.h"
#include "daemon/api/routes.h"
#include "daemon/bus/profile_file.h"
#include "daemon/store/sqlite/sqlite_store.h"
#include "shared/protocol/order_codec.h"
#include "shared/util/hash.h"
#include "shared/util/private_file.h"

#include <cstdio>
#include <cstdlib>
#include <poll.h>

namespace gantry::test {

namespace {

constexpr std::size_t mostResults = 1'000;
constexpr std::size_t mostMessages = 20'000;
constexpr const char* secret = "of the test";
constexpr const char* httpKey = "worker-key";

[[noreturn]] void giveUp(const Error& error)
{
    std::fprintf(stderr, "The engine stopped: %s\n", error.message.c_str());
    std::_Exit(EXIT_FAILURE);
}

} // namespace

engine::Submission submissionOf(const OrderDocument& document)
{
    engine::Submission made{.document = std::make_shared<const OrderDocument>(document),
        .encoded = std::make_shared<const std::string>(encodeDocument(document)),
        .actor = "test"};
    const auto hash = fnv1a(*made.encoded);
    for (std::size_t byte = 0; byte < sizeof hash; ++byte)
        made.fingerprint[byte] = static_cast<std::uint8_t>(hash >> (8 * byte));
    return made;
}

WorkerEngine::WorkerEngine(std::string folder, Workflow workflow, bool timesOrders)
    : m_folder(std::move(folder))
    , m_timesOrders(timesOrders)
    , m_workflows(std::move(workflow))
{
}

WorkerEngine::~WorkerEngine()
{
    close();
}

void WorkerEngine::close()
{
    if (m_queue)
        m_queue->drain();
    if (m_http)
        m_http->drain(std::chrono::seconds(10));
    m_http.reset();
    m_bus.reset();
    m_thread.reset();
    m_router.reset();
    m_readers.reset();
    m_store.reset();
}

Result<void> WorkerEngine::open()
{
    m_queue = std::make_unique<engine::MessageQueue>(mostMessages);
    auto store = store::openSqliteStore({.file = m_folder + "/gantry.db"});
    if (!store)
        return tl::unexpected(store.error());
    m_store = std::move(*store);
    auto partition = m_store->acquire(0);
    auto reader = m_store->openReader();
    if (!partition || !reader)
        return tl::unexpected(partition ? reader.error() : partition.error());
    if (auto opened = openBus((*partition)->info()); !opened)
        return opened;
    engine::PartitionSettings settings{
        .workflows = m_workflows, .steps = m_steps, .clock = m_clock, .random = m_random, .queue = *m_queue};
    settings.listeners = {m_bus->listener(), [this](const auto& batch) { count(*batch); }};
    auto engine =
        std::make_unique<engine::Partition>(std::move(settings), std::move(*partition), std::move(*reader));
    if (auto started = engine->start(); !started)
        return started;
    m_thread = std::make_unique<engine::PartitionThread>(
        std::move(engine), *m_queue, m_clock, engine::GroupCommitPolicy{}, giveUp);
    return openHttp();
}

Result<void> WorkerEngine::openHttp()
{
    auto readers = api::ReaderPool::start(*m_store, 1, 100);
    if (!readers)
        return tl::unexpected(readers.error());
    m_readers = std::move(*readers);
    store::PrincipalRecord worker;
    worker.name = "worker";
    worker.role = Role::Support;
    worker.keys.push_back({.id = 1, .material = api::hashApiKey(httpKey, secret)});
    m_principals =
        std::make_unique<const api::Principals>(std::vector<store::PrincipalRecord>{worker}, secret, m_clock);
    m_router = std::make_unique<const api::Router>(
        api::makeRoutes({*m_queue, *m_readers, m_clock, [] { return std::string(); }, [] { return true; },
            engine::TokenSeal::fromSecret(secret)}),
        *m_principals);
    api::HttpSettings settings;
    settings.port = m_httpPort;
    auto http = api::HttpServer::start(
        std::move(settings), [this](api::ApiRequest request, const api::ApiReply& reply) {
            const bool isClaim = request.path == "/v1/tasks/claim";
            m_router->handle(std::move(request), [this, reply, isClaim](api::ApiResponse response) {
                for (auto at = response.body.find("{\"token\":"); isClaim && at != std::string::npos;
                     at = response.body.find("{\"token\":", at + 1))
                    ++m_handedOverHttp;
                reply(std::move(response));
            });
        });
    if (!http)
        return tl::unexpected(http.error());
    m_http = std::move(*http);
    m_httpPort = m_http->port();
    return writePrivateFile(keyPath(), std::string(httpKey) + '\n');
}

std::string WorkerEngine::url() const
{
    return "http://127.0.0.1:" + std::to_string(m_httpPort);
}

std::size_t WorkerEngine::handedTasks() const
{
    return m_bus->counters().handedTasks + m_handedOverHttp;
}

Result<void> WorkerEngine::openBus(const store::PartitionInfo& info)
{
    for (bus::CurveKeyPair* keys : {&m_serverKeys, &m_workerKeys})
        if (keys->publicKey.empty()) {
            auto made = bus::makeCurveKeyPair();
            if (!made)
                return tl::unexpected(made.error());
            *keys = std::move(*made);
        }
    bus::BusSettings settings{.commands = "127.0.0.1:0",
        .events = "127.0.0.1:0",
        .workers = m_workers,
        .serverKeys = m_serverKeys,
        .lookup = [key = m_workerKeys.publicKey](std::string_view asked) -> std::optional<api::Principal> {
            if (asked != key)
                return std::nullopt;
            return api::Principal{"worker", Role::Admin};
        },
        .handler = [](const api::ApiRequest&, const api::ApiReply& reply) { reply({.status = 404}); },
        .readLog = [](std::uint32_t, std::uint64_t, std::size_t) -> Result<std::vector<LoggedEvent>> {
            return std::vector<LoggedEvent>{};
        },
        .partitions = {{info, m_queue.get()}},
        .clock = m_clock,
        .seal = engine::TokenSeal::fromSecret(secret)};
    auto bus = bus::Bus::start(std::move(settings));
    if (!bus)
        return tl::unexpected(bus.error());
    m_bus = std::move(*bus);
    m_workers = m_bus->workersAddress().substr(std::string_view("tcp://").size());
    return bus::writeProfile(profilePath(),
        {.name = "test",
            .commands = m_bus->commandsAddress(),
            .events = m_bus->eventsAddress(),
            .workers = m_bus->workersAddress(),
            .serverKey = m_serverKeys.publicKey,
            .keys = m_workerKeys,
            .principal = "worker",
            .role = Role::Admin});
}

void WorkerEngine::submit(engine::Submission submission)
{
    if (m_timesOrders) {
        const std::lock_guard lock(m_mutex);
        m_submitted[submission.document->externalId] = Ticks::now();
    }
    while (!m_queue->post(submission))
        ::poll(nullptr, 0, 1);
}

void WorkerEngine::count(const engine::CommittedBatch& batch)
{
    const auto now = Ticks::now();
    const std::lock_guard lock(m_mutex);
    for (const LoggedEvent& logged : batch.events) {
        const EventBody& body = logged.event.body;
        if (const auto* received = std::get_if<OrderReceived>(&body)) {
            ++m_counts.taken;
            if (m_timesOrders)
                m_open[logged.order] = m_submitted[received->summary->externalId];
        } else if (std::holds_alternative<OrderCompleted>(body)) {
            ++m_counts.completed;
            if (m_timesOrders)
                m_times.push_back(now - m_open[logged.order]);
        } else if (const auto* failed = std::get_if<StepFailed>(&body)) {
            ++m_counts.failures[failed->code];
        } else if (const auto* done = std::get_if<StepCompleted>(&body)) {
            if (m_counts.results.size() < mostResults)
                m_counts.results.push_back(done->result);
        }
    }
    m_changed.notify_all();
}

WorkerEngine::Counts WorkerEngine::counts()
{
    const std::lock_guard lock(m_mutex);
    return m_counts;
}

bool WorkerEngine::waitUntil(
    const std::function<bool(const Counts&)>& condition, std::chrono::milliseconds timeout)
{
    std::unique_lock lock(m_mutex);
    return m_changed.wait_for(lock, timeout, [&] { return condition(m_counts); });
}

} // namespace gantry::test
