// SPDX-License-Identifier: GPL-3.0-or-later
// What a partition does for workers: leases in, outcomes into the batch, tasks out after its commit.
#include "daemon/engine/partition.h"

namespace gantry::engine {

namespace {

/// Whether the outcome's lease is over with this verdict: it was recorded, or can never be.
bool endsLease(const Result<TaskReceipt>& verdict)
{
    return verdict || verdict.error().code == ErrorCode::StaleToken;
}

std::string millisText(std::chrono::milliseconds time)
{
    return std::to_string(time.count()) + " ms";
}

} // namespace

Partition::Work Partition::workOf(const Order& order) const
{
    if (!isMachineDue(order))
        return {};
    const Workflow* workflow =
        m_settings.workflows.find(order.summary->workflow, order.summary->workflowVersion);
    const Doer doer = workflow ? doerOf(order, *workflow) : Doer::Nobody;
    if (doer == Doer::Nobody)
        return {};
    const StepDefinition& step = workflow->steps[*workflow->indexOf(order.step.name)];
    return {doer, &step.handlerFor(order.compensating), &step};
}

std::optional<DueTask> Partition::dueTaskOf(const Work& work)
{
    if (work.doer != Doer::Worker)
        return std::nullopt;
    const StepDefinition& step = *work.step;
    return DueTask{
        *work.handler, step.timeout, step.limit ? &*step.limit : nullptr, step.startTimeout, step.runTimeout};
}

void Partition::route(const std::shared_ptr<const Order>& order, bool isReleased)
{
    const Work work = workOf(*order);
    const bool isWithService = m_dispatcher.isInHand(order->id);
    bool isPaused = false;
    if (!m_pauses.isIdle() && work.doer != Doer::Nobody) {
        // What is in hand is not paused: it may be reported, and then the order comes by here again.
        if (isWithService || m_desk.isOut(order->id))
            m_pauses.leave(order->id);
        else
            isPaused = m_pauses.park(*order, *work.handler, isReleased);
    }
    const auto due = isPaused ? std::nullopt : dueTaskOf(work);
    // Never two attempts of one order at a time: what a service has ends first, and then the order comes by here again.
    m_desk.update(order, isWithService ? std::nullopt : due);
    if (work.doer == Doer::Runner && !isPaused && !m_desk.isOut(order->id))
        m_dispatcher.enqueue(*order, *work.handler, work.step->limit ? &*work.step->limit : nullptr);
    else
        m_dispatcher.withdraw(order->id);
    if (work.doer == Doer::Builtin && isReleased && !isPaused)
        m_touch.push_back(order->id);
}

void Partition::reroute(const OrderId& order)
{
    if (const OrderBook::Entry* entry = m_book.find(order))
        route(entry->order);
}

void Partition::extendLeases(Intake& intake)
{
    for (Message& message : intake.messages) {
        auto* request = std::get_if<ExtendLeases>(&message);
        if (!request)
            continue;
        std::vector<Result<LeaseExtension>> answers;
        answers.reserve(request->tokens.size());
        for (const LeaseToken& token : request->tokens) {
            auto extended = m_desk.extend(token);
            const OrderBook::Entry* entry = extended ? nullptr : m_book.find(token.order);
            if (const auto due = entry ? dueTaskOf(workOf(*entry->order)) : std::nullopt) {
                extended = m_desk.adopt(token, entry->order, *due);
                if (extended)
                    m_pauses.leave(token.order); // in hand after all
            }
            answers.push_back(std::move(extended));
        }
        if (request->reply)
            request->reply(std::move(answers));
    }
}

Result<void> Partition::decideReport(BatchRun& run, WorkerReport& report, WorkerRound& workers)
{
    auto& verdicts = workers.verdicts.emplace_back();
    verdicts.reserve(report.outcomes.size());
    for (TaskOutcome& outcome : report.outcomes) {
        Result<TaskReceipt> verdict = tl::unexpected(staleToken());
        if (m_desk.mayReport(outcome.token))
            if (auto done = run.outcome(outcome, report.actor, verdict); !done)
                return done;
        verdicts.push_back(std::move(verdict));
    }
    return {};
}

Result<void> Partition::decideExpiry(BatchRun& run, const TaskDesk::Expired& expired)
{
    if (expired.isRevoked)
        return {};
    const std::string who = expired.worker ? "The worker " + *expired.worker : std::string("A worker");
    const std::string what = expired.run
        ? " was at it for the whole of the " + millisText(*expired.run) + " that an attempt may take."
        : " neither reported nor extended its lease for " + millisText(expired.lease) + '.';
    return run.report({expired.token.order, expired.step, expired.token.attempt, "system",
        {.code = expired.run ? "run_timeout" : "lease_expired",
            .message = who + what
                + " Whether the work was done is not known; the next attempt has the same idempotency "
                  "key."}});
}

Result<void> Partition::decideNotStarted(BatchRun& run, const TaskDesk::NotStarted& missed)
{
    return run.report({missed.order, missed.step, missed.attempt, "system",
        {.code = "not_started",
            .message = "No worker took " + missed.task + " within " + millisText(missed.start) + ". "
                + (missed.hasRoom ? "Start workers that do it, or see why none asks."
                                  : "The step's limit has no room for it: raise it, or wait longer.")}});
}

std::vector<PickupWatch::Overdue> Partition::missedAttempts()
{
    constexpr std::size_t perRound = 1000;
    auto overdue = m_pickups.takeOverdue(m_desk.time(), perRound);
    std::erase_if(overdue, [this](const PickupWatch::Overdue& each) {
        const bool isInHand = m_desk.isOut(each.order) || m_dispatcher.isInHand(each.order);
        return isInHand || m_pauses.holding(each.order).has_value(); // a pause stops this clock, too
    });
    return overdue;
}

void Partition::endLeases(const Intake& intake, const WorkerRound& workers)
{
    auto verdicts = workers.verdicts.begin();
    for (const Message& message : intake.messages) {
        const auto* report = std::get_if<WorkerReport>(&message);
        if (!report)
            continue;
        for (std::size_t i = 0; i < report->outcomes.size(); ++i) {
            const LeaseToken& token = report->outcomes[i].token;
            if ((*verdicts)[i] && report->outcomes[i].succeeded)
                m_desk.noteSuccess(token);
            if (!endsLease((*verdicts)[i]) || !m_desk.end(token))
                continue;
            if (!(*verdicts)[i])
                reroute(token.order); // what was recorded comes by with its change
        }
        ++verdicts;
    }
    std::size_t count = 0;
    for (const TaskDesk::Expired& expired : workers.expired) {
        if (!m_desk.end(expired.token))
            continue; // reported in this very batch
        ++count;
        reroute(expired.token.order);
    }
    if (m_settings.metrics)
        m_settings.metrics->leasesExpired(count);
}

void Partition::answerReports(Intake& intake, WorkerRound& workers)
{
    auto verdicts = workers.verdicts.begin();
    for (Message& message : intake.messages) {
        auto* report = std::get_if<WorkerReport>(&message);
        if (!report)
            continue;
        if (report->reply)
            report->reply(std::move(*verdicts));
        ++verdicts;
    }
}

Result<std::shared_ptr<const std::string>> Partition::documentOf(const OrderId& id)
{
    if (auto known = m_documents.find(id))
        return known;
    auto stored = m_reader->readOrder(id);
    if (!stored)
        return tl::unexpected(std::move(stored.error()));
    auto document = std::make_shared<const std::string>(std::move(stored->document));
    m_documents.put(id, document);
    return document;
}

void Partition::serveWorkers(Intake& intake)
{
    for (Message& message : intake.messages) {
        if (auto* claim = std::get_if<ClaimRequest>(&message)) {
            m_desk.claim(std::move(*claim));
        } else if (const auto* withdrawal = std::get_if<WithdrawClaims>(&message)) {
            m_desk.withdraw(withdrawal->client);
        } else if (const auto* released = std::get_if<ReleaseLeases>(&message)) {
            for (const LeaseToken& token : released->tokens)
                if (m_desk.end(token))
                    reroute(token.order);
        }
    }
    // Nothing is handed out while nothing that came of it could be written down.
    if (!m_fullUntil)
        m_desk.serve([this](const OrderId& id) { return documentOf(id); },
            [this](const Order& order, const std::string& task, const Error& error) {
                // A reader that was too busy is worth another attempt; a damaged document is not.
                m_settings.queue.report({order.id, order.step.name, order.attempt, task,
                    {.code = "no_document",
                        .message = "The order's document can't be read: " + error.message,
                        .fatal = error.code != ErrorCode::Busy}});
            });
    m_desk.endWaits();
    if (m_settings.metrics)
        m_settings.metrics->workers(m_desk.due(), m_desk.leased(), m_desk.waitingClaims());
    if (m_settings.metrics)
        m_settings.metrics->heldBack(m_limits.held(), m_pauses.waiting(), m_pauses.count());
}

} // namespace gantry::engine
