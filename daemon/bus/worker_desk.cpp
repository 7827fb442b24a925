// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/worker_desk.h"

#include "daemon/api/router.h"
#include "daemon/engine/worker_wire.h"
#include "shared/protocol/worker_codec.h"

#include <algorithm>
#include <utility>

namespace gantry::bus {

namespace {

constexpr std::size_t tasksOfMessage = 256;
constexpr std::size_t bytesOfMessage =
    128 * 1024; ///< a message of tasks ends here; one task it holds however long
constexpr std::uint64_t ownClients = std::uint64_t{1} << 63U; ///< other transports number theirs from below

static_assert(WorkerWireLimits::resultsOfMessage <= engine::WorkerLimits::outcomes);
static_assert(WorkerWireLimits::taskNames <= engine::WorkerLimits::tasks);
static_assert(WorkerWireLimits::credit <= engine::WorkerLimits::max);
static_assert(WorkerWireLimits::resultBytes <= engine::WorkerLimits::resultBytes);

Error busy()
{
    return {ErrorCode::Busy,
        "Too many results are under way. Nothing was recorded; send it again a little later."};
}

engine::TaskOutcome engineOutcome(const engine::LeaseToken& token, WorkerOutcome outcome)
{
    if (auto* completion = std::get_if<TaskCompletion>(&outcome))
        return engine::outcomeOf(token, std::move(*completion));
    return engine::outcomeOf(token, std::move(std::get<TaskFailure>(outcome)));
}

} // namespace

/// The results of one message by what the partition has to do with them; tokens as text for the answers.
struct WorkerDesk::Sorted {
    std::vector<engine::TaskOutcome> outcomes;
    std::vector<std::string> outcomeTokens;
    std::vector<engine::LeaseToken> leases;
    std::vector<std::string> leaseTokens;
    std::vector<ResultAnswer> answers; ///< to those that the partition needs not see
};

WorkerDesk::WorkerDesk(
    WorkerDeskSettings settings, Outbox& outbox, std::shared_ptr<WorkerMailbox> mailbox, BusMeters& meters)
    : m_settings(std::move(settings))
    , m_outbox(outbox)
    , m_mailbox(std::move(mailbox))
    , m_meters(meters)
    , m_parser(m_settings.limits.messageBytes)
{
}

WorkerDesk::~WorkerDesk()
{
    for (auto& [peer, session] : m_sessions)
        *session.isGone = true;
}

void WorkerDesk::handle(
    const std::string& peer, std::string_view key, std::string_view message, SteadyTime now)
{
    ++m_meters.workerMessages;
    const auto found = m_sessions.find(peer);
    // Looked up each time, so that a key that was revoked or got another role is treated as such at once.
    const auto principal = admit(key);
    if (!principal) {
        refuse(peer, principal.error());
        if (found != m_sessions.end())
            end(found, "refused");
        return;
    }
    if (found != m_sessions.end())
        found->second.lastHeard = now;
    auto read = decodeWorkerMessage(m_parser, message);
    if (!read)
        return refuse(peer, read.error());
    if (const auto* greeting = std::get_if<WorkerHello>(&*read))
        return hello(peer, key, principal->name, *greeting, now);
    if (found == m_sessions.end()) {
        say(peer, encodeGoodbye("unknown"));
        return;
    }
    if (auto* done = std::get_if<WorkerResults>(&*read))
        return results(peer, found->second, std::move(*done));
    if (std::holds_alternative<WorkerGoodbye>(*read)) {
        giveBack(found->second.account.takeAll());
        end(found, "goodbye");
    }
}

Result<api::Principal> WorkerDesk::admit(std::string_view key) const
{
    auto principal = m_settings.lookup(key);
    if (!principal)
        return failure(ErrorCode::Unauthenticated,
            "This key is no longer accepted here. Ask an administrator for a new profile.");
    if (auto refused = api::refusalOf(api::Access::Tasks, principal->role))
        return tl::unexpected(std::move(*refused));
    return std::move(*principal);
}

void WorkerDesk::hello(const std::string& peer, std::string_view key, const std::string& principal,
    const WorkerHello& hello, SteadyTime now)
{
    if (hello.protocol != workerProtocolVersion)
        return refuse(peer,
            {ErrorCode::ProtocolMismatch,
                "This daemon speaks version 1 of the worker protocol, not " + std::to_string(hello.protocol)
                    + '.'});
    const auto found = m_sessions.find(peer);
    if (found == m_sessions.end() && m_sessions.size() >= m_settings.limits.workers)
        return refuse(
            peer, {ErrorCode::Busy, "Too many workers are connected. Say hello again a little later."});
    const std::uint64_t client = ownClients | ++m_lastClient;
    CreditAccount account(hello.credit);
    if (found != m_sessions.end()) {
        // The claims of before name other tasks or another credit. What it has in hand it keeps.
        *found->second.isGone = true;
        (void)m_settings.inbox->post(engine::WithdrawClaims{found->second.client});
        m_peers.erase(found->second.client);
        account = std::move(found->second.account);
        account.closeClaims();
        account.setCredit(hello.credit);
    }
    const std::size_t underWay = found == m_sessions.end() ? 0 : found->second.resultsUnderWay;
    m_peers[client] = peer;
    Session& session = m_sessions
                           .insert_or_assign(peer,
                               Session{.client = client,
                                   .principal = principal,
                                   .key = std::string(key),
                                   .worker = std::make_shared<const std::string>(hello.worker),
                                   .tasks = hello.tasks,
                                   .account = std::move(account),
                                   .lastHeard = now,
                                   .resultsUnderWay = underWay,
                                   .isGone = std::make_shared<std::atomic<bool>>(false)})
                           .first->second;
    m_meters.workers = m_sessions.size();
    say(peer,
        encodeWelcome({.server = m_settings.server,
            .principal = principal,
            .credit = hello.credit,
            .heartbeat = m_settings.limits.heartbeat,
            .silence = m_settings.limits.heartbeat * m_settings.limits.silentHeartbeats}));
    claim(peer, session);
}

void WorkerDesk::results(const std::string& peer, Session& session, WorkerResults results)
{
    const WorkerDeskLimits& limits = m_settings.limits;
    Sorted sorted;
    const bool isOver = session.resultsUnderWay + results.items.size() > limits.resultsOfWorker;
    for (WorkerResult& item : results.items) {
        const auto token = m_settings.seal.read(item.token);
        if (isOver || !token) {
            m_meters.busyResults += isOver ? 1 : 0;
            sorted.answers.push_back(
                {.token = std::move(item.token), .problem = isOver ? busy() : engine::staleToken()});
        } else if (std::holds_alternative<TaskExtension>(item.outcome)) {
            sorted.leases.push_back(*token);
            sorted.leaseTokens.push_back(std::move(item.token));
        } else {
            sorted.outcomes.push_back(engineOutcome(*token, std::move(item.outcome)));
            sorted.outcomeTokens.push_back(std::move(item.token));
        }
    }
    if (!report(peer, session, sorted))
        for (std::string& token : sorted.outcomeTokens)
            sorted.answers.push_back({.token = std::move(token), .problem = busy()});
    if (!extend(peer, session, sorted))
        for (std::string& token : sorted.leaseTokens)
            sorted.answers.push_back({.token = std::move(token), .problem = busy()});
    if (!sorted.answers.empty())
        say(peer, encodeAnswers(sorted.answers));
    claim(peer, session);
}

bool WorkerDesk::report(const std::string& peer, Session& session, Sorted& sorted)
{
    if (sorted.outcomes.empty())
        return true;
    std::size_t bytes = 0;
    std::vector<engine::LeaseToken> leases;
    leases.reserve(sorted.outcomes.size());
    for (const engine::TaskOutcome& outcome : sorted.outcomes) {
        bytes += sizeof outcome + outcome.result.size() + outcome.message.size() + outcome.code.size();
        leases.push_back(outcome.token);
    }
    const std::size_t count = sorted.outcomes.size();
    const auto refused = [&] {
        m_meters.busyResults += count;
        return false;
    };
    if (m_bytes + bytes > m_settings.limits.bytes)
        return refused();
    auto reply = [mailbox = m_mailbox, client = session.client, peer, tokens = sorted.outcomeTokens, bytes](
                     std::vector<Result<engine::TaskReceipt>> verdicts) mutable {
        AnswerMail mail{.client = client, .peer = std::move(peer), .answers = {}, .bytes = bytes};
        mail.answers.reserve(verdicts.size());
        for (std::size_t i = 0; i < verdicts.size() && i < tokens.size(); ++i) {
            mail.answers.push_back({.token = std::move(tokens[i])});
            if (!verdicts[i])
                mail.answers.back().problem = std::move(verdicts[i].error());
        }
        mailbox->post(std::move(mail));
    };
    if (!m_settings.inbox->post(
            engine::WorkerReport{session.principal, std::move(sorted.outcomes), std::move(reply)}))
        return refused();
    m_meters.workerResults += count;
    m_bytes += bytes;
    session.resultsUnderWay += count;
    for (const engine::LeaseToken& lease : leases)
        session.account.release(lease);
    return true;
}

bool WorkerDesk::extend(const std::string& peer, Session& session, Sorted& sorted)
{
    if (sorted.leases.empty())
        return true;
    const std::size_t count = sorted.leases.size();
    auto reply = [mailbox = m_mailbox, client = session.client, peer, tokens = sorted.leaseTokens](
                     std::vector<Result<engine::LeaseExtension>> verdicts) mutable {
        AnswerMail mail{.client = client, .peer = std::move(peer), .answers = {}};
        mail.answers.reserve(verdicts.size());
        for (std::size_t i = 0; i < verdicts.size() && i < tokens.size(); ++i) {
            ResultAnswer answer{.token = std::move(tokens[i])};
            if (verdicts[i]) {
                answer.leaseUntil = verdicts[i]->leaseUntil;
                answer.lease = verdicts[i]->lease;
            } else {
                answer.problem = std::move(verdicts[i].error());
            }
            mail.answers.push_back(std::move(answer));
        }
        mailbox->post(std::move(mail));
    };
    if (!m_settings.inbox->post(engine::ExtendLeases{std::move(sorted.leases), std::move(reply)})) {
        m_meters.busyResults += count;
        return false;
    }
    m_meters.workerResults += count;
    session.resultsUnderWay += count;
    return true;
}

void WorkerDesk::claim(const std::string& peer, Session& session)
{
    // Who does not read what was sent gets nothing more.
    const std::size_t max = m_outbox.isWaitingFor(peer) ? 0 : session.account.toClaim();
    if (max == 0)
        return;
    const std::uint64_t claim = ++m_lastClaim;
    auto reply = [mailbox = m_mailbox, client = session.client, claim, isGone = session.isGone](
                     Result<std::vector<engine::LeasedTask>> tasks) {
        if (*isGone)
            return false;
        return mailbox->post(
            ClaimMail{client, claim, tasks ? std::move(*tasks) : std::vector<engine::LeasedTask>{}});
    };
    if (m_settings.inbox->post(engine::ClaimRequest{.worker = session.worker,
            .tasks = session.tasks,
            .max = static_cast<std::uint32_t>(max),
            .isStanding = true,
            .client = session.client,
            .reply = std::move(reply)}))
        session.account.openClaim(claim, max);
}

void WorkerDesk::deliver(ClaimMail mail, SteadyTime now)
{
    const auto peer = m_peers.find(mail.client);
    if (peer == m_peers.end()) {
        std::vector<engine::LeaseToken> tokens;
        for (const engine::LeasedTask& task : mail.tasks)
            tokens.push_back(task.token);
        return giveBack(std::move(tokens));
    }
    Session& session = m_sessions.at(peer->second);
    if (mail.tasks.empty())
        return session.account.closeClaim(mail.claim); // the next beat claims again
    sendTasks(peer->second, session, mail, now);
    claim(peer->second, session);
}

void WorkerDesk::sendTasks(const std::string& peer, Session& session, const ClaimMail& mail, SteadyTime now)
{
    for (std::size_t next = 0; next < mail.tasks.size();) {
        const std::size_t first = next;
        m_json.clear();
        m_json.beginObject().key("tasks").beginArray();
        for (; next < mail.tasks.size() && next - first < tasksOfMessage
             && m_json.text().size() < bytesOfMessage;
             ++next) {
            const engine::LeasedTask& task = mail.tasks[next];
            session.account.hold(mail.claim, task.token, now + task.lease);
            writeTask(m_json, engine::wireTask(task, m_settings.seal));
        }
        m_json.endArray().endObject();
        if (say(peer, m_json.text())) {
            m_meters.handedTasks += next - first;
            continue;
        }
        std::vector<engine::LeaseToken> tokens;
        for (std::size_t i = first; i < next; ++i) {
            session.account.release(mail.tasks[i].token);
            tokens.push_back(mail.tasks[i].token);
        }
        giveBack(std::move(tokens));
    }
}

void WorkerDesk::deliver(AnswerMail mail, SteadyTime now)
{
    m_bytes -= mail.bytes;
    const auto found = m_sessions.find(mail.peer);
    if (found != m_sessions.end()) {
        Session& session = found->second;
        session.resultsUnderWay -= std::min(session.resultsUnderWay, mail.answers.size());
        for (const ResultAnswer& answer : mail.answers) {
            if (!answer.leaseUntil && !(answer.problem && answer.problem->code == ErrorCode::StaleToken))
                continue;
            const auto token = m_settings.seal.read(answer.token);
            if (token && answer.leaseUntil)
                session.account.extend(*token, now + answer.lease);
            else if (token)
                session.account.release(*token);
        }
    }
    say(mail.peer, encodeAnswers(mail.answers));
}

void WorkerDesk::tick(SteadyTime now)
{
    const auto silence = m_settings.limits.heartbeat * m_settings.limits.silentHeartbeats;
    const std::string beat = encodeWorkerHeartbeat(m_settings.clock.now());
    for (auto it = m_sessions.begin(); it != m_sessions.end();) {
        const auto current = it++;
        Session& session = current->second;
        if (now - session.lastHeard > silence) {
            ++m_meters.silentWorkers;
            end(current, "silent");
            continue;
        }
        if (const auto principal = admit(session.key); !principal) {
            refuse(current->first, principal.error()); // whoever only waits for tasks is not served on
            end(current, "refused");
            continue;
        }
        if (!m_outbox.isWaitingFor(current->first) && !say(current->first, beat)) {
            end(current, "gone"); // the connection is; its leases run out, for it may still be at work
            continue;
        }
        session.account.expire(now);
        claim(current->first, session);
    }
}

void WorkerDesk::resume()
{
    for (auto& [peer, session] : m_sessions)
        claim(peer, session);
}

void WorkerDesk::stop()
{
    while (!m_sessions.empty())
        end(m_sessions.begin(), "stopping");
}

void WorkerDesk::giveBack(std::vector<engine::LeaseToken> tokens)
{
    if (tokens.empty())
        return;
    m_meters.returnedTasks += tokens.size();
    // Not taken: the leases run out by themselves.
    (void)m_settings.inbox->post(engine::ReleaseLeases{std::move(tokens)});
}

void WorkerDesk::end(Sessions::iterator session, std::string_view reason)
{
    *session->second.isGone = true;
    // Not taken: the claims' replies find the worker gone.
    (void)m_settings.inbox->post(engine::WithdrawClaims{session->second.client});
    m_peers.erase(session->second.client);
    const std::string peer = session->first;
    m_sessions.erase(session);
    m_meters.workers = m_sessions.size();
    say(peer, encodeGoodbye(reason));
}

bool WorkerDesk::say(const std::string& peer, std::string json)
{
    return m_outbox.send({.peer = peer, .number = {}, .head = std::move(json)});
}

void WorkerDesk::refuse(const std::string& peer, const Error& error)
{
    ++m_meters.badWorkerMessages;
    m_meters.oversizedWorkerMessages += error.code == ErrorCode::BodyTooLarge ? 1 : 0;
    say(peer, encodeWorkerProblem(error));
}

} // namespace gantry::bus
