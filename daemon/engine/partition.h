// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/batch_run.h"
#include "daemon/engine/dispatcher.h"
#include "daemon/engine/document_cache.h"
#include "daemon/engine/limit_book.h"
#include "daemon/engine/message_queue.h"
#include "daemon/engine/order_book.h"
#include "daemon/engine/pause_desk.h"
#include "daemon/engine/person_desk.h"
#include "daemon/engine/pickup_watch.h"
#include "daemon/engine/principal_desk.h"
#include "daemon/engine/role_desk.h"
#include "daemon/engine/task_desk.h"
#include "daemon/engine/timer_queue.h"
#include "daemon/engine/workflow_desk.h"
#include "daemon/observe/engine_metrics.h"
#include "daemon/store/store.h"

#include <deque>
#include <memory>
#include <optional>

namespace gantry::engine {

/// What a partition works with. Everything outlives it.
struct PartitionSettings {
    WorkflowCatalog& workflows; ///< this partition's to change, once it runs
    const StepRegistry& steps;
    const Clock& clock;
    RandomSource& random;
    MessageQueue& queue;
    std::vector<BatchListener> listeners{};
    observe::EngineMetrics* metrics = nullptr; ///< may be null
    std::size_t maxInHand = 64; ///< attempts handed out at once
    /// How long an attempt that a person's retry made due may wait until that is told.
    std::chrono::milliseconds pickup{60'000};
    std::size_t documentCacheBytes = 32UL * 1024 * 1024; ///< documents of orders that workers are at
    PrincipalListener principals{}; ///< told when principals have changed; may be empty
    KeyUseSource takeKeyUses{}; ///< may be empty
    SessionListener sessions{}; ///< told when people's sessions have changed; may be empty
    SessionUseSource takeSessionUses{}; ///< may be empty
    RoleListener roles{}; ///< told when custom roles have changed; may be empty
};

/// A partition as an actor without its thread: takes a round of messages, decides, commits, and only then answers, publishes and dispatches. Used by one thread;
/// tests call it directly.
class Partition {
public:
    Partition(PartitionSettings settings, std::unique_ptr<store::PartitionStore> store,
        std::unique_ptr<store::StoreReader> reader);

    /// Loads the open orders and sets their timers. Errors: Corrupt, Unavailable.
    Result<void> start();

    /// One round. Errors: only those after which the process must stop (Unavailable, Corrupt, StaleToken); whoever waits for an answer has then got none
    /// that says done.
    Result<void> run(Intake intake);

    /// When the next timer wants a round.
    [[nodiscard]] std::optional<Timestamp> nextTimer() const;

    /// Housekeeping of the store; true: more is left to do.
    Result<bool> maintain(store::Moment moment);

    [[nodiscard]] const OrderBook& book() const noexcept { return m_book; }
    [[nodiscard]] const store::PartitionInfo& info() const { return m_store->info(); }

private:
    /// What workers have said and what has become of it, in one round.
    struct WorkerRound {
        std::vector<TaskDesk::Expired> expired;
        std::vector<PickupWatch::Overdue> missed; ///< retries of persons that nobody has taken
        std::vector<TaskDesk::NotStarted> notStarted;
        std::vector<std::vector<Result<TaskReceipt>>> verdicts; ///< one list a report
    };

    Result<void> runBatch(Intake& intake, std::vector<TimerQueue::Timer> timers, WorkerRound& workers);
    void countBatch(const store::BatchChanges& changes, std::chrono::duration<double> took) const;
    Result<void> decideAll(
        BatchRun& run, Intake& intake, const std::vector<TimerQueue::Timer>& timers, WorkerRound& workers);
    Result<void> decideMessages(BatchRun& run, Intake& intake, WorkerRound& workers);
    Result<void> decideReport(BatchRun& run, WorkerReport& report, WorkerRound& workers);
    static Result<void> decideExpiry(BatchRun& run, const TaskDesk::Expired& expired);
    static Result<void> decideNotStarted(BatchRun& run, const TaskDesk::NotStarted& missed);
    Result<void> giveUp(Intake& intake, const std::vector<TimerQueue::Timer>& timers, const Error& error);
    void takeOver(BatchRun& run, store::BatchChanges& changes);
    void watch(const std::shared_ptr<const Order>& order);
    /// Who is to do what for an order now. The names are the workflow's own.
    struct Work {
        Doer doer = Doer::Nobody;
        const std::string* handler = nullptr; ///< null if nobody
        const StepDefinition* step = nullptr;
    };
    [[nodiscard]] Work workOf(const Order& order) const;
    void route(const std::shared_ptr<const Order>& order, bool isReleased = false);
    void reroute(const OrderId& order);
    [[nodiscard]] static std::optional<DueTask> dueTaskOf(const Work& work);
    Result<void> loadPauses();
    Result<void> changePauses(Intake& intake);
    void stopPaused(const Pause& pause);
    /// Orders that a pause would stop, were it to begin.
    [[nodiscard]] std::size_t countStopped(const Pause& pause) const;
    template <typename Visit>
    void forEachStopped(const Pause& pause, const Visit& visit) const;
    /// Whether what has come due is a timer step that waits behind a pause from now on.
    bool parkTimer(const OrderId& id);
    /// Looks again later at an order whose timer seemed over and is not, as the clock was set back meanwhile.
    void keepTimer(const OrderId& id);
    void goOn();
    [[nodiscard]] std::size_t touchedNow() const;
    [[nodiscard]] std::string limitValueOf(const Order& order, const TextField& field);
    [[nodiscard]] Result<WaitingFacts> explain(const OrderId& id) const;
    void extendLeases(Intake& intake);
    [[nodiscard]] std::vector<PickupWatch::Overdue> missedAttempts();
    void endLeases(const Intake& intake, const WorkerRound& workers);
    void answerReports(Intake& intake, WorkerRound& workers);
    void serveWorkers(Intake& intake);
    Result<std::shared_ptr<const std::string>> documentOf(const OrderId& id);
    Result<void> answerQuestions(Intake& intake);
    Result<void> answerQuestion(Message& message);
    Result<void> rehearse(std::vector<Message>& messages);
    Result<void> rehearseOrders(std::vector<Message>& messages);
    Result<void> rehearseOther(Message& message);
    /// The error if the process must stop for it; what is the caller's alone is nothing to stop for.
    static Result<void> outlived(const Error& error);
    Result<void> changePrincipal(const PrincipalCommand& command);
    template <typename Done>
    Result<void> tell(const Done& done, const std::function<void(const Done&)>& reply) const;
    void dispatch();

    PartitionSettings m_settings;
    std::unique_ptr<store::PartitionStore> m_store;
    std::unique_ptr<store::StoreReader> m_reader;
    WorkflowDesk m_workflows;
    OrderBook m_book;
    TimerQueue m_timers;
    PauseBook m_pauses;
    PauseDesk m_pauseDesk;
    PrincipalDesk m_principals;
    PersonDesk m_people;
    RoleDesk m_roles;
    LimitBook m_limits;
    Dispatcher m_dispatcher;
    TaskDesk m_desk;
    PickupWatch m_pickups;
    DocumentCache m_documents;
    std::deque<OrderId> m_touch; ///< open orders found at a built-in step when starting, or let go on at one
    JsonParser m_parser;
    const BatchRun::Change* m_arriving = nullptr; ///< what takeOver() is at
    std::vector<TaskReport> m_held; ///< reports that wait for the disk to have room
    std::optional<std::chrono::milliseconds>
        m_fullUntil; ///< the store is full: come again then, by the monotonic clock
};

} // namespace gantry::engine
