// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/waiting_answer.h"

#include "shared/util/age_text.h"

#include <algorithm>

namespace gantry::api {

namespace {

using engine::WaitingFacts;
using engine::WaitingStage;
using std::chrono::milliseconds;

constexpr milliseconds recently{60'000}; ///< a worker that asked within it is there

std::string ordersText(std::size_t count)
{
    return std::to_string(count) + (count == 1 ? " order" : " orders");
}

/// What somebody wrote, as the end of a sentence: with one full stop, whether it had one or none.
std::string closed(std::string text)
{
    while (text.ends_with('.'))
        text.pop_back();
    return text += '.';
}

/// Words one order's facts. Each stage is a function.
class Wording {
public:
    Wording(const WaitingFacts& facts, const engine::ServiceStatus* service, Timestamp now)
        : m_facts(facts)
        , m_order(*facts.order)
        , m_service(service)
        , m_now(now)
    {
    }

    [[nodiscard]] WaitingAnswer answer() const
    {
        WaitingAnswer answer = m_order.incident ? ofIncident() : ofGoing();
        if (m_order.compensating && !m_order.incident)
            answer.sentence.insert(0, "It is being canceled: " + m_order.step.name + " is being undone. ");
        answer.sentence += reservation();
        return answer;
    }

private:
    /// How long its goods are kept, if that has an end.
    [[nodiscard]] std::string reservation() const
    {
        const std::optional<Timestamp>& until = m_order.step.reservedUntil;
        if (!until || m_order.compensating)
            return {};
        return *until > m_now
            ? " Its goods are kept for " + ageText(*until - m_now) + " still; then it has to reserve anew."
            : " The time that its goods are kept is over: it has to reserve anew.";
    }

    /// Of an order that nothing has stopped for good.
    [[nodiscard]] WaitingAnswer ofGoing() const
    {
        if (!m_order.holds.empty())
            return ofHold();
        if (m_order.retryAt)
            return {"The last attempt at " + m_order.step.name + " failed (" + m_order.retryCode
                    + "). Attempt " + std::to_string(m_order.attempt + 1) + " follows in "
                    + ageText(*m_order.retryAt - m_now) + ".",
                {}};
        switch (m_facts.stage) {
        case WaitingStage::NotDue: return ofPeopleAndClocks();
        case WaitingStage::Paused: return ofPause();
        case WaitingStage::ForWorker: return ofWorkers();
        case WaitingStage::ForService: return ofService();
        case WaitingStage::WithWorker: return ofLease();
        case WaitingStage::WithService:
            return {m_facts.handler + " is at " + m_order.step.name + howLong() + '.' + lastSuccess(), {}};
        case WaitingStage::Builtin:
            return {"Gantry does " + m_order.step.name + " itself, with the next batch.", {}};
        }
        return {};
    }

    [[nodiscard]] std::string howLong() const { return ", for " + ageText(m_now - m_order.stepSince); }

    [[nodiscard]] std::string others() const
    {
        return m_facts.othersWaiting == 0
            ? std::string()
            : " Others that wait for the same: " + ordersText(m_facts.othersWaiting) + '.';
    }

    [[nodiscard]] std::string lastSuccess() const
    {
        return m_facts.lastSuccess ? " It last worked " + ageText(m_now - *m_facts.lastSuccess) + " ago."
                                   : " It has not worked once since the daemon was started.";
    }

    [[nodiscard]] WaitingAnswer ofIncident() const
    {
        const Incident& incident = *m_order.incident;
        const std::string what = m_order.compensating ? "Undoing " : "";
        WaitingAnswer answer{what + incident.step + " failed " + ageText(m_now - incident.since) + " ago: "
                + closed(incident.code + (incident.message.empty() ? "" : ", " + incident.message)),
            m_order.compensating
                ? "Effects are left. Retry undoing it once the cause is mended, or override it."
                : "Retry it once the cause is mended, override the step or cancel the order."};
        if (m_facts.othersWaiting > 0)
            answer.sentence += " Others with the same cause: " + ordersText(m_facts.othersWaiting) + '.';
        if (m_facts.othersWaiting > 1)
            answer.help += " All at once: gantryctl bulk retry.";
        return answer;
    }

    [[nodiscard]] WaitingAnswer ofHold() const
    {
        const Hold& hold = m_order.holds.front();
        const std::size_t more = m_order.holds.size() - 1;
        return {"It has been on hold by " + hold.owner + " for " + ageText(m_now - hold.placedAt) + ": "
                + closed(hold.reason + (more > 0 ? " (and " + std::to_string(more) + " more)" : ""))
                + (hold.expiresAt ? " That ends in " + ageText(*hold.expiresAt - m_now) + '.' : ""),
            "Release it."};
    }

    /// Who approved already, in brackets; empty if nobody did.
    [[nodiscard]] std::string approvers() const
    {
        std::string names;
        for (const std::string& name : m_order.approvedBy)
            names += (names.empty() ? " (" : ", ") + name;
        return names.empty() ? names : names + ')';
    }

    [[nodiscard]] WaitingAnswer ofPeopleAndClocks() const
    {
        const StepEntry& step = m_order.step;
        const std::string target =
            step.dueAt ? " It should be done by " + formatRfc3339(*step.dueAt) + '.' : std::string();
        if (step.performer == Performer::Clock)
            return {"It waits at " + step.name + " and goes on by itself"
                    + (step.dueAt ? " in " + ageText(*step.dueAt - m_now) : std::string()) + '.',
                {}};
        const std::string role(roleName(step.role));
        if (step.isApproval())
            return {"It waits for approval of " + step.name + " by " + role + howLong() + ": "
                    + std::to_string(m_order.approvedBy.size()) + " of " + std::to_string(step.approvals)
                    + " given" + approvers() + '.' + target,
                "Somebody of that role approves or rejects it."};
        if (step.performer == Performer::Person)
            return {"It waits for somebody (" + role + ") to do " + step.name + howLong() + '.' + target,
                "Somebody of that role does it and completes it."};
        return {"It goes on by itself with " + step.name + '.' + target, {}};
    }

    [[nodiscard]] WaitingAnswer ofPause() const
    {
        const Pause& pause = m_facts.pause->pause;
        const std::string what = std::string(pauseScopeName(pause.scope)) + ' ' + pause.name;
        const std::size_t behind = m_facts.pause->waiting - std::min<std::size_t>(m_facts.pause->waiting, 1);
        const std::string others = " Others behind it: " + ordersText(behind) + '.';
        if (m_facts.pause->isEnding)
            return {"The pause of " + what + " is over; what had gathered goes on bit by bit." + others, {}};
        return {"The " + what + " has been paused for " + ageText(m_now - pause.since) + " by " + pause.by
                + ": " + closed(pause.reason) + others,
            "Resume it: gantryctl resume " + what + '.'};
    }

    /// Empty if no limit keeps it.
    [[nodiscard]] std::string limitText() const
    {
        if (!m_facts.limit || m_facts.limit->hasRoom)
            return {};
        const engine::LimitState& limit = *m_facts.limit;
        const std::string key =
            limit.field.empty() ? std::string() : " for " + limit.field + " = " + limit.value;
        const std::string head = "The limit of " + m_order.step.name + key + " is reached: ";
        if (limit.nextToken)
            return head + std::to_string(limit.rate) + " may begin in " + ageText(limit.per)
                + ", and the next one may in " + ageText(*limit.nextToken) + '.';
        return head + std::to_string(limit.inHand) + " of " + std::to_string(limit.concurrency)
            + " are in hand.";
    }

    [[nodiscard]] WaitingAnswer ofWorkers() const
    {
        if (std::string limit = limitText(); !limit.empty())
            return {limit + others(), "It goes on by itself when there is room."};
        const std::string head = "It waits for a worker that does " + m_facts.handler + howLong() + '.'
            + (m_facts.startLeft
                    ? " If none takes it, the attempt fails in " + ageText(*m_facts.startLeft) + '.'
                    : std::string());
        if (m_facts.workersAsking > 0)
            return {head + others() + lastSuccess(), {}};
        if (m_facts.pausedWorkersAsking > 0)
            return {head + " All workers that ask for it are paused." + others() + lastSuccess(),
                "Resume one: gantryctl pauses."};
        if (m_facts.lastAsked && m_now - *m_facts.lastAsked < recently)
            return {head + " Those that do it are at others." + others() + lastSuccess(),
                "More workers for it would help."};
        const std::string asked = m_facts.lastAsked
            ? " None has asked for it for " + ageText(m_now - *m_facts.lastAsked) + '.'
            : std::string(" None has asked for it since the daemon was started.");
        return {head + asked + others() + lastSuccess(),
            "Start a worker that does " + m_facts.handler + ", or see why none asks."};
    }

    [[nodiscard]] WaitingAnswer ofService() const
    {
        if (std::string limit = limitText(); !limit.empty())
            return {limit + others(), "It goes on by itself when there is room."};
        const bool isLeftAlone = m_service && m_service->state == engine::BreakerState::Open;
        if (isLeftAlone)
            return {"The service " + m_service->name + " has failed too often (" + m_service->lastError
                    + ") and has been left alone for " + ageText(m_now - m_service->since) + '.'
                    + (m_service->nextProbe
                            ? " It is tried again in " + ageText(*m_service->nextProbe - m_now) + '.'
                            : "")
                    + others() + lastSuccess(),
                "Mend the service; it is then called again by itself."};
        return {
            "It waits for its turn at " + m_facts.handler + howLong() + '.' + others() + lastSuccess(), {}};
    }

    [[nodiscard]] WaitingAnswer ofLease() const
    {
        const std::string who = m_facts.worker.empty() ? "A worker" : "The worker " + m_facts.worker;
        return {who + " is at " + m_order.step.name + howLong() + '.'
                + (m_facts.leaseLeft
                        ? " If it says nothing, the attempt is over in " + ageText(*m_facts.leaseLeft) + '.'
                        : ""),
            {}};
    }

    const WaitingFacts& m_facts;
    const Order& m_order;
    const engine::ServiceStatus* m_service;
    Timestamp m_now;
};

} // namespace

WaitingAnswer explainWaiting(const WaitingFacts& facts, const engine::ServiceStatus* service, Timestamp now)
{
    return Wording(facts, service, now).answer();
}

std::string_view waitingStageName(WaitingStage stage) noexcept
{
    switch (stage) {
    case WaitingStage::NotDue: return "not_due";
    case WaitingStage::Paused: return "paused";
    case WaitingStage::ForWorker: return "for_worker";
    case WaitingStage::WithWorker: return "with_worker";
    case WaitingStage::ForService: return "for_service";
    case WaitingStage::WithService: return "with_service";
    case WaitingStage::Builtin: return "builtin";
    }
    return "not_due";
}

} // namespace gantry::api
