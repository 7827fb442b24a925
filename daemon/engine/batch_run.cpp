// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/batch_run.h"

#include "daemon/engine/dispatcher.h"
#include "daemon/engine/order_audit.h"
#include "shared/domain/decide.h"
#include "shared/protocol/order_codec.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string_view>
#include <utility>

namespace gantry::engine {

namespace {

Command systemCommand(CommandBody body, std::string actor = "system")
{
    Command command;
    command.actor = std::move(actor);
    command.body = std::move(body);
    return command;
}

// An order taken in makes two events or more; moving them while the list grows costs more than the room.
constexpr std::size_t eventsPerMessage = 3;

/// Two texts as one key: neither may hold a control character, so none is taken for another.
std::string joined(const std::string& first, const std::string& second)
{
    std::string key;
    key.reserve(first.size() + 1 + second.size());
    key += first;
    key += '\0';
    key += second;
    return key;
}

CommandBody reportOf(const std::string& step, std::uint32_t attempt, TaskResult result)
{
    if (result.succeeded)
        return ReportSuccess{step, attempt, std::move(result.result), result.reserves, result.money};
    return ReportFailure{
        step, attempt, std::move(result.code), std::move(result.message), result.fatal, result.retryAfter};
}

/// What an event means for the stock that the order holds.
std::optional<store::StockEnd> stockEndOf(const EventBody& body)
{
    if (std::holds_alternative<OrderCompleted>(body))
        return store::StockEnd::Consumed;
    if (std::holds_alternative<OrderCanceled>(body))
        return store::StockEnd::Released;
    if (std::holds_alternative<ReservationExpired>(body))
        return store::StockEnd::Expired;
    return std::nullopt;
}

} // namespace

BatchRun::BatchRun(const BatchContext& context, store::Batch& batch, std::size_t messages)
    : m_context(context)
    , m_batch(batch)
    , m_now(context.clock.now())
    , m_sequence(context.partition.sequence)
{
    m_byId.reserve(messages);
    m_newByKey.reserve(messages);
    m_replies.reserve(messages);
    m_changed.reserve(messages);
    m_changes.newOrders.reserve(messages);
    m_changes.orders.reserve(messages);
    m_changes.events.reserve(messages * eventsPerMessage);
}

Result<void> BatchRun::submit(Submission& submission)
{
    if (submission.idempotency) {
        const auto replayed = replayByKey(*submission.idempotency, submission.reply);
        if (!replayed)
            return tl::unexpected(replayed.error());
        if (*replayed)
            return {};
    }
    const auto replayed = replayByNaturalKey(submission);
    if (!replayed)
        return tl::unexpected(replayed.error());
    if (*replayed)
        return {};

    auto taken = takeIn(std::move(submission.document), std::move(submission.encoded), submission.fingerprint,
        std::move(submission.actor));
    if (!taken) {
        refuse(submission.reply, std::move(taken.error()));
        return {};
    }
    m_replies.push_back({std::move(submission.reply), *taken, false, (*taken)->order.version});
    remember(submission.idempotency, **taken);
    return {};
}

Result<BatchRun::Working*> BatchRun::takeIn(std::shared_ptr<const OrderDocument> submitted,
    std::shared_ptr<const std::string> encoded, const store::Fingerprint& fingerprint, std::string actor)
{
    const OrderDocument& document = *submitted;
    const Workflow& workflow = m_context.workflows.forChannel(document.channel);
    const Slot slot = slotOf(document.channel, document.externalId);
    Working working;
    working.order.id = OrderId::make(m_now, slot, {m_context.random.next(), m_context.random.next()});
    auto summary = std::make_shared<const OrderSummary>(
        summarize(document, m_now, workflow.name, workflow.version, workflow.skippedFor(document)));
    std::string naturalKey = joined(document.channel, document.externalId);
    working.document = std::move(submitted);
    working.encoded = std::move(encoded);

    Working& kept = keep(std::move(working));
    if (auto judged = judge(kept, systemCommand(SubmitOrder{summary}, std::move(actor))); !judged)
        return tl::unexpected(std::move(judged.error())); // then nothing of it is kept
    m_newByKey.emplace(std::move(naturalKey), store::KnownOrder{kept.order.id, fingerprint});
    m_changes.newOrders.push_back({kept.order.id, std::move(summary), kept.encoded, fingerprint});
    return &kept;
}

Result<void> BatchRun::command(OrderCommand& message)
{
    if (message.idempotency) {
        const auto replayed = replayByKey(*message.idempotency, message.reply);
        if (!replayed)
            return tl::unexpected(replayed.error());
        if (*replayed)
            return {};
    }
    const auto working = find(message.order);
    if (!working)
        return tl::unexpected(working.error());
    if (!*working) {
        refuse(message.reply,
            {ErrorCode::NotFound, "There is no order " + message.order.text() + ". Check the id."});
        return {};
    }
    const Order before = (*working)->order;
    auto decided = decideFor(**working, message.command, &message.reply);
    if (decided && (*working)->order.version != before.version) {
        remember(message.idempotency, **working);
        m_changes.audit.push_back(auditOf(message, before, (*working)->order, m_now));
    }
    return decided;
}

Result<void> BatchRun::report(const TaskReport& report)
{
    const auto working = find(report.order);
    if (!working)
        return tl::unexpected(working.error());
    if (!*working)
        return {};
    return decideFor(**working,
        systemCommand(reportOf(report.step, report.attempt, report.result), report.handler), nullptr);
}

Result<void> BatchRun::outcome(TaskOutcome& outcome, const std::string& actor, Result<TaskReceipt>& verdict)
{
    const LeaseToken& token = outcome.token;
    const auto found = find(token.order);
    if (!found)
        return tl::unexpected(found.error());
    Working* working = *found;
    if (!working || stepMark(working->order.step.name) != token.step) {
        verdict = tl::unexpected(staleToken());
        return {};
    }
    CommandBody body;
    if (outcome.succeeded)
        body = ReportSuccess{.step = working->order.step.name,
            .attempt = token.attempt,
            .result = std::move(outcome.result),
            .money = outcome.money};
    else
        body = ReportFailure{working->order.step.name, token.attempt, std::move(outcome.code),
            std::move(outcome.message), outcome.fatal, outcome.retryAfter};
    if (auto judged = judge(*working, systemCommand(std::move(body), actor)); !judged)
        verdict = tl::unexpected(std::move(judged.error()));
    else
        verdict = TaskReceipt{stateOf(working->order), working->order.version};
    return {};
}

Result<void> BatchRun::timer(const OrderId& order)
{
    const auto working = find(order);
    if (!working)
        return tl::unexpected(working.error());
    if (!*working)
        return {};
    const std::vector<Hold> holds = (*working)->order.holds;
    for (const Hold& hold : holds)
        if (hold.expiresAt && *hold.expiresAt <= m_now)
            if (auto decided = decideFor(**working, systemCommand(ExpireHold{hold.id}), nullptr); !decided)
                return decided;
    if (!m_context.pauses || !m_context.pauses->stops((*working)->order, {}))
        if (auto decided = decideFor(**working, systemCommand(ElapseTimer{}), nullptr); !decided)
            return decided;
    return decideFor(**working, systemCommand(MakeRetryDue{}), nullptr);
}

Result<void> BatchRun::expireReservation(const OrderId& order)
{
    const auto working = find(order);
    if (!working)
        return tl::unexpected(working.error());
    if (!*working)
        return {};
    return decideFor(**working, systemCommand(ExpireReservation{}), nullptr);
}

Result<void> BatchRun::missed(const PickupWatch::Overdue& overdue)
{
    const auto working = find(overdue.order);
    if (!working)
        return tl::unexpected(working.error());
    if (!*working)
        return {};
    return decideFor(**working, systemCommand(ReportNotPickedUp{overdue.step, overdue.attempt}), nullptr);
}

BatchRun::Working& BatchRun::keep(Working working)
{
    Working& kept = m_working.emplace_back(std::move(working));
    m_byId.emplace(kept.order.id, &kept);
    return kept;
}

Result<BatchRun::Working*> BatchRun::find(const OrderId& id)
{
    if (const auto found = m_byId.find(id); found != m_byId.end())
        return found->second;
    Working working;
    if (const OrderBook::Entry* entry = m_context.book.find(id)) {
        working.before = entry->order;
        working.lastSequence = entry->lastSequence;
    } else {
        auto stored = m_batch.findOrder(id);
        if (!stored)
            return tl::unexpected(stored.error());
        if (!*stored)
            return nullptr;
        working.lastSequence = (*stored)->lastSequence;
        working.before = std::make_shared<const Order>(std::move((*stored)->order));
    }
    working.order = *working.before;
    return &keep(std::move(working));
}

Result<bool> BatchRun::replayByKey(const IdempotencyKey& key, CommandReply& reply)
{
    std::optional<store::IdempotencyRecord> known;
    if (const auto found = m_keys.find(joined(key.principal, key.key)); found != m_keys.end()) {
        known = found->second;
    } else {
        auto stored = m_batch.findIdempotencyKey(key.principal, key.key);
        if (!stored)
            return tl::unexpected(stored.error());
        known = std::move(*stored);
    }
    if (!known)
        return false;
    if (known->fingerprint != key.fingerprint) {
        refuse(reply,
            {ErrorCode::IdempotencyKeyReused,
                "The idempotency key " + key.key
                    + " was used for another request. Use a new key for a new request."});
        return true;
    }
    const auto working = find(known->order);
    if (!working)
        return tl::unexpected(working.error());
    m_replies.push_back({std::move(reply), *working, true, known->version});
    return true;
}

Result<bool> BatchRun::replayByNaturalKey(Submission& submission)
{
    const OrderDocument& document = *submission.document;
    const auto found = findKnown(document.channel, document.externalId);
    if (!found)
        return tl::unexpected(found.error());
    if (!*found)
        return false;
    const store::KnownOrder& known = **found;
    if (known.fingerprint != submission.fingerprint) {
        refuse(submission.reply,
            {ErrorCode::OrderExists,
                "Channel " + document.channel + " already has an order " + document.externalId + " ("
                    + known.id.text()
                    + ") with other contents. Use another external_id, or change that order by an action."});
        return true;
    }
    const auto working = find(known.id);
    if (!working)
        return tl::unexpected(working.error());
    m_replies.push_back({std::move(submission.reply), *working, true, (*working)->order.version});
    return true;
}

Result<std::optional<store::KnownOrder>> BatchRun::findKnown(
    const std::string& channel, const std::string& externalId)
{
    if (const auto found = m_newByKey.find(joined(channel, externalId)); found != m_newByKey.end())
        return found->second;
    return m_batch.findByExternalId(channel, externalId);
}

Result<void> BatchRun::judge(Working& working, Command command)
{
    const auto* submit = std::get_if<SubmitOrder>(&command.body);
    const auto& summary = submit ? submit->summary : working.order.summary;
    const Workflow* workflow = m_context.workflows.find(summary->workflow, summary->workflowVersion);
    if (!workflow)
        return failure(ErrorCode::Unavailable,
            "The workflow " + summary->workflow + " version " + std::to_string(summary->workflowVersion)
                + " of order " + working.order.id.text() + " is not loaded here. Load it and repeat.");
    if (const auto* move = std::get_if<MigrateWorkflow>(&command.body);
        move && !m_context.workflows.find(move->to->name, move->to->version))
        return failure(ErrorCode::Unavailable,
            "The workflow " + move->to->name + " version " + std::to_string(move->to->version)
                + " is not loaded here. Nothing was changed; load it and repeat.");
    command.at = m_now;
    command.chance = m_context.random.unit();
    auto events = decide(working.order, command, *workflow);
    if (!events)
        return tl::unexpected(std::move(events.error()));
    record(working, std::move(*events));
    return {};
}

Result<void> BatchRun::decideFor(Working& working, Command command, CommandReply* reply)
{
    auto judged = judge(working, std::move(command));
    if (!reply)
        return {}; // nobody asks: a late timer or a stale report changes nothing
    if (judged)
        m_replies.push_back({std::move(*reply), &working, false, working.order.version});
    else
        refuse(*reply, std::move(judged.error()));
    return {};
}

void BatchRun::record(Working& working, std::vector<Event> events)
{
    if (events.empty())
        return;
    for (Event& event : events) {
        working.order = apply(std::move(working.order), event);
        if (const auto end = stockEndOf(event.body))
            m_changes.stock.push_back({working.order.id, *end, event.at, event.actor});
        m_changes.events.push_back(
            {{++m_sequence, working.order.id, std::move(event)}, working.lastSequence});
        working.lastSequence = m_sequence;
    }
    list(working);
}

void BatchRun::list(Working& working)
{
    if (working.isListed || !isMachineDue(working.order))
        return;
    working.isListed = true;
    m_builtinDue.push_back(&working);
}

void BatchRun::remember(const std::optional<IdempotencyKey>& key, const Working& working)
{
    if (!key)
        return;
    store::IdempotencyRecord record{
        key->principal, key->key, key->fingerprint, working.order.id, working.order.version, m_now};
    m_keys.emplace(joined(key->principal, key->key), record);
    m_changes.idempotency.push_back(std::move(record));
}

void BatchRun::refuse(CommandReply& reply, Error error)
{
    m_replies.push_back({std::move(reply), nullptr, false, 0, std::move(error)});
}

Result<void> BatchRun::touch(const OrderId& order)
{
    const auto working = find(order);
    if (!working)
        return tl::unexpected(working.error());
    if (!*working)
        return {};
    list(**working);
    (*working)->mayPass = isMachineDue((*working)->order); // not what comes after a timer
    return decideFor(**working, systemCommand(ElapseTimer{}), nullptr);
}

bool BatchRun::isPaused(Working& working, const std::string& handler) const
{
    return !std::exchange(working.mayPass, false) && m_context.pauses
        && m_context.pauses->stops(working.order, handler);
}

Result<void> BatchRun::runBuiltins()
{
    if (auto settled = settleExpired(); !settled)
        return settled;
    // Each round moves every order on by one step at least, and a workflow has an end: so does this loop.
    while (!m_builtinDue.empty()) {
        std::map<std::string_view, std::vector<Working*>> byHandler; // the names are the workflows' own
        for (Working* working : std::exchange(m_builtinDue, {})) {
            working->isListed = false;
            const auto& summary = *working->order.summary;
            const Workflow* workflow = m_context.workflows.find(summary.workflow, summary.workflowVersion);
            if (!workflow || doerOf(working->order, *workflow) != Doer::Builtin)
                continue;
            const StepDefinition& step = workflow->steps[*workflow->indexOf(working->order.step.name)];
            if (const std::string& handler = step.handlerFor(working->order.compensating);
                !isPaused(*working, handler))
                byHandler[handler].push_back(working);
        }
        for (const auto& [handler, due] : byHandler)
            if (auto done = runBuiltin(std::string(handler), due); !done)
                return done;
    }
    return {};
}

Result<void> BatchRun::settleExpired()
{
    const auto isExpired = [](const store::StockOutcome& outcome) {
        return outcome.end == store::StockEnd::Expired;
    };
    const auto first =
        std::stable_partition(m_changes.stock.begin(), m_changes.stock.end(), std::not_fn(isExpired));
    const std::vector<store::StockOutcome> expired(first, m_changes.stock.end());
    m_changes.stock.erase(first, m_changes.stock.end());
    return expired.empty() ? Result<void>() : m_batch.settle(expired);
}

Result<void> BatchRun::runBuiltin(const std::string& handler, const std::vector<Working*>& due)
{
    BuiltinStep* step = m_context.steps.builtin(handler);
    std::vector<TaskResult> results(due.size());
    if (step) {
        const auto tasks = tasksFor(due);
        if (!tasks)
            return tl::unexpected(tasks.error());
        auto ran = step->run(m_batch, *tasks);
        if (!ran)
            return tl::unexpected(ran.error());
        results = std::move(*ran);
    } else {
        for (TaskResult& result : results)
            result = {.code = std::string(noHandlerCode),
                .message = "Nothing here does " + handler + ". Configure it, then retry.",
                .fatal = true};
    }
    for (std::size_t i = 0; i < due.size(); ++i) {
        const Order& order = due[i]->order;
        auto body = reportOf(order.step.name, order.attempt, std::move(results[i]));
        if (auto decided = decideFor(*due[i], systemCommand(std::move(body)), nullptr); !decided)
            return decided;
    }
    return {};
}

Result<std::vector<BuiltinTask>> BatchRun::tasksFor(const std::vector<Working*>& due)
{
    std::vector<BuiltinTask> tasks;
    tasks.reserve(due.size());
    for (Working* working : due) {
        const auto document = documentOf(*working);
        if (!document)
            return tl::unexpected(document.error());
        tasks.push_back({&working->order, working->document.get(), m_now});
    }
    return tasks;
}

Result<std::shared_ptr<const OrderDocument>> BatchRun::documentOf(Working& working)
{
    if (!working.document) {
        const auto text = m_batch.readDocument(working.order.id);
        if (!text)
            return tl::unexpected(text.error());
        auto document = decodeDocument(m_parser, *text);
        if (!document)
            return tl::unexpected(document.error());
        working.document = std::make_shared<const OrderDocument>(std::move(*document));
    }
    return working.document;
}

void BatchRun::countChange(const Working& working)
{
    const auto count = [this](const Order& order, std::int64_t by) {
        m_changes.counters.byState[static_cast<std::size_t>(stateOf(order))] += by;
        if (order.outcome == Outcome::Open)
            m_changes.counters.openByStep[order.step.name] += by;
    };
    if (working.before)
        count(*working.before, -1);
    count(working.order, 1);
}

store::BatchChanges& BatchRun::changes()
{
    for (Working& working : m_working) {
        const Order& order = working.order;
        if (order.version == (working.before ? working.before->version : 0)) {
            working.after = working.before;
            continue;
        }
        countChange(working);
        m_changes.orders.push_back({order, working.lastSequence});
        working.after = std::make_shared<const Order>(std::move(working.order));
        m_changed.push_back(
            {working.after, working.lastSequence, working.before ? nullptr : working.encoded});
    }
    return m_changes;
}

void BatchRun::answer()
{
    // What other threads made goes back to them with their answers: to free it here would wait for the lock of their memory.
    m_changes.newOrders.clear();
    for (Working& working : m_working) {
        working.document.reset();
        working.encoded.reset();
    }
    for (PendingReply& pending : m_replies) {
        if (!pending.reply)
            continue;
        if (!pending.working) {
            pending.reply(tl::unexpected(pending.error));
            continue;
        }
        pending.reply(CommandOutcome{pending.working->after, pending.replayed, pending.version});
    }
    for (PendingDelivery& pending : m_deliveryReplies)
        if (pending.reply)
            pending.reply(pending.index ? m_changes.deliveries[*pending.index] : pending.other);
}

void BatchRun::answer(const Error& error)
{
    for (PendingReply& pending : m_replies)
        if (pending.reply)
            pending.reply(tl::unexpected(error)); // a refusal, too: it may rest on what was not committed
    for (PendingDelivery& pending : m_deliveryReplies)
        if (pending.reply)
            pending.reply(tl::unexpected(error));
}

} // namespace gantry::engine
