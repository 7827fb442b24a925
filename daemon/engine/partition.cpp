// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/partition.h"

#include <algorithm>

namespace gantry::engine {

namespace {

constexpr std::chrono::milliseconds fullPause{1000};
constexpr std::size_t maxTimersPerRound = 1000;
constexpr std::size_t maxTouchedPerRound = 1000; // so that those who wait for an answer need not wait for all

/// Errors after which nothing this process believes of the store is certain.
bool isFatal(const Error& error)
{
    return error.code != ErrorCode::StorageFull && error.code != ErrorCode::Busy;
}

/// Errors that tell the caller what was wrong with the request.
bool isRefusal(const Error& error)
{
    return error.code == ErrorCode::ActionNotAllowed || error.code == ErrorCode::NotFound
        || error.code == ErrorCode::InvalidValue || error.code == ErrorCode::Unauthenticated
        || error.code == ErrorCode::IdempotencyKeyReused || error.code == ErrorCode::VersionMismatch;
}

} // namespace

Partition::Partition(PartitionSettings settings, std::unique_ptr<store::PartitionStore> store,
    std::unique_ptr<store::StoreReader> reader)
    : m_settings(std::move(settings))
    , m_store(std::move(store))
    , m_reader(std::move(reader))
    , m_workflows(m_settings.workflows, *m_store, m_settings.clock)
    , m_pauses(m_settings.clock)
    , m_pauseDesk(m_pauses, *m_store, m_settings.workflows, m_settings.clock)
    , m_principals({*m_store, *m_reader, m_settings.clock, m_settings.principals, m_settings.takeKeyUses,
          [this](const std::string& role) { return m_roles.has(role); }})
    , m_people({*m_store, *m_reader, m_settings.clock, m_settings.sessions, m_settings.takeSessionUses})
    , m_roles({*m_store, *m_reader, m_settings.clock, m_settings.roles,
          [this](const std::string& role) { return m_principals.isHeld(role); }})
    , m_limits(m_settings.clock,
          [this](const Order& order, const TextField& field) { return limitValueOf(order, field); })
    , m_dispatcher(m_settings.workflows, m_settings.steps, m_settings.queue, m_limits, m_settings.clock,
          m_settings.maxInHand)
    , m_desk(m_settings.clock, m_store->info().epoch, m_limits)
    , m_pickups(m_settings.pickup)
    , m_documents(m_settings.documentCacheBytes)
{
}

Result<void> Partition::start()
{
    if (auto paused = loadPauses(); !paused)
        return paused;
    if (auto known = m_roles.load(); !known)
        return known;
    if (auto known = m_principals.load(); !known)
        return known;
    if (auto known = m_people.load(); !known)
        return known;
    auto loaded = m_store->forEachOpenOrder([this](store::OrderRecord record) {
        auto order = std::make_shared<const Order>(std::move(record.order));
        m_book.put(order, record.lastSequence);
        watch(order);
        const Work work = workOf(*order);
        if (work.doer == Doer::Builtin && !m_pauses.stops(*order, *work.handler))
            m_touch.push_back(order->id);
    });
    if (!loaded)
        return loaded;
    if (m_touch.empty()) {
        dispatch();
        return {};
    }
    return run({});
}

Result<bool> Partition::maintain(store::Moment moment)
{
    if (auto noted = m_principals.noteUses(); !noted)
        return tl::unexpected(std::move(noted.error()));
    if (auto noted = m_people.noteUses(); !noted)
        return tl::unexpected(std::move(noted.error()));
    return m_store->maintain(moment);
}

std::optional<Timestamp> Partition::nextTimer() const
{
    if (m_fullUntil)
        return m_settings.clock.now() + std::max(*m_fullUntil - m_settings.clock.monotonic(), {});
    if (!m_touch.empty())
        return m_settings.clock.now();
    auto next = m_timers.next();
    for (const auto& wait : {m_desk.next(), m_limits.next(), m_pauses.next()}) {
        if (!wait)
            continue;
        const Timestamp at = m_settings.clock.now() + *wait;
        next = next ? std::min(*next, at) : at;
    }
    if (const auto pickup = m_pickups.next()) {
        const Timestamp at = m_settings.clock.now() + std::max(*pickup - m_desk.time(), {});
        next = next ? std::min(*next, at) : at;
    }
    return next;
}

Result<void> Partition::run(Intake intake)
{
    const Timestamp now = m_settings.clock.now();
    std::vector<TimerQueue::Timer> timers;
    WorkerRound workers;
    m_desk.advance();
    m_limits.advance();
    if (auto changed = changePauses(intake); !changed)
        return changed;
    goOn();
    if (intake.isDraining)
        m_desk.stop();
    for (const LaneLimit& lane : intake.lanes)
        m_dispatcher.limitLane(lane);
    extendLeases(intake); // before any is looked at for being over
    if (m_fullUntil && *m_fullUntil <= m_settings.clock.monotonic()) {
        m_fullUntil.reset();
        std::move(m_held.begin(), m_held.end(), std::back_inserter(intake.reports));
        m_held.clear();
    }
    if (!m_fullUntil) {
        workers.expired = m_desk.expired();
        workers.missed = missedAttempts();
        workers.notStarted = m_desk.notStarted();
        while (timers.size() < maxTimersPerRound) {
            const auto due = m_timers.takeDue(now);
            if (!due)
                break;
            if (!parkTimer(due->order))
                timers.push_back(*due);
        }
    }
    const bool writes = !timers.empty() || !intake.reports.empty() || !m_touch.empty()
        || !workers.expired.empty() || !workers.missed.empty() || !workers.notStarted.empty()
        || std::any_of(intake.messages.begin(), intake.messages.end(), [](const Message& message) {
               return std::holds_alternative<Submission>(message)
                   || std::holds_alternative<OrderCommand>(message)
                   || std::holds_alternative<Delivery>(message)
                   || std::holds_alternative<WorkerReport>(message);
           });
    if (writes)
        if (auto done = runBatch(intake, std::move(timers), workers); !done)
            return done;
    if (!m_fullUntil)
        dispatch();
    serveWorkers(intake);
    return answerQuestions(intake);
}

Result<void> Partition::runBatch(Intake& intake, std::vector<TimerQueue::Timer> timers, WorkerRound& workers)
{
    const observe::Stopwatch watch;
    auto batch = m_store->begin();
    if (!batch)
        return giveUp(intake, timers, batch.error());
    const BatchContext context{m_book, m_settings.workflows, m_settings.steps, m_settings.clock,
        m_settings.random, m_store->info(), &m_pauses};
    BatchRun run(context, **batch, timers.size() + intake.reports.size() + intake.messages.size());
    auto done = decideAll(run, intake, timers, workers);
    store::BatchChanges& changes = run.changes();
    if (done && (!changes.events.empty() || !changes.deliveries.empty()))
        done = (*batch)->commit(changes);
    batch->reset(); // rolls back what was not committed
    if (!done) {
        run.answer(done.error());
        return giveUp(intake, timers, done.error());
    }
    if (m_settings.metrics)
        countBatch(changes, watch.elapsed());
    const auto touched = m_touch.begin() + static_cast<std::ptrdiff_t>(touchedNow());
    std::for_each(m_touch.begin(), touched, [this](const OrderId& id) { keepTimer(id); });
    m_touch.erase(m_touch.begin(), touched);
    endLeases(intake, workers);
    takeOver(run, changes);
    run.answer();
    answerReports(intake, workers);
    for (const TaskReport& report : intake.reports) {
        m_dispatcher.release(report.order, report.result);
        reroute(report.order);
    }
    return {};
}

void Partition::countBatch(const store::BatchChanges& changes, std::chrono::duration<double> took) const
{
    m_settings.metrics->batchCommitted(changes.events.size(), changes.newOrders.size(), took);
    for (const store::DeliveryRecord& delivery : changes.deliveries)
        m_settings.metrics->deliverySettled(std::string(store::deliveryOutcomeName(delivery.outcome)));
}

Result<void> Partition::decideAll(
    BatchRun& run, Intake& intake, const std::vector<TimerQueue::Timer>& timers, WorkerRound& workers)
{
    for (std::size_t i = 0; i < touchedNow(); ++i)
        if (auto done = run.touch(m_touch[i]); !done)
            return done;
    for (const TimerQueue::Timer& timer : timers)
        if (auto done = run.timer(timer.order); !done)
            return done;
    for (const TaskReport& report : intake.reports) {
        if (report.result.isHandedBack)
            continue;
        if (auto done = run.report(report); !done)
            return done;
    }
    if (auto done = decideMessages(run, intake, workers); !done)
        return done;
    // Last: what workers have reported in time is not taken from them.
    for (const TaskDesk::Expired& expired : workers.expired)
        if (auto done = decideExpiry(run, expired); !done)
            return done;
    for (const PickupWatch::Overdue& missed : workers.missed)
        if (auto done = run.missed(missed); !done)
            return done;
    for (const TimerQueue::Timer& timer : timers)
        if (auto done = run.expireReservation(timer.order); !done)
            return done;
    for (const TaskDesk::NotStarted& missed : workers.notStarted)
        if (auto done = decideNotStarted(run, missed); !done)
            return done;
    return run.runBuiltins();
}

Result<void> Partition::decideMessages(BatchRun& run, Intake& intake, WorkerRound& workers)
{
    for (Message& message : intake.messages) {
        Result<void> done;
        if (auto* submission = std::get_if<Submission>(&message))
            done = run.submit(*submission);
        else if (auto* command = std::get_if<OrderCommand>(&message))
            done = run.command(*command);
        else if (auto* delivery = std::get_if<Delivery>(&message))
            done = run.delivery(*delivery);
        else if (auto* report = std::get_if<WorkerReport>(&message))
            done = decideReport(run, *report, workers);
        if (!done)
            return done;
    }
    return {};
}

Result<void> Partition::giveUp(
    Intake& intake, const std::vector<TimerQueue::Timer>& timers, const Error& error)
{
    for (Message& message : intake.messages) {
        // Those that no run had come to still hold their reply.
        if (auto* submission = std::get_if<Submission>(&message); submission && submission->reply)
            submission->reply(tl::unexpected(error));
        else if (auto* command = std::get_if<OrderCommand>(&message); command && command->reply)
            command->reply(tl::unexpected(error));
        else if (auto* delivery = std::get_if<Delivery>(&message); delivery && delivery->reply)
            delivery->reply(tl::unexpected(error));
        else if (auto* report = std::get_if<WorkerReport>(&message); report && report->reply)
            report->reply(std::vector<Result<TaskReceipt>>(report->outcomes.size(), tl::unexpected(error)));
    }
    if (isFatal(error))
        return tl::unexpected(error);
    // The disk is full: nothing was written. What nobody repeats is kept and tried again.
    std::move(intake.reports.begin(), intake.reports.end(), std::back_inserter(m_held));
    for (const TimerQueue::Timer& timer : timers)
        m_timers.add(timer.at, timer.order); // its own time: the clock may be set back before it comes again
    m_fullUntil = m_settings.clock.monotonic() + fullPause;
    return {};
}

void Partition::takeOver(BatchRun& run, store::BatchChanges& changes)
{
    for (const BatchRun::Change& change : run.changed()) {
        m_book.put(change.order, change.lastSequence);
        m_arriving = &change;
        watch(change.order);
        if (change.document && m_desk.isKnown(change.order->id))
            m_documents.put(change.order->id, change.document);
        if (change.order->outcome != Outcome::Open)
            m_documents.erase(change.order->id);
    }
    m_arriving = nullptr;
    if (changes.events.empty() || m_settings.listeners.empty())
        return;
    auto committed = std::make_shared<CommittedBatch>();
    committed->partition = m_store->info().partition;
    committed->epoch = m_store->info().epoch;
    committed->events.reserve(changes.events.size());
    for (store::EventRecord& record : changes.events)
        committed->events.push_back(std::move(record.logged));
    for (const BatchListener& listener : m_settings.listeners)
        listener(committed);
}

std::size_t Partition::touchedNow() const
{
    return std::min(m_touch.size(), maxTouchedPerRound);
}

void Partition::watch(const std::shared_ptr<const Order>& order)
{
    if (!isMachineDue(*order))
        m_pauses.leave(order->id); // a timer that is over comes to the pause again
    route(order);
    m_pickups.update(*order, m_desk.time());
    if (order->outcome != Outcome::Open)
        return;
    if (order->retryAt)
        m_timers.add(*order->retryAt, order->id);
    if (order->step.performer == Performer::Clock && order->step.dueAt && order->holds.empty())
        m_timers.add(*order->step.dueAt, order->id);
    if (order->step.reservedUntil)
        m_timers.add(*order->step.reservedUntil, order->id);
    for (const Hold& hold : order->holds)
        if (hold.expiresAt)
            m_timers.add(*hold.expiresAt, order->id);
}

Result<void> Partition::answerQuestions(Intake& intake)
{
    for (Message& message : intake.messages)
        if (auto answered = answerQuestion(message); !answered)
            return answered;
    return {};
}

Result<void> Partition::answerQuestion(Message& message)
{
    if (auto* request = std::get_if<SnapshotRequest>(&message)) {
        SnapshotPart part = m_book.part(request->after, request->limit);
        part.partition = m_store->info().partition;
        part.epoch = m_store->info().epoch;
        part.sequence = m_store->info().sequence;
        request->reply(part);
    } else if (auto* digest = std::get_if<DigestRequest>(&message)) {
        digest->reply({m_store->info().epoch, m_store->info().sequence, m_book.digest(), m_book.size()});
    } else if (auto* incidents = std::get_if<IncidentsRequest>(&message)) {
        const IncidentIndex& index = m_book.incidents();
        auto groups = index.groups(incidents->limit);
        const std::size_t omitted = index.causeCount() - groups.size();
        incidents->reply({m_store->info().sequence, std::move(groups), omitted});
    } else if (auto* stock = std::get_if<StockCommand>(&message)) {
        stock->change.at = m_settings.clock.now();
        if (auto told = tell(m_store->changeStock(stock->change), stock->reply); !told)
            return told;
    } else if (auto* warehouse = std::get_if<PutWarehouse>(&message)) {
        if (auto told = tell(m_store->putWarehouse(warehouse->warehouse), warehouse->reply); !told)
            return told;
    } else if (auto* definition = std::get_if<StoreWorkflow>(&message)) {
        if (auto told = tell(m_workflows.put(*definition), definition->reply); !told)
            return told;
    } else if (auto* choice = std::get_if<ChooseWorkflow>(&message)) {
        if (auto told = tell(m_workflows.choose(*choice), choice->reply); !told)
            return told;
    } else if (auto* bulk = std::get_if<StoreBulk>(&message)) {
        if (auto told = tell(m_store->writeBulk(*bulk->changes), bulk->reply); !told)
            return told;
    } else if (auto* act = std::get_if<PrincipalCommand>(&message)) {
        if (auto told = changePrincipal(*act); !told)
            return told;
    } else if (auto* login = std::get_if<PersonCommand>(&message)) {
        if (auto told = tell(m_people.change(*login), login->reply); !told)
            return told;
    } else if (auto* role = std::get_if<RoleCommand>(&message)) {
        if (auto told = tell(m_roles.change(*role), role->reply); !told)
            return told;
    } else if (auto* source = std::get_if<ChangeIntakeSource>(&message)) {
        if (auto told = tell(m_store->changeIntakeSource(source->change), source->reply); !told)
            return told;
    } else if (auto* pauses = std::get_if<PausesRequest>(&message)) {
        pauses->reply(m_pauses.list());
    } else if (auto* stuck = std::get_if<WaitingFactsRequest>(&message)) {
        stuck->reply(explain(stuck->order));
    } else if (auto* rehearsal = std::get_if<Rehearsal>(&message)) {
        return rehearse(rehearsal->messages->all);
    }
    return {};
}

Result<void> Partition::changePrincipal(const PrincipalCommand& command)
{
    const auto done = m_principals.change(command);
    // Sessions must not come to life again when the person is enabled again.
    if (done && done->principal.disabledAt)
        if (auto ended = m_people.endAllOf(command.name, command.actor); !ended)
            return tell(Result<PrincipalOutcome>(tl::unexpected(std::move(ended.error()))), command.reply);
    return tell(done, command.reply);
}

template <typename Done>
Result<void> Partition::tell(const Done& done, const std::function<void(const Done&)>& reply) const
{
    reply(done);
    return done ? Result<void>() : outlived(done.error());
}

Result<void> Partition::outlived(const Error& error)
{
    return isRefusal(error) || !isFatal(error) ? Result<void>() : tl::unexpected(error);
}

void Partition::dispatch()
{
    m_dispatcher.dispatch(m_book, [this](const OrderId& id) -> Result<std::string> {
        auto stored = m_reader->readOrder(id);
        if (!stored)
            return tl::unexpected(stored.error());
        return std::move(stored->document);
    });
    if (m_settings.metrics)
        m_settings.metrics->inHand(m_dispatcher.inHand(), m_dispatcher.waiting());
}

} // namespace gantry::engine
