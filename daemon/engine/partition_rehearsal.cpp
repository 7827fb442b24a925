// SPDX-License-Identifier: GPL-3.0-or-later
// What would become of messages: decided and checked as ever, in a transaction that is rolled back, and answered; nothing is taken over.
#include "daemon/engine/partition.h"

#include <algorithm>

namespace gantry::engine {

namespace {

/// While it lives, what the store writes alone is rolled back.
class StoreRehearsal {
public:
    explicit StoreRehearsal(store::PartitionStore& store)
        : m_store(store)
    {
        m_store.rehearse(true);
    }
    ~StoreRehearsal() { m_store.rehearse(false); }
    StoreRehearsal(const StoreRehearsal&) = delete;
    StoreRehearsal& operator=(const StoreRehearsal&) = delete;

private:
    store::PartitionStore& m_store;
};

bool isOfOrders(const Message& message)
{
    return std::holds_alternative<Submission>(message) || std::holds_alternative<OrderCommand>(message)
        || std::holds_alternative<Delivery>(message) || std::holds_alternative<WorkerReport>(message);
}

} // namespace

Result<void> Partition::rehearse(std::vector<Message>& messages)
{
    if (std::any_of(messages.begin(), messages.end(), isOfOrders))
        if (auto done = rehearseOrders(messages); !done)
            return done;
    for (Message& message : messages)
        if (!isOfOrders(message))
            if (auto done = rehearseOther(message); !done)
                return done;
    return {};
}

Result<void> Partition::rehearseOrders(std::vector<Message>& messages)
{
    Intake intake;
    WorkerRound workers;
    for (Message& message : messages)
        if (isOfOrders(message))
            intake.messages.push_back(std::move(message));
    auto batch = m_store->begin();
    if (!batch)
        return giveUp(intake, {}, batch.error());
    const BatchContext context{m_book, m_settings.workflows, m_settings.steps, m_settings.clock,
        m_settings.random, m_store->info(), &m_pauses};
    BatchRun run(context, **batch, intake.messages.size());
    auto done = decideMessages(run, intake, workers);
    if (done)
        done = run.runBuiltins();
    static_cast<void>(run.changes());
    batch->reset(); // nothing was committed
    if (!done) {
        run.answer(done.error());
        return giveUp(intake, {}, done.error());
    }
    run.answer();
    answerReports(intake, workers);
    return {};
}

Result<void> Partition::rehearseOther(Message& message)
{
    if (auto* claim = std::get_if<ClaimRequest>(&message)) {
        static_cast<void>(
            claim->reply(std::vector<LeasedTask>())); // what is due now may be another's in a moment
        return {};
    }
    if (auto* extension = std::get_if<ExtendLeases>(&message)) {
        std::vector<Result<LeaseExtension>> answers;
        for (const LeaseToken& token : extension->tokens)
            answers.push_back(m_desk.foresee(token));
        if (extension->reply)
            extension->reply(std::move(answers));
        return {};
    }
    const StoreRehearsal rehearsal(*m_store);
    if (auto* pause = std::get_if<PauseCommand>(&message)) {
        auto done = m_pauseDesk.change(*pause);
        if (done && done->isNew)
            done->waiting = countStopped(done->pause);
        if (pause->reply)
            pause->reply(done);
        return done ? Result<void>() : outlived(done.error());
    }
    return answerQuestion(message);
}

} // namespace gantry::engine
