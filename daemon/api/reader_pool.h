// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/store.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace gantry::api {

/// A few threads, each with its own reader of the store, for everything that only looks. Bounded.
class ReaderPool {
public:
    using Job = std::function<void(store::StoreReader&)>;

    /// Opens `threads` readers. Errors: the store's.
    static Result<std::unique_ptr<ReaderPool>> start(
        store::Store& store, std::size_t threads, std::size_t capacity);

    /// Drops what has not begun and joins.
    ~ReaderPool();
    ReaderPool(const ReaderPool&) = delete;
    ReaderPool& operator=(const ReaderPool&) = delete;

    /// Queues a look. Any thread. False: too many wait already; the job was not taken.
    [[nodiscard]] bool post(Job job);

private:
    explicit ReaderPool(std::size_t capacity)
        : m_capacity(capacity)
    {
    }
    void loop(store::StoreReader& reader);

    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::deque<Job> m_jobs;
    std::size_t m_capacity;
    bool m_isClosing = false;
    std::vector<std::unique_ptr<store::StoreReader>> m_readers;
    std::vector<std::thread> m_threads;
};

} // namespace gantry::api
