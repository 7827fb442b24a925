// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/service_line.h"

#include "daemon/steps/call_answer.h"
#include "daemon/steps/http_request.h"

#include <QSslCertificate>
#include <algorithm>

namespace gantry::steps {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds idleFor{4000}; ///< less than servers keep an idle connection for
constexpr std::size_t mostIdle = 16;

QSslConfiguration tlsFor(const HttpService& service)
{
    QSslConfiguration tls = QSslConfiguration::defaultConfiguration();
    tls.setPeerVerifyMode(QSslSocket::VerifyPeer);
    tls.setProtocol(QSsl::TlsV1_2OrLater);
    if (!service.caCertificates.empty())
        tls.setCaCertificates(
            QSslCertificate::fromData(QByteArray::fromStdString(service.caCertificates), QSsl::Pem));
    return tls;
}

std::size_t limitOf(engine::BreakerState state, const HttpService& service)
{
    switch (state) {
    case engine::BreakerState::Closed: return service.maxInFlight;
    case engine::BreakerState::HalfOpen: return service.breaker.probes;
    case engine::BreakerState::Open: break;
    }
    return 0;
}

observe::CallKind kindOf(const engine::TaskResult& result)
{
    if (result.succeeded)
        return observe::CallKind::Success;
    return result.fatal ? observe::CallKind::Fatal : observe::CallKind::Retryable;
}

} // namespace

ServiceLine::ServiceLine(HttpService service, const LineContext& context)
    : m_service(std::move(service))
    , m_context(context)
    , m_tls(tlsFor(m_service))
    , m_breaker(m_service.breaker)
    , m_probeTimer(this)
    , m_idleTimer(this)
{
    m_probeTimer.setSingleShot(true);
    connect(&m_probeTimer, &QTimer::timeout, this, &ServiceLine::onProbeTimer);
    m_idleTimer.setInterval(idleFor);
    connect(&m_idleTimer, &QTimer::timeout, this, &ServiceLine::dropIdle);
    m_status.name = m_service.name;
    m_status.url = m_service.url();
    m_status.maxInFlight = m_service.maxInFlight;
    m_status.since = m_context.clock.now();
}

ServiceLine::~ServiceLine()
{
    for (auto& [each, exchange] : m_calls)
        exchange->abandon();
}

void ServiceLine::take(const engine::Task& task, engine::TaskDone done)
{
    const milliseconds now = m_context.clock.monotonic();
    if (m_breaker.advance(now))
        onBreakerChanged();
    const auto permit = m_breaker.begin(now);
    if (!permit)
        return done({.isHandedBack = true});
    auto request = makeRequest(m_service, task);
    if (!request) {
        m_breaker.abandon(*permit);
        const bool isDocument = request.error().code == ErrorCode::Corrupt;
        return done({.code = isDocument ? "no_document" : "bad_request",
            .message = "The service " + m_service.name + " was not called. " + request.error().message
                + (isDocument ? "" : ". Mend the workflow, or cancel the order."),
            .fatal = true});
    }
    auto owned = std::unique_ptr<HttpExchange, LaterDeleter>(
        new HttpExchange(m_service, m_tls, m_context.resolver, std::move(*request), task.timeout));
    HttpExchange* exchange = owned.get();
    m_calls.emplace(exchange, std::move(owned));
    if (m_context.metrics)
        m_context.metrics->callsInHand(m_service.name, m_calls.size());
    auto call = std::make_shared<Call>(Call{*task.call, std::move(done), *permit, now});
    exchange->start(
        takeIdle(), [this, exchange, call](const CallOutcome& outcome) { end(*exchange, *call, outcome); });
}

engine::ServiceStatus ServiceLine::status() const
{
    engine::ServiceStatus status = m_status;
    const milliseconds now = m_context.clock.monotonic();
    const auto counts = m_breaker.counts(now);
    status.state = m_breaker.state();
    status.calls = counts.calls;
    status.failures = counts.failures;
    status.callsInHand = m_calls.size();
    if (const auto probe = m_breaker.nextProbe())
        status.nextProbe = m_context.clock.now() + std::max(milliseconds(0), *probe - now);
    return status;
}

void ServiceLine::end(HttpExchange& exchange, Call& call, const CallOutcome& outcome)
{
    const milliseconds now = m_context.clock.monotonic();
    keepIdle(exchange.takeConnection());
    m_calls.erase(&exchange);
    const CallJudgment judgment = judgeCall(call.definition, outcome, m_context.clock.now());
    noteOutcome(judgment.result, judgment.isWell);
    if (m_context.metrics) {
        m_context.metrics->ended(m_service.name, kindOf(judgment.result), now - call.begun);
        m_context.metrics->callsInHand(m_service.name, m_calls.size());
    }
    // The lane's limit goes first: what is handed back or due again then waits, and is not handed out once more.
    if (m_breaker.end(call.permit, judgment.isWell, now))
        onBreakerChanged();
    m_context.changed();
    call.done(judgment.result);
}

void ServiceLine::noteOutcome(const engine::TaskResult& result, bool isWell)
{
    if (isWell) {
        m_status.lastSuccess = m_context.clock.now();
        return;
    }
    m_status.lastFailure = m_context.clock.now();
    m_status.lastError = result.code + ": " + result.message;
}

void ServiceLine::onBreakerChanged()
{
    m_status.since = m_context.clock.now();
    if (const auto probe = m_breaker.nextProbe())
        m_probeTimer.start(std::max(milliseconds(1), *probe - m_context.clock.monotonic()));
    if (m_context.metrics)
        m_context.metrics->breaker(m_service.name, m_breaker.state() == engine::BreakerState::Open,
            m_breaker.state() == engine::BreakerState::HalfOpen);
    m_context.limitLane({m_service.name, limitOf(m_breaker.state(), m_service)});
}

void ServiceLine::onProbeTimer()
{
    if (m_breaker.advance(m_context.clock.monotonic()))
        onBreakerChanged();
    else if (const auto probe = m_breaker.nextProbe())
        m_probeTimer.start(std::max(milliseconds(1), *probe - m_context.clock.monotonic()));
}

SocketPointer ServiceLine::takeIdle()
{
    dropIdle();
    if (m_idle.empty())
        return nullptr;
    SocketPointer socket = std::move(m_idle.back().socket);
    m_idle.pop_back();
    return socket;
}

void ServiceLine::keepIdle(SocketPointer socket)
{
    if (!socket || m_idle.size() >= mostIdle)
        return;
    m_idle.push_back({std::move(socket), m_context.clock.monotonic()});
    if (!m_idleTimer.isActive())
        m_idleTimer.start();
}

void ServiceLine::dropIdle()
{
    const milliseconds now = m_context.clock.monotonic();
    std::erase_if(m_idle, [now](const Idle& idle) {
        return now - idle.since >= idleFor || idle.socket->state() != QAbstractSocket::ConnectedState
            || idle.socket->bytesAvailable() > 0;
    });
    if (m_idle.empty())
        m_idleTimer.stop();
}

} // namespace gantry::steps
