// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/messages.h"
#include "daemon/engine/step_runner.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace gantry::engine {

/// The end of an attempt, on its way back to the order.
struct TaskReport {
    OrderId order;
    std::string step;
    std::uint32_t attempt = 1;
    std::string handler;
    TaskResult result;
};

/// What one round of a partition takes in.
struct Intake {
    std::vector<Message> messages;
    std::vector<TaskReport> reports;
    std::vector<LaneLimit> lanes{}; ///< in the sequence of coming
    bool isDraining = false; ///< nothing more is to be handed out to workers
    [[nodiscard]] bool isEmpty() const noexcept
    {
        return messages.empty() && reports.empty() && lanes.empty();
    }
};

/// When a batch is closed: the inbox is empty, or one of these is reached. While one batch is on its way to the disk the next gathers, so no timer
/// is needed under load.
struct GroupCommitPolicy {
    std::size_t maxMessages = 512; ///< each outcome of a worker's report counts as one
    std::size_t maxBytes = 1024 * 1024; ///< of submitted documents
};

/// A partition's inbox: bounded for what comes from outside; reports of attempts are always taken (there are never more of them than
/// attempts in hand). Any number of senders, one receiver.
class MessageQueue final : public Inbox {
public:
    explicit MessageQueue(std::size_t capacity)
        : m_capacity(capacity)
    {
    }

    [[nodiscard]] bool post(Message message) override;
    [[nodiscard]] std::size_t postAll(std::vector<Message> messages) override;

    /// The end of an attempt.
    void report(TaskReport report);

    /// How many attempts a lane may have from now on. Always taken: lanes are few, and of each the last alone counts.
    void limitLane(LaneLimit limit);

    /// From now on no worker gets or waits for anything: the process is about to stop, and nobody is to be kept waiting.
    void drain();

    /// Takes what is there, up to the policy's limits; waits for the first until `deadline` (empty: without end). Empty if there is nothing, or close() was
    /// called.
    Intake take(
        const GroupCommitPolicy& policy, std::optional<std::chrono::steady_clock::time_point> deadline);

    /// Refuses all further messages and wakes the receiver.
    void close();

    /// Whether close() was called and nothing is left.
    [[nodiscard]] bool isFinished() const;

    [[nodiscard]] std::size_t depth() const;

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Message> m_messages;
    std::vector<TaskReport> m_reports;
    std::vector<LaneLimit> m_lanes;
    std::size_t m_capacity;
    bool m_isClosed = false;
    bool m_isDraining = false;
    bool m_isDrainTold = false;
};

} // namespace gantry::engine
