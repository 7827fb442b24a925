// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/rank.h"
#include "shared/domain/workflow.h"
#include "shared/util/clock.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gantry::engine {

class LimitBucket;

/// An attempt's part in a limit: held from when it begins to wait until it has ended. Empty without a limit.
struct LimitUse {
    LimitBucket* bucket = nullptr;
    const StepLimit* limit = nullptr;
};

/// Attempts that wait in one line, best first. Those without a limit stand in it themselves; of those that share a limit's key the best one stands in it, and only
/// while the key has room. So the front is always what may be handed out next, and what may not costs nothing to pass by. LimitBook
/// moves everything; used on its thread.
class WaitingLine {
public:
    /// Nothing may be handed out now.
    [[nodiscard]] bool isEmpty() const noexcept { return m_ready.empty(); }

    /// What may be handed out next; not if isEmpty().
    [[nodiscard]] const DueKey& best() const { return *m_ready.begin(); }

    /// All that wait, also behind limits.
    [[nodiscard]] std::size_t size() const noexcept { return m_size; }

private:
    friend class LimitBook;
    struct Lane {
        std::set<DueKey> waiting;
        std::optional<DueKey> shown; ///< the one that stands in m_ready
    };
    std::set<DueKey> m_ready;
    std::unordered_map<LimitBucket*, Lane> m_lanes; ///< those that somebody waits in
    std::size_t m_size = 0;
};

/// Where a limit stands for one value of its field.
struct LimitState {
    std::string field{}; ///< as written in the workflow; empty: one for the whole step
    std::string value{};
    std::uint32_t concurrency = 0; ///< 0: any number
    std::uint32_t inHand = 0;
    std::uint32_t rate = 0; ///< 0: any number
    std::chrono::milliseconds per{};
    std::size_t waiting = 0;
    bool hasRoom = true;
    std::optional<std::chrono::milliseconds> nextToken{}; ///< how long until the rate lets one go
};

/// Counts what limits allow: for each handler, field and value how many attempts are in hand and how many may begin now (a token bucket that holds `rate` and is full
/// after `per`). Where definitions with different numbers meet, the tightest of those in use holds. In memory only, bounded by the orders
/// that wait or are in hand, and by what began within the last `per`. Each call is O(log n). Used on the partition's thread alone.
class LimitBook {
public:
    /// Gives the value of a field that stands in an order's document alone.
    using ValueSource = std::function<std::string(const Order&, const TextField&)>;

    explicit LimitBook(const Clock& clock, ValueSource source = {});
    ~LimitBook();
    LimitBook(const LimitBook&) = delete;
    LimitBook& operator=(const LimitBook&) = delete;

    /// An attempt comes under a limit (null: none, and everything else does nothing for it). `limit` outlives the use.
    LimitUse enter(const Order& order, std::string_view handler, const StepLimit* limit);

    /// It has left: it neither waits nor is in hand. The use is over.
    void leave(const LimitUse& use);

    void wait(WaitingLine& line, const DueKey& key, const LimitUse& use);
    void stopWaiting(WaitingLine& line, const DueKey& key, const LimitUse& use);

    /// It waits no more and is in hand. It must be the best of its line.
    void take(WaitingLine& line, const DueKey& key, const LimitUse& use);

    /// It is in hand already, whether there is room or not.
    void takeAnyway(const LimitUse& use);

    /// It is in hand no more. `isUndone`: it never was, and may begin anew.
    void giveBack(const LimitUse& use, bool isUndone = false);

    /// Lets time go on: what tokens have come for may go.
    void advance();

    /// How long until a token comes that somebody waits for.
    [[nodiscard]] std::optional<std::chrono::milliseconds> next() const;

    /// Whether something has come to the front of a line since the last time.
    [[nodiscard]] bool takeNews() noexcept { return std::exchange(m_hasNews, false); }

    /// How many wait for room.
    [[nodiscard]] std::size_t held() const noexcept { return m_held; }

    /// Keys that are known now.
    [[nodiscard]] std::size_t keys() const noexcept { return m_buckets.size(); }

    [[nodiscard]] std::optional<LimitState> stateOf(const LimitUse& use) const;

private:
    using Millis = std::chrono::milliseconds;

    void refresh(LimitBucket& bucket);
    void showBest(WaitingLine& line, WaitingLine::Lane& lane, bool hasRoom);
    void schedule(LimitBucket& bucket, bool hasRoom);
    void forget(LimitBucket& bucket);
    [[nodiscard]] std::string valueFor(const Order& order, const StepLimit& limit) const;

    const Clock& m_clock;
    ValueSource m_source;
    Millis m_now;
    std::unordered_map<std::string, std::unique_ptr<LimitBucket>> m_buckets; ///< by handler, field and value
    std::set<std::pair<Millis, LimitBucket*>> m_wakes; ///< when a token comes that somebody waits for
    std::set<std::pair<Millis, LimitBucket*>> m_idle; ///< keys that nobody uses, and when they are as if new
    std::size_t m_held = 0;
    bool m_hasNews = false;
};

} // namespace gantry::engine
