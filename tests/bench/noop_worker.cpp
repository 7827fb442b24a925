// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/bench/noop_worker.h"

#include "shared/protocol/json_reader.h"
#include "shared/protocol/json_writer.h"
#include "shared/protocol/worker_codec.h"
#include "shared/util/private_file.h"
#include "tests/bench/latencies.h"

#include <csignal>
#include <unordered_map>
#include <zmq.hpp>

namespace gantry::bench {

namespace {

using Ticks = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds beat{500};
constexpr std::size_t mostTimed = 4'000'000;

volatile std::sig_atomic_t isStopped = 0;

Error corrupt(const std::string& path)
{
    return {ErrorCode::Corrupt, path + " does not hold what it should."};
}

/// One session by hand: what a worker must do and nothing more.
class NoOpWorker {
public:
    explicit NoOpWorker(const NoOpWorkerSettings& settings)
        : m_settings(settings)
    {
        m_socket.set(zmq::sockopt::linger, 0);
    }

    Result<void> run()
    {
        if (auto connected = connect(); !connected)
            return connected;
        say(encodeWorkerMessage(WorkerHello{.worker = "no-op",
            .tasks = {"bench.s1", "bench.s2", "bench.s3", "bench.s4", "bench.s5", "bench.s6"},
            .credit = m_settings.credit}));
        while (isStopped == 0) {
            zmq::pollitem_t item{m_socket.handle(), 0, ZMQ_POLLIN, 0};
            try {
                zmq::poll(&item, 1, beat);
            } catch (const zmq::error_t& error) {
                if (error.num() != EINTR)
                    throw;
            }
            if (auto taken = takeAll(); !taken)
                return taken;
            if (Ticks::now() - m_said >= beat)
                say(R"({"heartbeat":{}})");
        }
        say(R"({"goodbye":{}})");
        return report();
    }

private:
    Result<void> connect()
    {
        auto profile = readPrivateFile(m_settings.profile);
        const auto root = m_parser.parse(profile ? *profile : std::string());
        if (!root)
            return tl::unexpected(corrupt(m_settings.profile));
        FieldErrors errors;
        ObjectReader reader(*root, "", errors);
        m_socket.set(zmq::sockopt::curve_serverkey, reader.text("server_key", 100));
        m_socket.set(zmq::sockopt::curve_publickey, reader.text("public_key", 100));
        m_socket.set(zmq::sockopt::curve_secretkey, reader.text("secret_key", 100));
        m_socket.connect(reader.text("workers", 200));
        return {};
    }

    void say(const std::string& message)
    {
        m_socket.send(zmq::buffer(message));
        m_said = Ticks::now();
    }

    Result<void> takeAll()
    {
        zmq::message_t message;
        while (m_socket.recv(message, zmq::recv_flags::dontwait)) {
            const auto root = m_parser.parse(message.to_string_view());
            if (!root)
                return tl::unexpected(root.error());
            if (simdjson::dom::array tasks; (*root)["tasks"].get(tasks) == simdjson::SUCCESS)
                complete(tasks);
            else if ((*root)["welcome"].error() == simdjson::SUCCESS) {
                if (auto written = writePrivateFile(m_settings.ready, "ready\n"); !written)
                    return written;
            } else if ((*root)["problem"].error() == simdjson::SUCCESS)
                return failure(ErrorCode::Internal, "The daemon refused: " + message.to_string());
        }
        return {};
    }

    void complete(simdjson::dom::array tasks)
    {
        const auto now = Ticks::now();
        m_json.clear();
        m_json.beginObject().key("results").beginArray();
        for (const auto task : tasks) {
            std::string_view token;
            std::string_view order;
            if (task["token"].get(token) != simdjson::SUCCESS
                || task["order_id"].get(order) != simdjson::SUCCESS)
                continue;
            m_json.beginObject().member("token", token).key("complete").raw("{}").endObject();
            const auto [sent, isNew] = m_sent.try_emplace(std::string(order), now);
            if (!isNew) {
                if (m_times.count() < mostTimed)
                    m_times.add(now - sent->second);
                sent->second = now;
            }
            ++m_tasks;
        }
        m_json.endArray().endObject();
        say(m_json.text());
    }

    Result<void> report()
    {
        JsonWriter json;
        json.beginObject()
            .member("tasks", m_tasks)
            .member("p50_us", static_cast<std::int64_t>(m_times.milliseconds(0.5) * 1000))
            .member("p99_us", static_cast<std::int64_t>(m_times.milliseconds(0.99) * 1000))
            .endObject();
        return writePrivateFile(m_settings.report, json.take());
    }

    const NoOpWorkerSettings& m_settings;
    zmq::context_t m_context{1};
    zmq::socket_t m_socket{m_context, zmq::socket_type::dealer};
    JsonParser m_parser;
    JsonWriter m_json;
    Ticks::time_point m_said{};
    std::unordered_map<std::string, Ticks::time_point> m_sent; ///< by order: when its last result went out
    Latencies m_times;
    std::uint64_t m_tasks = 0;
};

} // namespace

Result<void> runNoOpWorker(const NoOpWorkerSettings& settings)
{
    std::signal(SIGTERM, [](int) { isStopped = 1; });
    return NoOpWorker(settings).run();
}

Result<WorkerFigures> readWorkerFigures(const std::string& path)
{
    const auto content = readPrivateFile(path);
    JsonParser parser;
    const auto root = parser.parse(content ? *content : std::string());
    if (!root)
        return tl::unexpected(corrupt(path));
    FieldErrors errors;
    ObjectReader reader(*root, "", errors);
    return WorkerFigures{static_cast<std::uint64_t>(reader.requiredInteger("tasks")),
        static_cast<double>(reader.requiredInteger("p50_us")) / 1000,
        static_cast<double>(reader.requiredInteger("p99_us")) / 1000};
}

} // namespace gantry::bench
