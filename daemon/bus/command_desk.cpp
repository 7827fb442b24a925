// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/command_desk.h"

#include "daemon/api/http_target.h"

#include <algorithm>
#include <array>

namespace gantry::bus {

namespace {

constexpr std::size_t headBytes = 64 * 1024;
constexpr std::array<std::string_view, 5> methods{"GET", "HEAD", "POST", "PUT", "DELETE"};

Error busy(std::string_view what)
{
    return {ErrorCode::Busy, std::string(what) + " Send the same request again a little later."};
}

std::string lowerCase(std::string text)
{
    for (char& c : text)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c + ('a' - 'A'));
    return text;
}

BusHeaders headersOf(api::ApiResponse& response)
{
    BusHeaders headers;
    headers.reserve(response.headers.size() + 1);
    if (!response.body.empty())
        headers.emplace_back("content-type", std::move(response.contentType));
    for (auto& [name, content] : response.headers)
        headers.emplace_back(lowerCase(std::move(name)), std::move(content));
    return headers;
}

bool hasHeader(const BusHeaders& headers, std::string_view name)
{
    return std::any_of(
        headers.begin(), headers.end(), [&](const auto& header) { return header.first == name; });
}

/// What a range of the log is answered with.
std::string encodeRange(const ReplayQuery& query, const Result<std::vector<LoggedEvent>>& events)
{
    if (!events)
        return encodeProblemAnswer(events.error());
    if (!events->empty() && events->front().sequence != query.after + 1)
        return encodeReplayTooOld(query);
    return encodeReplay(query, *events);
}

} // namespace

CommandDesk::CommandDesk(DeskSettings settings, const Positions& positions, std::shared_ptr<Mailbox> mailbox,
    std::shared_ptr<ReadingRoom> readingRoom, std::shared_ptr<BusMeters> meters)
    : m_settings(std::move(settings))
    , m_positions(positions)
    , m_mailbox(std::move(mailbox))
    , m_readingRoom(std::move(readingRoom))
    , m_meters(std::move(meters))
    , m_parser(headBytes)
{
}

void CommandDesk::handle(Request request)
{
    ++m_meters->requests;
    Answer answer{.peer = request.peer, .number = request.number, .head = {}};
    // Looked up each time, so that a key that was revoked or got another role is treated as such at once.
    const auto principal = m_settings.lookup(request.key);
    if (!principal)
        return refuse(std::move(answer),
            {ErrorCode::Unauthenticated,
                "This key is no longer accepted here. Ask an administrator for a new profile."});
    if (std::max(request.head.size(), request.body ? request.body->size() : 0)
        > m_settings.limits.requestBytes)
        return refuse(std::move(answer),
            {ErrorCode::BodyTooLarge,
                "The request is larger than " + std::to_string(m_settings.limits.requestBytes)
                    + " bytes. Split it."});
    auto query = decodeQuery(m_parser, request.head);
    if (!query)
        return refuse(std::move(answer), query.error());
    if (auto* toCall = std::get_if<CallQuery>(&*query))
        return call(std::move(answer), std::move(*toCall), std::move(request), *principal);
    if (request.body)
        return refuse(std::move(answer),
            {ErrorCode::MalformedRequest,
                "A command has no body. Send two frames: the number and the JSON."});
    if (const auto* toGreet = std::get_if<HelloQuery>(&*query))
        return hello(std::move(answer), *toGreet, *principal);
    if (const auto* toRead = std::get_if<SnapshotQuery>(&*query))
        return snapshot(std::move(answer), *toRead);
    replay(std::move(answer), std::get<ReplayQuery>(*query));
}

void CommandDesk::settle(const Answer& answer)
{
    const auto found = m_loads.find(answer.peer);
    if (answer.requestBytes == 0 || found == m_loads.end())
        return;
    m_bytes -= answer.requestBytes;
    --(answer.isPart ? found->second.parts : found->second.calls);
    if (found->second.calls == 0 && found->second.parts == 0)
        m_loads.erase(found);
}

void CommandDesk::hello(Answer answer, const HelloQuery& query, const api::Principal& principal)
{
    if (query.protocol != busProtocolVersion)
        return refuse(std::move(answer),
            {ErrorCode::ProtocolMismatch,
                "This daemon speaks version " + std::to_string(busProtocolVersion)
                    + " of the protocol, the caller version " + std::to_string(query.protocol)
                    + ". Install the same release of Gantry on both sides."});
    HelloAnswer said{
        busProtocolVersion, m_settings.server, principal.name, std::string(roleName(principal.role)), {}};
    for (const auto& [number, position] : m_positions)
        said.partitions.push_back(position);
    answer.head = encodeHello(said);
    m_mailbox->post(std::move(answer));
}

void CommandDesk::snapshot(Answer answer, const SnapshotQuery& query)
{
    const auto inbox = m_settings.inboxes.find(query.partition);
    if (inbox == m_settings.inboxes.end())
        return refuse(std::move(answer),
            {ErrorCode::NotFound,
                "Partition " + std::to_string(query.partition)
                    + " is not served here. Say hello to learn which are."});
    if (!admit(answer, true, 1))
        return;
    // On the partition's thread only shared pointers are copied; the reading room makes JSON of them.
    auto reply = [mailbox = m_mailbox, room = m_readingRoom, answer](const engine::SnapshotPart& part) {
        const bool isTaken = room->post([mailbox, answer, part]() mutable {
            answer.head =
                encodeSnapshot({part.partition, part.epoch, part.sequence}, part.orders, part.isLast);
            mailbox->post(std::move(answer));
        });
        if (isTaken)
            return;
        Answer refused = answer;
        refused.head = encodeProblemAnswer(busy("Too many snapshots and replays are under way."));
        mailbox->post(std::move(refused));
    };
    if (!inbox->second->post(engine::SnapshotRequest{query.after, query.limit, std::move(reply)})) {
        ++m_meters->busyRequests;
        refuse(std::move(answer), busy("The partition has more work than it can take."));
    }
}

void CommandDesk::replay(Answer answer, const ReplayQuery& query)
{
    const auto position = m_positions.find(query.partition);
    if (position == m_positions.end())
        return refuse(std::move(answer),
            {ErrorCode::NotFound,
                "Partition " + std::to_string(query.partition)
                    + " is not served here. Say hello to learn which are."});
    if (position->second.epoch != query.epoch) {
        answer.head = encodeReplayTooOld(query);
        return m_mailbox->post(std::move(answer));
    }
    if (!admit(answer, true, 1))
        return;
    const bool isTaken =
        m_readingRoom->post([mailbox = m_mailbox, readLog = m_settings.readLog, answer, query]() mutable {
            answer.head = encodeRange(query, readLog(query.partition, query.after, query.limit));
            mailbox->post(std::move(answer));
        });
    if (!isTaken) {
        ++m_meters->busyRequests;
        refuse(std::move(answer), busy("Too many snapshots and replays are under way."));
    }
}

void CommandDesk::call(Answer answer, CallQuery query, Request request, const api::Principal& principal)
{
    if (std::find(methods.begin(), methods.end(), query.method) == methods.end())
        return refuse(std::move(answer),
            {ErrorCode::MalformedRequest, "The method must be one of GET, HEAD, POST, PUT, DELETE."});
    auto target = api::parseHttpTarget(query.target, "");
    if (!target)
        return refuse(std::move(answer), target.error());
    if (!admit(answer, false, 1 + request.head.size() + (request.body ? request.body->size() : 0)))
        return;
    api::ApiRequest forwarded{.door = api::Door::Bus,
        .method = std::move(query.method),
        .path = std::move(target->path),
        .query = std::move(target->query),
        .headers = std::move(query.headers),
        .body = request.body ? std::move(*request.body) : std::string(),
        .principal = principal.name,
        .peer = std::move(request.address),
        .keyId = principal.key};
    if (!forwarded.body.empty() && !hasHeader(forwarded.headers, "content-type"))
        forwarded.headers.emplace_back("content-type", "application/json");
    // A transport leaves the body of an answer to HEAD out.
    const bool isHead = forwarded.method == "HEAD";
    m_settings.handler(
        std::move(forwarded), [mailbox = m_mailbox, answer, isHead](api::ApiResponse response) {
            Answer finished = answer;
            finished.encode = [said = std::move(response), isHead](Answer& into) mutable {
                said.complete();
                into.head = encodeCallAnswer(said.status, headersOf(said));
                into.body = isHead ? std::string() : std::move(said.body);
            };
            mailbox->post(std::move(finished));
        });
}

bool CommandDesk::admit(Answer& answer, bool isPart, std::size_t bytes)
{
    const auto found = m_loads.find(answer.peer);
    const Load load = found == m_loads.end() ? Load{} : found->second;
    const DeskLimits& limits = m_settings.limits;
    if (load.calls >= limits.callsOfPeer || (isPart && load.parts >= limits.partsOfPeer)
        || m_bytes + bytes > limits.bytes) {
        ++m_meters->busyRequests;
        refuse(std::move(answer), busy("Too many requests are under way."));
        return false;
    }
    answer.requestBytes = bytes;
    answer.isPart = isPart;
    m_bytes += bytes;
    ++(isPart ? m_loads[answer.peer].parts : m_loads[answer.peer].calls);
    return true;
}

void CommandDesk::refuse(Answer answer, const Error& error)
{
    m_meters->oversizedRequests += error.code == ErrorCode::BodyTooLarge ? 1 : 0;
    answer.head = encodeProblemAnswer(error);
    answer.body.reset();
    m_mailbox->post(std::move(answer));
}

} // namespace gantry::bus
