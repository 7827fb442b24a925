// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/bus.h"

#include "daemon/bus/bus_thread.h"
#include "daemon/bus/connection_counter.h"
#include "daemon/bus/self_test.h"
#include "daemon/bus/server_socket.h"
#include "daemon/bus/worker_thread.h"
#include "daemon/bus/zap_handler.h"

#include <tuple>
#include <utility>

namespace gantry::bus {

namespace {

constexpr std::chrono::milliseconds selfTestTimeout{5'000};
constexpr std::size_t mostReadingJobs = 256;

/// A frame that is larger by this than a message may be ends the connection before it is in memory; what lies between is refused with an answer.
constexpr std::size_t frameSlack = 64 * 1024;

/// Answers wait for a peer up to this number, then in the outbox.
SocketLimits commandSocket(const BusSettings& settings)
{
    return {128, 256, static_cast<std::int64_t>(settings.limits.requestBytes + frameSlack),
        settings.doors.handshake};
}

/// A subscriber that does not read costs at most this number of messages of up to 256 KiB; then it loses messages, and finds out by
/// the sequence. All that a subscriber sends are subscriptions.
SocketLimits eventSocket(const BusSettings& settings)
{
    return {200, 256, 1024, settings.doors.handshake};
}

/// A worker that does not read costs at most this number of messages of tasks, and 4 MiB behind them.
SocketLimits workerSocket(const BusSettings& settings)
{
    return {16, 64, static_cast<std::int64_t>(settings.workerLimits.messageBytes + frameSlack),
        settings.doors.handshake};
}

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

Result<void> Bus::bindDoors(const BusSettings& settings, std::array<zmq::socket_t, 3>& doors)
{
    auto& [commands, events, workers] = doors;
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
    return {};
}

Result<void> Bus::open(BusSettings settings)
{
    m_mailbox = std::make_shared<Mailbox>(settings.mostQueuedEvents, m_meters);
    Threads& threads = *m_threads;
    std::array<zmq::socket_t, 3> doors{zmq::socket_t(threads.context, zmq::socket_type::router),
        zmq::socket_t(threads.context, zmq::socket_type::xpub),
        zmq::socket_t(threads.context, zmq::socket_type::router)};
    auto& [commands, events, workers] = doors;
    configureServer(commands, "commands", settings.serverKeys, commandSocket(settings));
    commands.set(zmq::sockopt::router_mandatory, 1);
    configureServer(events, "events", settings.serverKeys, eventSocket(settings));
    events.set(zmq::sockopt::xpub_verbose, 1);
    configureServer(workers, "workers", settings.serverKeys, workerSocket(settings));
    workers.set(zmq::sockopt::router_mandatory, 1);

    GuardedDoors guarded{.mostConnections = settings.doors.connections, .wholeDomain = "events"};
    guarded.counters.emplace_back(threads.context, commands, "commands");
    guarded.counters.emplace_back(threads.context, events, "events");
    guarded.counters.emplace_back(threads.context, workers, "workers");
    threads.zap =
        std::make_unique<ZapHandler>(threads.context, settings.lookup, *m_meters, std::move(guarded));
    if (auto bound = bindDoors(settings, doors); !bound) {
        for (zmq::socket_t& door : doors)
            stopCounting(door);
        return bound;
    }

    threads.readingRoom = std::make_shared<ReadingRoom>(mostReadingJobs);
    threads.workers = std::make_unique<WorkerThread>(
        std::move(workers), workerSettings(settings), settings.workerLimits.heartbeat, m_meters);
    Positions positions = positionsOf(settings);
    threads.thread = std::make_unique<BusThread>(BusThreadSettings{.commands = std::move(commands),
        .events = std::move(events),
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

std::function<void()> Bus::recheckKeys() const
{
    return [mailbox = m_mailbox] { mailbox->recheckKeys(); };
}

observe::CounterSource Bus::counterSource() const
{
    return [meters = m_meters]() -> std::vector<observe::CounterReading> {
        const BusCounters now = meters->read();
        return {
            {"gantry_bus_accepted_peers_total", "Handshakes let in.", now.acceptedPeers},
            {"gantry_bus_refused_peers_total", "Handshakes refused: an unknown key, or none.",
                now.refusedPeers},
            {"gantry_bus_connections",
                "TCP connections of the three doors, those without a key yet included.", now.connections,
                true},
            {"gantry_bus_ended_connections_total", "TCP connections that have ended, by whomever.",
                now.endedConnections},
            {"gantry_bus_full_total",
                "Handshakes refused because the door had as many connections as it may.", now.fullDoors},
            {"gantry_bus_requests_total", "Requests received, whatever came of them.", now.requests},
            {"gantry_bus_malformed_requests_total", "Requests dropped for having no number to answer to.",
                now.malformedRequests},
            {"gantry_bus_busy_requests_total", "Requests refused because a bound was reached.",
                now.busyRequests},
            {"gantry_bus_oversized_requests_total", "Requests refused for their size.",
                now.oversizedRequests},
            {"gantry_bus_dropped_answers_total", "Answers whose peer was gone or did not read them.",
                now.droppedAnswers},
            {"gantry_bus_published_messages_total", "Event messages sent.", now.publishedMessages},
            {"gantry_bus_published_events_total", "Events sent.", now.publishedEvents},
            {"gantry_bus_revoked_streams_total",
                "Streams of events ended because their key was not accepted any more.", now.revokedStreams},
            {"gantry_bus_dropped_events_total", "Events not sent, which subscribers ask for again.",
                now.droppedEvents},
            {"gantry_workers_messages_total", "Messages from workers, whatever came of them.",
                now.workerMessages},
            {"gantry_workers_bad_messages_total", "Messages from workers refused or dropped as a whole.",
                now.badWorkerMessages},
            {"gantry_workers_oversized_messages_total", "Messages from workers refused for their size.",
                now.oversizedWorkerMessages},
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
