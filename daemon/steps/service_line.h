// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/service_status.h"
#include "daemon/engine/step_runner.h"
#include "daemon/observe/service_metrics.h"
#include "daemon/steps/circuit_breaker.h"
#include "daemon/steps/http_exchange.h"
#include "daemon/steps/http_service.h"
#include "shared/util/clock.h"

#include <deque>
#include <functional>
#include <map>

namespace gantry::steps {

/// What all lines work with. Outlives them.
struct LineContext {
    const Clock& clock;
    Resolver resolver;
    std::function<void(engine::LaneLimit)>
        limitLane; ///< told when the breaker lets more or fewer calls through
    std::function<void()> changed; ///< the status is another
    observe::ServiceMetrics* metrics = nullptr; ///< may be null
};

/// The way to one service: its breaker, its connections, its calls in hand. On the thread that made it.
class ServiceLine final : public QObject {
public:
    ServiceLine(HttpService service, const LineContext& context);

    /// Ends the calls in hand without a report.
    ~ServiceLine() override;

    /// Makes the call of a task, or hands it back while nobody may call.
    void take(const engine::Task& task, engine::TaskDone done);

    [[nodiscard]] engine::ServiceStatus status() const;

private:
    struct Call {
        HttpCall definition;
        engine::TaskDone done;
        CircuitBreaker::Permit permit = 0;
        std::chrono::milliseconds begun{};
    };
    struct Idle {
        SocketPointer socket;
        std::chrono::milliseconds since{};
    };

    void end(HttpExchange& exchange, Call& call, const CallOutcome& outcome);
    void noteOutcome(const engine::TaskResult& result, bool isWell);
    void onBreakerChanged();
    void onProbeTimer();
    SocketPointer takeIdle();
    void keepIdle(SocketPointer socket);
    void dropIdle();

    HttpService m_service;
    const LineContext& m_context;
    QSslConfiguration m_tls;
    CircuitBreaker m_breaker;
    QTimer m_probeTimer;
    QTimer m_idleTimer;
    std::deque<Idle> m_idle; ///< the longest idle first
    std::map<HttpExchange*, std::unique_ptr<HttpExchange, LaterDeleter>> m_calls;
    engine::ServiceStatus m_status;
};

} // namespace gantry::steps
