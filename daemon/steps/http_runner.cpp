// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/http_runner.h"

#include "daemon/steps/service_line.h"

#include <QThread>
#include <deque>
#include <mutex>

namespace gantry::steps {

namespace {

constexpr std::chrono::milliseconds statusPeriod{1000};
constexpr std::chrono::milliseconds statusPause{
    20}; ///< so that what is told of costs little, however many calls are made

} // namespace

/// All lines. Lives on the network thread.
class HttpRunner::Switchboard final : public QObject {
public:
    explicit Switchboard(HttpRunnerSettings settings)
        : m_services(std::move(settings.services))
        , m_context{settings.clock, std::move(settings.resolver),
              [this, tell = std::move(settings.limitLane)](const engine::LaneLimit& limit) {
                  publish(); // before anybody acts on it
                  tell(limit);
              },
              [this] { publishSoon(); }, settings.metrics}
    {
    }

    /// Makes the lines. On the network thread.
    void open()
    {
        for (HttpService& service : m_services) {
            const std::string name = service.name;
            if (m_context.metrics)
                m_context.metrics->add(name);
            m_lines.emplace(name, std::make_unique<ServiceLine>(std::move(service), m_context));
        }
        publish();
        if (m_lines.empty())
            return;
        m_soon = new QTimer(this);
        m_soon->setSingleShot(true);
        connect(m_soon, &QTimer::timeout, this, &Switchboard::publish);
        // What is told of the last minute changes also when nothing happens.
        auto* timer = new QTimer(this);
        connect(timer, &QTimer::timeout, this, &Switchboard::publish);
        timer->start(statusPeriod);
    }

    /// From here on nothing is reported. On the network thread.
    void close()
    {
        m_isClosed = true;
        m_soon = nullptr;
        qDeleteAll(children());
        m_lines.clear();
    }

    /// Takes a task in. From any thread.
    void take(engine::Task task, engine::TaskDone done)
    {
        {
            const std::lock_guard lock(m_mutex);
            m_inbox.push_back({std::move(task), std::move(done)});
        }
        QMetaObject::invokeMethod(
            this, [this] { callNext(); }, Qt::QueuedConnection);
    }

    engine::ServiceStatusList status() const
    {
        const std::lock_guard lock(m_mutex);
        return m_status;
    }

private:
    struct Job {
        engine::Task task;
        engine::TaskDone done;
    };

    void callNext()
    {
        Job job;
        {
            const std::lock_guard lock(m_mutex);
            if (m_isClosed || m_inbox.empty())
                return;
            job = std::move(m_inbox.front());
            m_inbox.pop_front();
        }
        const auto line = m_lines.find(job.task.call->service);
        if (line == m_lines.end()) {
            const std::string& name = job.task.call->service;
            return job.done({.code = "not_configured",
                .message = "The service " + name + " is not configured. Add [service." + name
                    + "] to the configuration file, restart, then retry.",
                .fatal = true});
        }
        line->second->take(job.task, std::move(job.done));
        publishSoon();
    }

    void publishSoon()
    {
        if (m_soon && !m_soon->isActive())
            m_soon->start(statusPause);
    }

    /// Puts the lines' status where every thread may read it.
    void publish()
    {
        auto list = std::make_shared<std::vector<engine::ServiceStatus>>();
        for (const auto& [name, line] : m_lines)
            list->push_back(line->status());
        const std::lock_guard lock(m_mutex);
        m_status = std::move(list);
    }

    std::vector<HttpService> m_services; ///< until the lines are made
    LineContext m_context;
    std::map<std::string, std::unique_ptr<ServiceLine>> m_lines;
    QTimer* m_soon = nullptr; ///< until publish() is next
    bool m_isClosed = false;
    mutable std::mutex m_mutex;
    std::deque<Job> m_inbox; ///< guarded by the mutex; bounded by the attempts that the engine has in hand
    engine::ServiceStatusList m_status =
        std::make_shared<const std::vector<engine::ServiceStatus>>(); ///< guarded by the mutex
};

HttpRunner::HttpRunner(HttpRunnerSettings settings)
    : m_thread(std::make_unique<QThread>())
{
    for (const HttpService& service : settings.services)
        m_limits.push_back({service.name, service.maxInFlight});
    m_board = new Switchboard(std::move(settings));
    m_thread->setObjectName(QStringLiteral("services"));
    m_board->moveToThread(m_thread.get());
    m_thread->start();
    QMetaObject::invokeMethod(
        m_board, [board = m_board] { board->open(); }, Qt::BlockingQueuedConnection);
}

HttpRunner::~HttpRunner()
{
    QMetaObject::invokeMethod(
        m_board, [board = m_board] { board->close(); }, Qt::BlockingQueuedConnection);
    m_thread->quit();
    m_thread->wait();
    delete m_board;
}

void HttpRunner::start(engine::Task task, engine::TaskDone done)
{
    m_board->take(std::move(task), std::move(done));
}

std::vector<engine::LaneLimit> HttpRunner::laneLimits() const
{
    return m_limits;
}

engine::ServiceStatusList HttpRunner::status() const
{
    return m_board->status();
}

} // namespace gantry::steps
