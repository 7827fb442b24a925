// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/reading_room.h"

namespace gantry::bus {

ReadingRoom::ReadingRoom(std::size_t mostJobs)
    : m_mostJobs(mostJobs)
    , m_thread([this] { run(); })
{
}

ReadingRoom::~ReadingRoom()
{
    close();
}

bool ReadingRoom::post(Job job)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_isClosed || m_jobs.size() >= m_mostJobs)
            return false;
        m_jobs.push_back(std::move(job));
    }
    m_wake.notify_one();
    return true;
}

void ReadingRoom::close()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isClosed = true;
    }
    m_wake.notify_one();
    if (m_thread.joinable())
        m_thread.join();
}

void ReadingRoom::run()
{
    while (true) {
        Job job;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_isClosed || !m_jobs.empty(); });
            if (m_isClosed)
                return;
            job = std::move(m_jobs.front());
            m_jobs.pop_front();
        }
        job();
    }
}

} // namespace gantry::bus
