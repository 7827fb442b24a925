// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/bus/bus_fixture.h"

#include <QTest>
#include <fstream>
#include <unistd.h>

namespace gantry::test {

BusFixture::BusFixture(std::uint64_t seed)
    : handler([](api::ApiRequest request, const api::ApiReply& reply) {
        reply({.status = 200,
            .body = R"({"path":")" + request.path + R"(","principal":")" + request.principal + "\"}"});
    })
    , m_serverKeys(bus::makeCurveKeyPair().value())
    , m_adminKeys(bus::makeCurveKeyPair().value())
    , m_guestKeys(bus::makeCurveKeyPair().value())
    , m_source(seed)
{
}

BusFixture::~BusFixture()
{
    stop();
}

bus::BusSettings BusFixture::settings()
{
    const PartitionPosition position = m_source.position();
    return {.commands = m_commands,
        .events = m_events,
        .workers = m_workers,
        .serverKeys = m_serverKeys,
        .lookup = [this](std::string_view key) -> std::optional<api::Principal> {
            if (key == m_guestKeys.publicKey)
                return api::Principal{"guest", role};
            if (key != m_adminKeys.publicKey || m_isRevoked)
                return std::nullopt;
            return api::Principal{"admin", role};
        },
        .handler = handler,
        .readLog = [this](std::uint32_t, std::uint64_t after,
                       std::size_t limit) -> Result<std::vector<LoggedEvent>> {
            const std::lock_guard lock(m_mutex);
            return m_source.read(after, limit);
        },
        .partitions = {{{.partition = 0, .epoch = position.epoch, .sequence = position.sequence}, this}},
        .clock = m_clock,
        .limits = limits,
        .seal = seal(),
        .workerLimits = workerLimits,
        .doors = doors};
}

Result<void> BusFixture::start(std::chrono::milliseconds heartbeat)
{
    if (m_wasStarted) {
        const std::lock_guard lock(m_mutex);
        m_source.beginEpoch();
    }
    bus::BusSettings settings = this->settings();
    settings.heartbeatInterval = heartbeat;
    auto started = bus::Bus::start(std::move(settings));
    if (!started)
        return tl::unexpected(started.error());
    m_bus = std::move(*started);
    m_listener = m_bus->listener();
    m_commands = m_bus->commandsAddress().substr(6);
    m_events = m_bus->eventsAddress().substr(6);
    m_workers = m_bus->workersAddress().substr(6);
    m_wasStarted = true;
    return {};
}

void BusFixture::stop()
{
    m_listener = nullptr;
    m_bus.reset();
}

void BusFixture::commit(std::size_t events, bool isLost)
{
    const std::lock_guard lock(m_mutex);
    auto batch = m_source.commit(events);
    if (m_listener && !isLost)
        m_listener(std::move(batch));
}

engine::DigestAnswer BusFixture::digest() const
{
    const std::lock_guard lock(m_mutex);
    return m_source.digest();
}

bool BusFixture::post(engine::Message message)
{
    if (isFull)
        return false;
    if (auto* request = std::get_if<engine::SnapshotRequest>(&message)) {
        if (beforePart)
            beforePart();
        const std::lock_guard lock(m_mutex);
        request->reply(m_source.part(request->after, request->limit));
        return true;
    }
    return !onWork || onWork(std::move(message));
}

std::int64_t residentBytes()
{
    std::ifstream file("/proc/self/statm");
    std::int64_t whole = 0;
    std::int64_t resident = 0;
    file >> whole >> resident;
    return resident * ::sysconf(_SC_PAGESIZE);
}

bool waitFor(const std::function<bool()>& condition, std::chrono::milliseconds timeout)
{
    return QTest::qWaitFor(condition, static_cast<int>(timeout.count()));
}

} // namespace gantry::test
