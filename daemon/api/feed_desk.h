// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/messages.h"
#include "daemon/observe/feed_metrics.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace gantry::api {

/// Where readers of the log wait for more of it, on a thread of its own: partitions only leave word of their commits. Bounded. All members may be called
/// from any thread.
class FeedDesk {
public:
    static constexpr std::size_t mostWaiting = 256;

    /// One that waits. `wake` is called once, on the desk's thread, when there is more, when the time is over, when the caller has gone, or when the desk
    /// stops. It must be quick and must not throw.
    struct Wait {
        std::uint32_t partition = 0;
        std::uint64_t after = 0; ///< there is more when something is committed beyond this sequence
        std::chrono::steady_clock::time_point until;
        std::optional<std::weak_ptr<const void>>
            caller; ///< expires when the caller has gone; empty: nobody can tell
        std::function<void()> wake;
    };

    /// What became of the wish to wait. `wake` is called for `Taken` alone.
    enum class Place { Taken, Full, Stopped };

    /// `metrics`: may be null; outlives the desk.
    explicit FeedDesk(observe::FeedMetrics* metrics = nullptr, std::size_t capacity = mostWaiting);
    ~FeedDesk(); ///< stops, and joins the thread
    FeedDesk(const FeedDesk&) = delete;
    FeedDesk& operator=(const FeedDesk&) = delete;

    /// Waits, unless there are too many already. What was committed since the caller looked is not missed: `wake` comes at once then.
    [[nodiscard]] Place wait(Wait wait);

    /// Takes notice of what partitions commit. The desk outlives them.
    [[nodiscard]] engine::BatchListener listener();

    /// Lets all go at once; nobody waits from now on.
    void stop();

    /// So many events went out to readers.
    void noteServed(std::size_t events);

private:
    void note(const engine::CommittedBatch& batch);
    void loop();
    [[nodiscard]] bool isOver(const Wait& wait, std::chrono::steady_clock::time_point now) const;
    std::vector<Wait> takeOver(std::chrono::steady_clock::time_point now);
    [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> nextEnd() const;
    void countWaiting();

    observe::FeedMetrics* m_metrics;
    const std::size_t m_capacity;
    mutable std::mutex m_mutex;
    std::condition_variable m_wake;
    std::map<std::uint32_t, std::uint64_t>
        m_heads; ///< by partition, the last sequence committed since the desk is there
    std::vector<Wait> m_waits;
    bool m_hasNews = false; ///< the thread has something to look at
    bool m_isStopped = false;
    bool m_isClosing = false;
    std::thread m_thread; ///< last: it uses all the others
};

} // namespace gantry::api
