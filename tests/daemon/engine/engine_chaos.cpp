// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/engine/engine_chaos.h"

#include <algorithm>
#include <array>

namespace gantry::test {

namespace {

constexpr int movesAtOnce = 3; // enough for a case of a hundred numbers to go deep
constexpr const char* channel = "test"; // of sampleOrder()
constexpr milliseconds longestRound{2'000}; // docs/workers.md: time goes on by so much at most

/// The shop's workflow, in part, with time-outs, limits and codes as the dice say.
Workflow randomShop(std::uint64_t seed)
{
    Dice dice(seed);
    Workflow workflow = ShopWorld::shopWorkflow();
    std::erase_if(workflow.steps,
        [&dice](const StepDefinition& step) { return step.name != "authorize" && dice.chance(50); });
    if (dice.chance(60)) // so that each comes first at times, and is reached
        std::rotate(workflow.steps.begin(),
            workflow.steps.begin() + static_cast<std::ptrdiff_t>(dice.roll(workflow.steps.size())),
            workflow.steps.end());
    for (StepDefinition& step : workflow.steps) {
        if (step.kind == StepKind::Approval && dice.chance(50))
            step.cancelCodes = {std::string(rejectedCode)};
        if (step.kind != StepKind::Worker && step.kind != StepKind::Service)
            continue;
        step.retry.maxAttempts = 1 + static_cast<int>(dice.roll(3));
        if (dice.chance(20))
            step.cancelCodes = {"refused"};
        if (dice.chance(30))
            step.limit = StepLimit{.concurrency = 1 + static_cast<std::uint32_t>(dice.roll(2))};
        if (step.kind == StepKind::Worker && dice.chance(50))
            step.startTimeout = seconds(90);
        if (step.kind == StepKind::Worker && dice.chance(50))
            step.runTimeout = seconds(35);
    }
    return workflow;
}

/// Workers die of its forward steps.
bool isPoison(const Order& order)
{
    return order.summary->externalId == "3" && !order.compensating;
}

Error died()
{
    return {ErrorCode::Unavailable, "The process died."};
}

} // namespace

EngineChaos::EngineChaos(std::uint64_t seed, ChaosCoverage& coverage)
    : m_coverage(coverage)
    , m_world(randomShop(seed), seed)
{
    m_world.mayStop = true;
    m_world.service->onStart = [this](const engine::Task& task) { checkCall(task); };
}

void EngineChaos::must(bool holds, const std::string& promise) const
{
    if (holds)
        return;
    const std::string breach = "broken: " + promise + "\nafter" + m_story;
    if (m_coverage.breaches++ == 0)
        qWarning("%s", breach.c_str()); // at once, as shrinking takes minutes
    RC_FAIL(breach);
}

void EngineChaos::move(std::uint64_t seed)
{
    using Move = std::pair<const char*, void (EngineChaos::*)(Dice&)>;
    static constexpr std::array<Move, 23> moves{{{"submit", &EngineChaos::submit},
        {"submit", &EngineChaos::submit}, {"claim", &EngineChaos::claim}, {"claim", &EngineChaos::claim},
        {"claim", &EngineChaos::claim}, {"work", &EngineChaos::work}, {"work", &EngineChaos::work},
        {"work", &EngineChaos::work}, {"report", &EngineChaos::report}, {"report", &EngineChaos::report},
        {"report", &EngineChaos::report}, {"repeat", &EngineChaos::repeat}, {"forge", &EngineChaos::forge},
        {"extend", &EngineChaos::extend}, {"lose", &EngineChaos::loseWorker},
        {"call", &EngineChaos::answerCall}, {"call", &EngineChaos::answerCall}, {"act", &EngineChaos::act},
        {"act", &EngineChaos::act}, {"pause", &EngineChaos::pause}, {"break", &EngineChaos::breakDown},
        {"time", &EngineChaos::letTimePass}, {"time", &EngineChaos::letTimePass}}};
    Dice dice(seed);
    for (int i = 0; i < movesAtOnce; ++i) {
        const auto& [name, made] = dice.pick(moves);
        m_story.append(" ").append(name);
        m_coverage.moves.insert(name);
        round(Millis(0)); // what is due by now is done before, so that what changes below is the move's doing
        (this->*made)(dice);
        checkNobodyIsLost();
    }
}

void EngineChaos::round(Millis time)
{
    m_world.clock.advance(time);
    m_time += std::min(time, longestRound);
    if (!m_world.run())
        restart("died");
}

void EngineChaos::restart(const char* why)
{
    m_story.append(" (").append(why).append(")");
    m_coverage.moves.insert(why);
    m_leases.clear(); // a restart forgets them, and the tokens may be good still
    m_world.faults = {}; // a new process, and a disk that has room
    m_world.restart();
    checkAll();
}

// What people, workers and services do

OrderId EngineChaos::anyOrder(Dice& dice) const
{
    return std::next(m_orders.begin(), static_cast<std::ptrdiff_t>(dice.roll(m_orders.size())))->second.first;
}

EngineChaos::Hand* EngineChaos::anyHand(Dice& dice, bool isPresent)
{
    std::vector<Hand*> choices;
    for (Hand& hand : m_hands)
        if (!isPresent || !hand.isDropped)
            choices.push_back(&hand);
    return choices.empty() ? nullptr : dice.pick(choices);
}

void EngineChaos::submit(Dice& dice)
{
    const std::string externalId = std::to_string(dice.roll(6));
    const std::int64_t quantity = dice.chance(15) ? 2 : 1;
    const auto outcome = m_world.submit(sampleOrder(externalId, "plain", quantity));
    const auto known = m_orders.find(externalId);
    if (!outcome && outcome.error().code == ErrorCode::OrderExists) {
        const bool isOther = known != m_orders.end() && known->second.second != quantity;
        return must(isOther || m_unsure.contains(externalId), "only what there is otherwise is refused");
    }
    if (!outcome) {
        m_unsure.insert(externalId);
        return must(m_world.hasStopped || outcome.error().code == ErrorCode::StorageFull, "else it is taken");
    }
    if (known != m_orders.end())
        return must(outcome->replayed && known->second == std::pair{outcome->order->id, quantity},
            "a repeat gives the same order");
    must(!outcome->replayed || m_unsure.contains(externalId), "a new one is no repeat");
    m_orders.emplace(externalId, std::pair{outcome->order->id, quantity});
}

void EngineChaos::claim(Dice& dice)
{
    m_world.worker = "w" + std::to_string(dice.roll(3));
    const bool isReceived = !dice.chance(10);
    const auto count = 1 + static_cast<std::uint32_t>(dice.roll(4));
    for (LeasedTask& task : m_world.claim(count, m_world.workerTasks(), isReceived)) {
        checkHandedOut(task);
        if (!isReceived)
            continue;
        m_leases[task.order->id] = {task.token, m_time + task.lease};
        std::string key = engine::idempotencyKeyOf(*task.order);
        m_hands.push_back({std::move(task), m_world.worker, std::move(key)});
    }
}

bool EngineChaos::mayWork(const Hand& hand) const
{
    const OrderId& id = hand.task.order->id;
    const auto lease = m_leases.find(id);
    if (lease != m_leases.end() && lease->second.token == hand.task.token && lease->second.until > m_time)
        return true;
    // It stood still, and does not know that its time is over. As long as nobody undoes, doing it twice is no harm.
    const auto order = m_world.open(id);
    return order && order->compensating == hand.task.order->compensating;
}

void EngineChaos::work(Dice& dice)
{
    Hand* hand = anyHand(dice, true);
    if (!hand)
        return;
    if (isPoison(*hand->task.order))
        hand->isDropped = true; // it dies of it
    else if (dice.chance(25))
        hand->isHanging = true;
    else if (mayWork(*hand)) {
        m_world.outside.perform(hand->key);
        hand->isDone = true;
    }
}

void EngineChaos::send(Hand& hand, engine::TaskOutcome outcome)
{
    const OrderId id = hand.task.order->id;
    const bool succeeded = outcome.succeeded;
    const auto before = m_world.stored(id).version;
    std::vector<engine::TaskOutcome> outcomes;
    outcomes.push_back(std::move(outcome));
    const auto verdict = m_world.report(std::move(outcomes)).front();
    m_coverage.verdicts.insert(verdict ? "recorded" : std::string(codeName(verdict.error().code)));
    if (m_world.hasStopped)
        return; // nobody knows; the log will tell
    const auto after = m_world.stored(id).version;
    if (verdict) {
        must(after > before, "what is confirmed is recorded");
        must(!succeeded || m_acknowledged.insert({id, hand.key}).second, "a result is recorded once");
    } else {
        must(after == before, "what is not confirmed changes nothing");
        must(verdict.error().code == ErrorCode::StaleToken || verdict.error().code == ErrorCode::StorageFull,
            "a report is recorded, stale, or to be sent again");
    }
    if (!verdict && verdict.error().code == ErrorCode::StorageFull)
        return;
    hand.isDropped = true;
    const auto lease = m_leases.find(id);
    if (lease != m_leases.end() && lease->second.token == hand.task.token)
        m_leases.erase(lease);
}

void EngineChaos::report(Dice& dice)
{
    Hand* hand = anyHand(dice, true);
    if (!hand || hand->isHanging)
        return;
    static constexpr std::array codes{"no_answer", "refused", "odd"};
    if (hand->isDone && dice.chance(80))
        send(*hand, {.token = hand->task.token, .succeeded = true});
    else
        send(*hand, {.token = hand->task.token, .code = dice.pick(codes), .fatal = dice.chance(10)});
}

void EngineChaos::repeat(Dice& dice)
{
    Hand* hand = anyHand(dice, false); // late, doubled or gone
    if (!hand)
        return;
    const OrderId id = hand->task.order->id;
    switch (dice.roll(3)) {
    case 0:
        if (hand->isDone)
            return send(*hand, {.token = hand->task.token, .succeeded = true});
        [[fallthrough]];
    case 1: return send(*hand, {.token = hand->task.token, .code = "late"});
    default: break;
    }
    const auto before = m_world.stored(id).version;
    m_world.send(engine::ReleaseLeases{{hand->task.token}});
    must(m_world.hasStopped || m_world.stored(id).version == before, "giving back is no event");
    const auto lease = m_leases.find(id);
    if (lease != m_leases.end() && lease->second.token == hand->task.token)
        m_leases.erase(lease);
    hand->isDropped = true;
}

void EngineChaos::forge(Dice& dice)
{
    const Hand* hand = anyHand(dice, false);
    const auto epoch = static_cast<std::uint32_t>(m_world.partition->info().epoch);
    if (!hand || hand->task.token.epoch != epoch)
        return;
    LeaseToken token = hand->task.token;
    switch (dice.roll(4)) {
    case 0: ++token.attempt; break;
    case 1: token.lease += 1'000; break;
    case 2: token.step ^= 1; break;
    default: token.order = OrderId::make(m_world.clock.now(), 1, {dice.next(), dice.next()});
    }
    const auto before = m_world.stored(hand->task.order->id).version;
    const auto verdict = m_world.complete(token);
    if (m_world.hasStopped)
        return;
    must(!verdict && verdict.error().code == ErrorCode::StaleToken, "a forged token is stale");
    must(m_world.stored(hand->task.order->id).version == before, "a forged token changes nothing");
}

void EngineChaos::extend(Dice& dice)
{
    Hand* hand = anyHand(dice, true);
    if (!hand)
        return;
    const OrderId id = hand->task.order->id;
    const auto before = m_world.stored(id).version;
    const auto extended = m_world.extend(hand->task.token);
    if (m_world.hasStopped)
        return;
    must(m_world.stored(id).version == before, "extending is no event");
    if (extended) {
        must(extended->lease.count() > 0 && extended->lease <= m_world.stepOf(*hand->task.order).timeout,
            "a lease has its length at most");
        m_leases[id] = {hand->task.token, m_time + extended->lease};
        return;
    }
    const auto lease = m_leases.find(id);
    const bool isLive =
        lease != m_leases.end() && lease->second.token == hand->task.token && lease->second.until > m_time;
    const auto order = m_world.open(id);
    const bool isPresent = order && !order->incident && !order->retryAt
        && order->attempt == hand->task.token.attempt
        && engine::stepMark(order->step.name) == hand->task.token.step;
    must(!(isLive && isPresent), "a lease that holds can be extended");
    hand->isDropped = true;
}

void EngineChaos::loseWorker(Dice& dice)
{
    const std::string worker = "w" + std::to_string(dice.roll(3));
    for (Hand& hand : m_hands)
        if (hand.worker == worker)
            hand.isDropped = true; // before or after its effect, before or after its report: as it came
}

void EngineChaos::answerCall(Dice& dice)
{
    if (m_world.service->waiting() == 0)
        return;
    const std::size_t index = dice.roll(m_world.service->waiting());
    if (dice.chance(75))
        m_world.outside.perform(m_world.service->peek(index).idempotencyKey);
    if (dice.chance(10))
        return; // it hangs, with its effect or without
    auto call = m_world.service->take(index);
    const bool isDone = m_world.outside.calls(call.task.idempotencyKey) > 0;
    if (isDone && dice.chance(80))
        call.done({.succeeded = true});
    else
        call.done({.code = "no_answer", .message = "no", .fatal = dice.chance(10)});
    static_cast<void>(m_world.run());
}

void EngineChaos::act(Dice& dice)
{
    if (m_orders.empty())
        return;
    const OrderId id = anyOrder(dice);
    const auto before = m_world.stored(id).version;
    const Role role = dice.chance(80) ? Role::Admin : static_cast<Role>(dice.roll(4));
    const auto order = m_world.open(id);
    auto allowed = order ? allowedActions(*order, Role::Admin) : std::vector<Action>();
    if (dice.chance(70)) // most of what people do lets orders go on
        std::erase_if(allowed, [](Action each) { return each == Action::Cancel || each == Action::Hold; });
    const Action action = allowed.empty() || dice.chance(20) ? dice.pick(allActions) : dice.pick(allowed);
    const auto outcome = m_world.act(id, action, role, "person " + std::to_string(dice.roll(4)));
    if (m_world.hasStopped)
        return;
    must(outcome.has_value() == (m_world.stored(id).version > before), "what is refused changes nothing");
    m_story.append(":").append(actionName(action)).append(outcome ? "" : "!");
    m_coverage.moves.insert("act " + std::string(actionName(action)) + (outcome ? "" : " refused"));
}

void EngineChaos::pause(Dice& dice)
{
    std::vector<std::pair<PauseScope, std::string>> names{{PauseScope::Channel, channel}};
    for (const StepDefinition& step : m_world.workflow().steps)
        names.emplace_back(PauseScope::Step, step.name);
    for (const std::string& task : m_world.workerTasks())
        names.emplace_back(PauseScope::Task, task);
    for (const char* worker : {"w0", "w1", "w2"})
        names.emplace_back(PauseScope::Worker, worker);
    const bool ends = !m_pauses.empty() && dice.chance(60);
    const auto [scope, name] = ends
        ? *std::next(m_pauses.begin(), static_cast<std::ptrdiff_t>(dice.roll(m_pauses.size())))
        : dice.pick(names);
    if (ends)
        m_pauses.erase({scope, name}); // what waited may go in that very round
    const auto done = m_world.changePause(scope, name, ends);
    must(done.has_value(), "what there is is paused and resumed");
    if (!ends)
        m_pauses.emplace(scope, name);
}

void EngineChaos::breakDown(Dice& dice)
{
    switch (dice.roll(4)) {
    case 0: return restart("killed");
    case 1: m_world.faults.nextCommit = died(); return; // nothing of the next batch is written
    case 2: m_world.faults.afterCommit = died(); return; // it is written, and nobody is told
    default: m_world.faults.nextCommit = Error{ErrorCode::StorageFull, "The disk is full."}; return;
    }
}

void EngineChaos::letTimePass(Dice& dice)
{
    if (dice.chance(20)) { // somebody sets the clock, forwards or back
        const auto hours = static_cast<int>(dice.roll(7)) - 3;
        m_world.clock.jump(std::chrono::hours(hours));
        return round(Millis(0));
    }
    if (dice.chance(10))
        return round(std::chrono::hours(1)); // the process was stopped meanwhile (SIGSTOP)
    for (std::uint64_t i = 1 + dice.roll(60); i > 0; --i) {
        round(seconds(1));
        if (i % 10 != 0)
            continue;
        for (Hand& hand : m_hands)
            if (hand.isHanging && !hand.isDropped && !m_world.extend(hand.task.token))
                hand.isDropped = true;
            else if (hand.isHanging && !hand.isDropped)
                m_leases[hand.task.order->id].token = hand.task.token;
        if (m_world.hasStopped)
            restart("died");
    }
}

void EngineChaos::settle()
{
    m_story.append(" settle");
    m_world.faults = {};
    m_leases.clear();
    for (const auto& [scope, name] : std::exchange(m_pauses, {}))
        must(m_world.changePause(scope, name, true).has_value(), "what is paused can be resumed");
    for (int i = 0; i < 40; ++i)
        round(seconds(1)); // the leases of all who died are over, and the disk has room
    const auto openOrders = [this] {
        std::vector<std::shared_ptr<const Order>> open;
        m_world.partition->book().forEach([&open](const auto& entry) { open.push_back(entry.order); });
        return open;
    };
    for (const auto& order : openOrders())
        if (isPoison(*order))
            must(m_world.act(order->id, Action::Cancel).has_value(), "poison can be canceled");
    constexpr int enough =
        200; // rounds in which each order goes on, if a limit does not keep it behind a better one
    for (int i = 0; i < enough && m_world.partition->book().size() > 0; ++i) {
        bool wentOn = false;
        for (const auto& order : openOrders())
            wentOn |= m_world.goOn(order->id);
        if (!wentOn)
            m_world.pass(seconds(5)); // a pause is ending
    }
    for (const auto& order : openOrders())
        must(false,
            "every order comes to an end; one stays at " + order->step.name + ", "
                + std::string(stateName(stateOf(*order))));
}

// What must hold

void EngineChaos::checkHandedOut(const LeasedTask& task)
{
    const auto order = m_world.open(task.order->id);
    must(order && *order == *task.order && m_world.stored(task.order->id) == *order,
        "only what is committed is handed out");
    must(isMachineDue(*order), "only what is due is handed out");
    const StepDefinition& step = m_world.stepOf(*order);
    must(*task.task == step.handlerFor(order->compensating), "the task is the step's, or its undoing");
    must(task.lease <= step.timeout, "a lease has its length at most");
    const auto lease = m_leases.find(order->id);
    must(lease == m_leases.end() || lease->second.until <= m_time, "an order is in one worker's hands");
    const bool isPaused = m_pauses.contains({PauseScope::Step, order->step.name})
        || m_pauses.contains({PauseScope::Task, *task.task})
        || m_pauses.contains({PauseScope::Channel, channel})
        || m_pauses.contains({PauseScope::Worker, m_world.worker});
    must(!isPaused, "what is paused is not handed out");
}

void EngineChaos::checkCall(const engine::Task& task)
{
    const auto order = m_world.open(task.order->id);
    must(order && *order == *task.order && isMachineDue(*order),
        "a service is called for what is committed and due"); // so for no step once undoing began
    must(!m_pauses.contains({PauseScope::Step, task.step})
            && !m_pauses.contains({PauseScope::Task, task.handler})
            && !m_pauses.contains({PauseScope::Channel, channel}),
        "what is paused is not called");
}

void EngineChaos::checkStuck(const engine::WaitingFacts& facts)
{
    const Order& order = *facts.order;
    const std::string where = " (at " + order.step.name + ", attempt " + std::to_string(order.attempt) + ')';
    if (isMachineDue(order))
        return must(facts.stage != engine::WaitingStage::NotDue, "what is due is somewhere" + where);
    const bool needsPerson =
        order.incident || !order.holds.empty() || order.step.performer == Performer::Person;
    const auto at = order.retryAt ? order.retryAt : order.step.dueAt;
    must(needsPerson || at, "what is open waits for somebody or for a time" + where);
    if (needsPerson || facts.pause)
        return;
    const auto next = m_world.partition->nextTimer();
    must(next && *next <= std::max(*at, m_world.clock.now() + seconds(1)),
        "the partition wakes in time" + where);
}

void EngineChaos::checkNobodyIsLost()
{
    if (m_world.hasStopped)
        return restart("died");
    std::vector<engine::Message> questions;
    std::vector<engine::WaitingFacts> answers;
    m_world.partition->book().forEach([&](const auto& entry) {
        questions.emplace_back(engine::WaitingFactsRequest{entry.order->id, [&answers](const auto& facts) {
                                                               if (facts)
                                                                   answers.push_back(*facts);
                                                           }});
    });
    if (!m_world.run(std::move(questions)))
        return restart("died");
    for (const engine::WaitingFacts& facts : answers) {
        m_coverage.states.insert(stateOf(*facts.order));
        checkStuck(facts);
    }
}

void EngineChaos::checkOrder(const OrderId& id, const std::vector<Event>& history)
{
    Order order{.id = id};
    std::set<std::string> completed;
    std::set<std::string> leftAlone; // by a person's word, while undoing
    std::vector<std::string> toUndo;
    const auto isOutside = [this](const std::string& step) {
        const StepKind kind = m_world.workflow().steps[*m_world.workflow().indexOf(step)].kind;
        return kind == StepKind::Worker || kind == StepKind::Service;
    };
    for (const Event& event : history) {
        must(event.version == order.version + 1, "an order's versions are 1, 2, 3, …");
        const OrderState from = stateOf(order);
        const bool isCanceling = order.compensating;
        order = apply(std::move(order), event);
        must(event.version == 1 || isLegalTransition(from, stateOf(order)), "transitions are legal");
        m_coverage.events.insert(std::string(typeName(event.body)));
        if (const auto* done = std::get_if<StepCompleted>(&event.body)) {
            must(!isCanceling, "no step is done once undoing began");
            must(completed.insert(done->step).second, "each step's result is recorded once");
            must(!isOutside(done->step) || m_world.outside.wasDone(id, done->step),
                "what is recorded happened");
        } else if (const auto* canceled = std::get_if<CancelRequested>(&event.body)) {
            toUndo = canceled->undo;
        } else if (const auto* failed = std::get_if<StepFailed>(&event.body)) {
            m_coverage.failures.insert(failed->code);
        } else if (const auto* undone = std::get_if<StepCompensated>(&event.body)) {
            must(!toUndo.empty() && toUndo.front() == undone->step, "steps are undone in reverse, each once");
            must(m_world.outside.wasUndone(id, undone->step), "what is recorded as undone was");
            toUndo.erase(toUndo.begin());
        } else if (const auto* overridden = std::get_if<StepOverridden>(&event.body);
                   overridden && isCanceling) {
            must(!toUndo.empty() && toUndo.front() == overridden->step, "what is undone next is overridden");
            leftAlone.insert(overridden->step);
            toUndo.erase(toUndo.begin());
        }
    }
    must(order == m_world.stored(id), "the stored order is the fold of its events");
    const auto open = m_world.open(id);
    must(order.outcome == Outcome::Open ? open && *open == order : !open, "the book is what is stored");
    for (const auto& [acknowledged, key] : m_acknowledged)
        if (acknowledged == id && !key.ends_with("/undo"))
            must(completed.contains(key.substr(id.text().size() + 1)), "what was confirmed is in the log");
    if (order.outcome != Outcome::Canceled && !order.compensating)
        must(m_world.outside.undone(id).empty(), "nothing is undone of what is not canceled");
    if (order.outcome != Outcome::Canceled)
        return;
    must(toUndo.empty(), "an order is canceled once all is undone");
    for (const StepDefinition& step : m_world.workflow().steps)
        if (!step.compensation.empty() && m_world.outside.wasDone(id, step.name))
            must(m_world.outside.wasUndone(id, step.name) || leftAlone.contains(step.name),
                "what happened is undone: " + step.name);
}

void EngineChaos::checkCounters(const std::vector<OrderId>& orders)
{
    store::Counters counted;
    std::uint64_t digest = 0;
    for (const OrderId& id : orders) {
        const Order order = m_world.stored(id);
        counted.byState[static_cast<std::size_t>(stateOf(order))] += 1;
        if (order.outcome != Outcome::Open)
            continue;
        counted.openByStep[order.step.name] += 1;
        digest += digestOf(order);
    }
    const auto counters = m_world.reader->readCounters();
    must(counters && counters->byState == counted.byState, "the counters count the orders");
    for (const auto& [step, count] : counters->openByStep)
        must(count == counted.openByStep[step], "the counters count who stands at " + step);
    must(m_world.partition->book().digest() == digest, "the book's digest is that of the open orders");
}

void EngineChaos::checkAll()
{
    const auto log = m_world.reader->readLog(0, 0, 100'000);
    must(log.has_value(), "the log can be read");
    std::map<OrderId, std::vector<Event>> histories;
    std::uint64_t sequence = 0;
    for (const store::EventRecord& record : *log) {
        must(record.logged.sequence == ++sequence, "the log's sequence has no gap");
        histories[record.logged.order].push_back(record.logged.event);
    }
    std::vector<OrderId> orders;
    for (const auto& [id, history] : histories) {
        orders.push_back(id);
        checkOrder(id, history);
    }
    for (const auto& [externalId, known] : m_orders)
        must(histories.contains(known.first), "what was taken in is there");
    checkCounters(orders);
    must(m_world.outside.tooLate().empty(), "nothing is done after it was undone");
}

} // namespace gantry::test
