// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/bus.h"

#include "daemon/bus/bus_thread.h"
#include "daemon/bus/self_test.h"
#include "daemon/bus/server_socket.h"
#include "daemon/bus/worker_thread.h"
#include "daemon/bus/zap_handler.h"

#include <utility>

namespace gantry::bus {

namespace {

constexpr std::chrono::milliseconds selfTestTimeout{5'000};
constexpr std::size_t mostReadingJobs = 256;

/// Requests: as large as HTTP takes them, and what CURVE adds. Answers wait here for a peer up to this number, then in the outbox.
constexpr SocketLimits commandLimits{128, 256, 16 * 1024 * 1024 + 1024};

/// A subscriber that does not read costs at most this number of messages of up to 256 KiB; then it loses messages, and finds out by
/// the sequence. All that a subscriber sends are subscriptions.
constexpr SocketLimits eventLimits{200, 256, 1024};

/// A worker that does not read costs at most this number of messages of tasks, and 4 MiB behind them. What workers send is bounded by the protocol.
constexpr SocketLimits workerLimits{16, 64, static_cast<std::int64_t>(WorkerWireLimits::messageBytes) + 1024};

DeskSettings deskSettings(BusSettings& settings)
{
    DeskSettings desk{.server = std::move(settings.server),
        .lookup = std::move(settings.lookup),
        .handler = std::move(settings.handler),
        .readLog = std::move(settings.readLog),
        .inboxes = {},
        .limits = settings.limits};
    for (const ServedPartition& served : settings.partitions)
        desk.inboxes[served.info.partition] = served.inbox;
    return desk;
}

WorkerDeskSettings workerSettings(const BusSettings& settings)
{
    return {.server = settings.server,
        .lookup = settings.lookup,
        .inbox = settings.partitions.front().inbox,
        .seal = settings.seal,
        .clock = settings.clock,
        .limits = settings.workerLimits};
}

/// A socket to publish events by, not bound yet. Throws zmq::error_t.
zmq::socket_t makeEventSocket(zmq::context_t& context, const CurveKeyPair& keys)
{
    zmq::socket_t events(context, zmq::socket_type::xpub);
    configureServer(events, ZapHandler::eventsDomain, keys, eventLimits);
    events.set(zmq::sockopt::xpub_verbose, 1);
    return events;
}

Positions positionsOf(const BusSettings& settings)
{
    Positions positions;
    for (const auto& [info, inbox] : settings.partitions)
        positions[info.partition] = {info.partition, info.epoch, info.sequence};
    return positions;
}

} // namespace

/// In the sequence in which they start; they end the other way round, so that the context goes last.
struct Bus::Threads {
    zmq::context_t context{1};
    std::unique_ptr<ZapHandler> zap;
    std::shared_ptr<ReadingRoom> readingRoom;
    std::unique_ptr<BusThread> thread;
    std::unique_ptr<WorkerThread> workers;
};

Bus::Bus()
    : m_meters(std::make_shared<BusMeters>())
    , m_threads(std::make_unique<Threads>())
{
}

Bus::~Bus()
{
    m_threads->workers.reset();
    m_threads->thread.reset();
    // Closures in other rooms may hold on to the reading room: its thread must not outlive the bus all the same.
    if (m_threads->readingRoom)
        m_threads->readingRoom->close();
}

Result<std::unique_ptr<Bus>> Bus::start(BusSettings settings)
{
    try {
        std::unique_ptr<Bus> bus(new Bus);
        if (auto opened = bus->open(std::move(settings)); !opened)
            return tl::unexpected(std::move(opened.error()));
        return bus;
    } catch (const zmq::error_t& error) {
        return failure(ErrorCode::InvalidValue,
            std::string("Could not set up the bus: ") + error.what() + ". Check the server's key pair.");
    } catch (const std::system_error& error) {
        return failure(ErrorCode::Unavailable, std::string("Could not start the bus: ") + error.what() + '.');
    }
}

Result<void> Bus::open(BusSettings settings)
{
    if (!settings.isLiving)
        settings.isLiving = [lookup = settings.lookup](
                                std::string_view key) { return lookup(key).has_value(); };
    m_mailbox = std::make_shared<Mailbox>(settings.mostQueuedEvents, m_meters);
    Threads& threads = *m_threads;
    auto listeners = std::make_shared<ListenerKeys>();
    threads.zap = std::make_unique<ZapHandler>(threads.context, settings.lookup, *m_meters, listeners);
    zmq::socket_t commands(threads.context, zmq::socket_type::router);
    configureServer(commands, "commands", settings.serverKeys, commandLimits);
    commands.set(zmq::sockopt::router_mandatory, 1);
    zmq::socket_t events = makeEventSocket(threads.context, settings.serverKeys);
    zmq::socket_t workers(threads.context, zmq::socket_type::router);
    configureServer(workers, "workers", settings.serverKeys, workerLimits);
    workers.set(zmq::sockopt::router_mandatory, 1);

    for (auto& [socket, type, wanted, bound] :
        {std::tuple<zmq::socket_t&, zmq::socket_type, const std::string&, std::string&>(
             commands, zmq::socket_type::dealer, settings.commands, m_commandsAddress),
            {events, zmq::socket_type::sub, settings.events, m_eventsAddress},
            {workers, zmq::socket_type::dealer, settings.workers, m_workersAddress}}) {
        auto endpoint = bindTcp(socket, wanted);
        if (!endpoint)
            return tl::unexpected(std::move(endpoint.error()));
        bound = std::move(*endpoint);
        if (auto tested = checkStrangerIsRefused(bound, type, settings.serverKeys.publicKey, selfTestTimeout);
            !tested)
            return tested;
    }

    threads.readingRoom = std::make_shared<ReadingRoom>(mostReadingJobs);
    threads.workers = std::make_unique<WorkerThread>(
        std::move(workers), workerSettings(settings), settings.workerLimits.heartbeat, m_meters);
    Positions positions = positionsOf(settings);
    threads.thread = std::make_unique<BusThread>(BusThreadSettings{.commands = std::move(commands),
        .events = std::move(events),
        .openEvents =
            [&context = threads.context, keys = settings.serverKeys,
                address = m_eventsAddress.substr(m_eventsAddress.find("//") + 2)] {
                zmq::socket_t fresh = makeEventSocket(context, keys);
                auto bound = bindTcp(fresh, address);
                return bound ? Result<zmq::socket_t>(std::move(fresh))
                             : tl::unexpected(std::move(bound.error()));
            },
        .listeners = std::move(listeners),
        .isLiving = std::move(settings.isLiving),
        .desk = deskSettings(settings),
        .positions = std::move(positions),
        .clock = settings.clock,
        .heartbeatInterval = settings.heartbeatInterval,
        .mailbox = m_mailbox,
        .readingRoom = threads.readingRoom,
        .meters = m_meters});
    return {};
}

engine::BatchListener Bus::listener() const
{
    return [mailbox = m_mailbox](Batch batch) { mailbox->post(std::move(batch)); };
}

observe::CounterSource Bus::counterSource() const
{
    return [meters = m_meters]() -> std::vector<observe::CounterReading> {
        const BusCounters now = meters->read();
        return {
            {"gantry_bus_accepted_peers_total", "Handshakes let in.", now.acceptedPeers},
            {"gantry_bus_refused_peers_total", "Handshakes refused: an unknown key, or none.",
                now.refusedPeers},
            {"gantry_bus_requests_total", "Requests received, whatever came of them.", now.requests},
            {"gantry_bus_malformed_requests_total", "Requests dropped for having no number to answer to.",
                now.malformedRequests},
            {"gantry_bus_busy_requests_total", "Requests refused because a bound was reached.",
                now.busyRequests},
            {"gantry_bus_dropped_answers_total", "Answers whose peer was gone or did not read them.",
                now.droppedAnswers},
            {"gantry_bus_published_messages_total", "Event messages sent.", now.publishedMessages},
            {"gantry_bus_published_events_total", "Events sent.", now.publishedEvents},
            {"gantry_bus_dropped_events_total", "Events not sent, which subscribers ask for again.",
                now.droppedEvents},
            {"gantry_workers_messages_total", "Messages from workers, whatever came of them.",
                now.workerMessages},
            {"gantry_workers_bad_messages_total", "Messages from workers refused or dropped as a whole.",
                now.badWorkerMessages},
            {"gantry_workers_handed_tasks_total", "Tasks sent to workers over ZeroMQ.", now.handedTasks},
            {"gantry_workers_returned_tasks_total", "Tasks given back undone.", now.returnedTasks},
            {"gantry_workers_results_total", "Results and extensions taken over ZeroMQ.", now.workerResults},
            {"gantry_workers_busy_results_total", "Results refused because a bound was reached.",
                now.busyResults},
            {"gantry_workers_silent_total", "Sessions ended because nothing was heard.", now.silentWorkers},
            {"gantry_workers_dropped_messages_total",
                "Messages to workers that were gone or did not read them.", now.droppedWorkerMessages},
        };
    };
}

bool Bus::isAlive(std::chrono::milliseconds within) const noexcept
{
    return m_threads->zap->isAlive(within) && m_threads->thread->isAlive(within)
        && m_threads->workers->isAlive(within);
}

} // namespace gantry::bus
