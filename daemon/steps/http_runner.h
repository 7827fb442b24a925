// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/service_status.h"
#include "daemon/engine/step_runner.h"
#include "daemon/observe/service_metrics.h"
#include "daemon/steps/http_service.h"
#include "daemon/steps/resolver.h"
#include "shared/util/clock.h"

#include <functional>
#include <memory>
#include <vector>

class QThread;

namespace gantry::steps {

/// What the caller of services works with. Outlives it.
struct HttpRunnerSettings {
    std::vector<HttpService> services{};
    const Clock& clock;
    std::function<void(engine::LaneLimit)> limitLane = [](const engine::LaneLimit&) {
    }; ///< from the network thread
    observe::ServiceMetrics* metrics = nullptr; ///< may be null
    Resolver resolver = systemResolver();
};

/// Makes the calls that workflows define (docs/workflows.md), from a network thread of its own. A task's time-out begins when it is handed over. While a
/// service is not to be called its tasks are handed back.
class HttpRunner final : public engine::StepRunner {
public:
    explicit HttpRunner(HttpRunnerSettings settings);

    /// Ends the calls in hand without a report: after a restart they are made again.
    ~HttpRunner() override;

    void start(engine::Task task, engine::TaskDone done) override;

    /// How many calls each service takes at once to begin with.
    [[nodiscard]] std::vector<engine::LaneLimit> laneLimits() const;

    /// How it stands with every service. Any thread.
    [[nodiscard]] engine::ServiceStatusList status() const;

private:
    class Switchboard;
    std::vector<engine::LaneLimit> m_limits;
    std::unique_ptr<QThread> m_thread;
    Switchboard* m_board = nullptr; ///< lives on m_thread
};

} // namespace gantry::steps
