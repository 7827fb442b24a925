// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/http_server.h"
#include "daemon/api/reader_pool.h"
#include "daemon/api/router.h"
#include "daemon/bus/bus.h"
#include "daemon/engine/partition_thread.h"
#include "shared/util/clock.h"
#include "shared/util/random_source.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace gantry::test {

/// What a submission needs, made of a document as the doors make it.
engine::Submission submissionOf(const OrderDocument& document);

/// A daemon's engine, store, bus and HTTP in this process, on free ports, with a workflow of one's own. Orders go straight into the inbox.
class WorkerEngine {
public:
    /// `folder`: an empty one; outlives the engine. `timesOrders`: measures each order from submission to completion.
    WorkerEngine(std::string folder, Workflow workflow, bool timesOrders = false);
    ~WorkerEngine();
    WorkerEngine(const WorkerEngine&) = delete;
    WorkerEngine& operator=(const WorkerEngine&) = delete;

    /// Again after close(): on the same store, with the same keys and the same ports for workers, as a daemon that was started anew.
    Result<void> open();

    /// Ends everything that open() began.
    void close();

    /// Puts an order in; waits while the inbox is full.
    void submit(engine::Submission submission);

    /// What the log has told so far.
    struct Counts {
        std::size_t taken = 0; ///< orders
        std::size_t completed = 0; ///< orders
        std::map<std::string, std::size_t> failures{}; ///< attempts, by code
        std::vector<std::string> results{}; ///< of steps; kept only if there are few
    };
    [[nodiscard]] Counts counts();

    /// Waits until the counts are as wished. False: that did not happen within the time.
    bool waitUntil(const std::function<bool(const Counts&)>& condition, std::chrono::milliseconds timeout);

    /// What a worker connects with.
    [[nodiscard]] std::string profilePath() const { return m_folder + "/worker.profile"; }
    /// The same over HTTP: `http://HOST:PORT`, and the file with the key.
    [[nodiscard]] std::string url() const;
    [[nodiscard]] std::string keyPath() const { return m_folder + "/worker.key"; }
    [[nodiscard]] const std::string& folder() const noexcept { return m_folder; }
    [[nodiscard]] bus::BusCounters busCounters() const { return m_bus->counters(); }

    /// Tasks that went out, either way, since open().
    [[nodiscard]] std::size_t handedTasks() const;

    /// Submission to completion of each order. After the last completion only.
    [[nodiscard]] const std::vector<std::chrono::nanoseconds>& times() const noexcept { return m_times; }

private:
    using Ticks = std::chrono::steady_clock;

    Result<void> openBus(const store::PartitionInfo& info);
    Result<void> openHttp();
    void count(const engine::CommittedBatch& batch);

    std::string m_folder;
    bool m_timesOrders;
    SystemClock m_clock;
    SeededRandom m_random{1};
    engine::WorkflowCatalog m_workflows;
    engine::StepRegistry m_steps;
    bus::CurveKeyPair m_serverKeys;
    bus::CurveKeyPair m_workerKeys;
    std::string m_workers = "127.0.0.1:0";
    std::unique_ptr<engine::MessageQueue> m_queue;
    std::unique_ptr<store::Store> m_store;
    std::uint16_t m_httpPort = 0;
    std::atomic<std::size_t> m_handedOverHttp{0};
    std::unique_ptr<api::ReaderPool> m_readers;
    std::unique_ptr<const api::Principals> m_principals;
    std::unique_ptr<const api::Router> m_router;
    std::unique_ptr<bus::Bus> m_bus;
    std::unique_ptr<api::HttpServer> m_http;
    std::unique_ptr<engine::PartitionThread> m_thread;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    Counts m_counts;
    std::unordered_map<std::string, Ticks::time_point> m_submitted; ///< by external id
    std::unordered_map<OrderId, Ticks::time_point> m_open;
    std::vector<std::chrono::nanoseconds> m_times;
};

} // namespace gantry::test
