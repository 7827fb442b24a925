// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace gantry::bus {

/// One thread for what would hold up the bus thread: reading the log for a replay, encoding parts of snapshots. A bounded queue of jobs.
class ReadingRoom {
public:
    using Job = std::function<void()>;

    explicit ReadingRoom(std::size_t mostJobs);
    ~ReadingRoom();
    ReadingRoom(const ReadingRoom&) = delete;
    ReadingRoom& operator=(const ReadingRoom&) = delete;

    /// Any thread. False: too much is waiting, the job was not taken. Jobs must not throw.
    [[nodiscard]] bool post(Job job);

    /// Ends the thread after the job in hand; drops the rest.
    void close();

private:
    void run();

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Job> m_jobs;
    const std::size_t m_mostJobs;
    bool m_isClosed = false;
    std::thread m_thread;
};

} // namespace gantry::bus
