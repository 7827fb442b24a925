// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/reader_pool.h"

#include <pthread.h>

namespace gantry::api {

Result<std::unique_ptr<ReaderPool>> ReaderPool::start(
    store::Store& store, std::size_t threads, std::size_t capacity)
{
    std::unique_ptr<ReaderPool> pool(new ReaderPool(capacity));
    for (std::size_t i = 0; i < threads; ++i) {
        auto reader = store.openReader();
        if (!reader)
            return tl::unexpected(reader.error());
        pool->m_readers.push_back(std::move(*reader));
    }
    for (const auto& reader : pool->m_readers) {
        pool->m_threads.emplace_back([raw = pool.get(), &reader = *reader] { raw->loop(reader); });
        pthread_setname_np(pool->m_threads.back().native_handle(), "reader");
    }
    return pool;
}

ReaderPool::~ReaderPool()
{
    {
        const std::lock_guard lock(m_mutex);
        m_isClosing = true;
        m_jobs.clear();
    }
    m_wake.notify_all();
    for (std::thread& thread : m_threads)
        thread.join();
}

bool ReaderPool::post(Job job)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_isClosing || m_jobs.size() >= m_capacity)
            return false;
        m_jobs.push_back(std::move(job));
    }
    m_wake.notify_one();
    return true;
}

void ReaderPool::loop(store::StoreReader& reader)
{
    for (;;) {
        Job job;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, [this] { return m_isClosing || !m_jobs.empty(); });
            if (m_isClosing)
                return;
            job = std::move(m_jobs.front());
            m_jobs.pop_front();
        }
        job(reader);
    }
}

} // namespace gantry::api
