// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/daemon/engine/shop_world.h"
#include "tests/shared/support/property.h"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace gantry::test {

/// What the cases have reached: a property that never sees an undoing fail proves nothing about it.
struct ChaosCoverage {
    std::set<std::string> moves; ///< that were made, each at least once
    std::set<std::string> failures; ///< codes of attempts
    std::set<OrderState> states;
    std::set<std::string> events;
    std::set<std::string> verdicts; ///< on what workers said
    int breaches = 0; ///< of promises; shrinking a case makes many
};

/// One case: orders, workers, services, people, disks and clocks that do as the dice say, and a record of what really happened, kept apart from the engine.
/// Each breach of a promise ends the case and tells the moves so far.
class EngineChaos {
public:
    EngineChaos(std::uint64_t seed, ChaosCoverage& coverage);

    /// A few things happen, one after the other; after each one what must always hold is checked.
    void move(std::uint64_t seed);

    /// From here on all goes well: every order comes to its end.
    void settle();

    /// Holds the whole log, the stored orders and the counters against each other and against what happened outside.
    void checkAll();

private:
    using Millis = std::chrono::milliseconds;

    /// A task that a worker was given once, and what the worker knows.
    struct Hand {
        LeasedTask task;
        std::string worker;
        std::string key; ///< the idempotency key
        bool isDone = false; ///< it has had its effect
        bool isDropped = false; ///< the worker was told, or died
        bool isHanging = false; ///< extends for ever and never reports
    };
    /// What the engine has promised of a lease.
    struct Lease {
        LeaseToken token;
        Millis until{}; ///< by m_time: not before that is the order handed out again
    };

    void must(bool holds, const std::string& promise) const;
    void submit(Dice& dice);
    void claim(Dice& dice);
    void work(Dice& dice);
    void report(Dice& dice);
    void repeat(Dice& dice);
    void forge(Dice& dice);
    void extend(Dice& dice);
    void loseWorker(Dice& dice);
    void answerCall(Dice& dice);
    void act(Dice& dice);
    void pause(Dice& dice);
    void breakDown(Dice& dice);
    void letTimePass(Dice& dice);
    void checkCounters(const std::vector<OrderId>& orders);

    Hand* anyHand(Dice& dice, bool isPresent);
    OrderId anyOrder(Dice& dice) const;
    [[nodiscard]] bool mayWork(const Hand& hand) const;
    /// Sends what came of a task, and checks that it was recorded or changed nothing.
    void send(Hand& hand, engine::TaskOutcome outcome);
    void checkHandedOut(const LeasedTask& task);
    void checkCall(const engine::Task& task);
    void checkNobodyIsLost();
    void checkOrder(const OrderId& id, const std::vector<Event>& history);
    void checkStuck(const engine::WaitingFacts& facts);
    void round(Millis time);
    void restart(const char* why);

    std::string m_story;
    ChaosCoverage& m_coverage;
    ShopWorld m_world;
    Millis m_time{0}; ///< as leases count: a round adds 2 s at most (docs/workers.md)
    std::vector<Hand> m_hands;
    std::map<OrderId, Lease> m_leases;
    std::map<std::string, std::pair<OrderId, std::int64_t>>
        m_orders; ///< answered as taken in, by external id, with their quantities
    std::set<std::string> m_unsure; ///< external ids whose answer was lost
    std::set<std::pair<PauseScope, std::string>> m_pauses;
    std::set<std::pair<OrderId, std::string>> m_acknowledged; ///< steps whose success was confirmed, by key
};

} // namespace gantry::test
