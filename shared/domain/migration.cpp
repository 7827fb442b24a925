// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/migration.h"

#include "shared/domain/decide.h"

#include <algorithm>

namespace gantry {

namespace {

bool contains(const std::vector<std::string>& names, std::string_view name)
{
    return std::find(names.begin(), names.end(), name) != names.end();
}

/// Whether an attempt of the step has its effect somewhere else, under an idempotency key that names the step.
bool isOutside(const StepDefinition& step)
{
    switch (step.kind) {
    case StepKind::Service:
    case StepKind::Http:
    case StepKind::Worker: return true;
    case StepKind::Builtin:
    case StepKind::Manual:
    case StepKind::Timer:
    case StepKind::Approval: return false;
    }
    return true;
}

tl::unexpected<Error> refused(std::string reason)
{
    return failure(ErrorCode::ActionNotAllowed, std::move(reason));
}

std::string titleOf(const Workflow& workflow)
{
    return "version " + std::to_string(workflow.version);
}

/// Plans one order. Each question is a function; the first that stands against the move ends it.
class Planner {
public:
    Planner(const Order& order, const Workflow& from, const Workflow& to, const MigrationTerms& terms)
        : m_order(order)
        , m_from(from)
        , m_to(to)
        , m_terms(terms)
    {
    }

    Result<MigrationPlan> plan()
    {
        if (auto open = checkOpen(); !open)
            return tl::unexpected(std::move(open.error()));
        noteDone();
        if (auto found = findPlace(); !found)
            return tl::unexpected(std::move(found.error()));
        if (auto meant = passWhatIsNotMeant(); !meant)
            return tl::unexpected(std::move(meant.error()));
        if (auto undone = checkUndoing(); !undone)
            return tl::unexpected(std::move(undone.error()));
        if (auto settled = checkReturned(); !settled)
            return tl::unexpected(std::move(settled.error()));
        auto fate = fateOfAttempt();
        if (!fate)
            return tl::unexpected(std::move(fate.error()));
        // What the order stands at already counts from when it came to it: a timer does not begin anew.
        const Timestamp since = *fate == AttemptFate::Kept ? m_order.stepSince : m_terms.at;
        MigrationPlan plan{.step = entryOf(becomes(), *m_order.summary, since), .attempt = *fate};
        addSkipped(plan);
        keepReservation(plan);
        addDone(plan);
        addChanged(plan);
        return plan;
    }

private:
    [[nodiscard]] const StepDefinition& was() const { return m_from.steps[m_index]; }
    [[nodiscard]] const StepDefinition& becomes() const { return m_to.steps[m_place]; }

    Result<void> checkOpen()
    {
        if (m_from.name != m_to.name)
            return refused("The order goes by " + m_from.name + ", and " + m_to.name
                + " is another workflow. Orders move between the versions of their own.");
        if (m_order.outcome != Outcome::Open)
            return refused("The order has ended.");
        if (m_order.compensating)
            return refused("What was done is being undone, by the version that it was done under.");
        const auto index = m_from.indexOf(m_order.step.name);
        const bool isItsOwn = m_order.summary && m_order.summary->workflow == m_from.name
            && m_order.summary->workflowVersion == m_from.version;
        if (!index || !isItsOwn)
            return failure(ErrorCode::Internal,
                "The order is not on " + m_from.name + ' ' + std::to_string(m_from.version)
                    + ". Nothing was changed; tell the developers.");
        if (m_from.version == m_to.version)
            return refused("The order is on " + titleOf(m_to) + " already.");
        m_index = *index;
        return {};
    }

    void noteDone()
    {
        for (std::size_t i = 0; i < m_index; ++i)
            if (!contains(m_order.summary->skippedSteps, m_from.steps[i].name))
                m_done.push_back(m_from.steps[i].name);
    }

    /// Whether the step has been done, by this definition or one before it.
    [[nodiscard]] bool isDone(const std::string& name) const
    {
        return contains(m_done, name) || contains(m_order.summary->doneSteps, name);
    }

    /// Whether the new definition tells by its sequence that the step has been done. What was done by a definition before the old one stays apart.
    [[nodiscard]] bool isTold(const std::string& name) const
    {
        const auto place = m_to.indexOf(name);
        return place && *place < m_place && contains(m_done, name)
            && !contains(m_order.summary->doneSteps, name);
    }

    /// The step of the new definition at which the order will stand.
    Result<void> findPlace()
    {
        const auto mapped = m_terms.map.find(was().name);
        const std::string& name = mapped == m_terms.map.end() ? was().name : mapped->second;
        const auto place = m_to.indexOf(name);
        if (!place)
            return refused("It stands at step " + was().name + ", which " + titleOf(m_to)
                + " has not. Map the step to one that it has, or move the order later.");
        if (isDone(name))
            return refused(
                "Step " + name + ", to which " + was().name + " is mapped, has been done already.");
        if (name != was().name && isOutside(was()))
            return refused("An attempt of step " + was().name + " may have been made, under a key that names "
                + was().name + "; as step " + name + " it could be done twice. Keep the step's name.");
        m_place = *place;
        return {};
    }

    /// Goes on to the next step that is for the order, if the one found is not.
    Result<void> passWhatIsNotMeant()
    {
        if (isAhead(m_place))
            return {};
        if (isOutside(was()) || !was().compensation.empty())
            return refused("Step " + becomes().name + " may have been begun, and is not for this order in "
                + titleOf(m_to) + ". Let it end first.");
        for (std::size_t place = m_place + 1; place < m_to.steps.size(); ++place)
            if (isAhead(place)) {
                m_place = place;
                return {};
            }
        return refused("No step of " + titleOf(m_to)
            + " is left for this order. Complete it, or override its " + "step " + was().name
            + ", where it is.");
    }

    /// Whether the order would still have to do that step of the new definition.
    [[nodiscard]] bool isAhead(std::size_t place) const
    {
        const std::string& name = m_to.steps[place].name;
        return !contains(m_terms.notMeant, name) && !isDone(name);
    }

    /// What has had effects must be undone by the new definition as well, and must not be done again.
    Result<void> checkUndoing() const
    {
        if (!was().compensation.empty() && becomes().compensation.empty())
            return refused("Step " + was().name + " may have had its effect, and " + titleOf(m_to)
                + " has nothing that undoes it.");
        for (const std::string& name : m_done)
            if (auto undone = checkUndoingOf(name); !undone)
                return undone;
        return checkSequence();
    }

    [[nodiscard]] Result<void> checkUndoingOf(const std::string& name) const
    {
        const StepDefinition& old = m_from.steps[*m_from.indexOf(name)];
        const auto place = m_to.indexOf(name);
        if (!old.compensation.empty() && (!place || m_to.steps[*place].compensation.empty()))
            return refused("Step " + name + " has been done, and " + titleOf(m_to)
                + " has nothing that undoes it: its effect could not be undone.");
        if (!old.compensation.empty() && *place > m_place)
            return refused("Step " + name + " has been done, and " + titleOf(m_to) + " has it after step "
                + becomes().name + ": it would be done again.");
        if (!isTold(name))
            return {};
        const StepDefinition& step = m_to.steps[*place];
        if (old.handler != step.handler && old.compensation != step.compensation)
            return refused("Step " + name + " has been done by "
                + (old.handler.empty() ? std::string("a person") : old.handler) + ", and by " + titleOf(m_to)
                + " it would be undone by " + step.compensation
                + ", which goes with another. Keep what does the step, or what undoes it.");
        return {};
    }

    /// What was done first is undone last: by the new definition, too.
    [[nodiscard]] Result<void> checkSequence() const
    {
        const std::string* last = nullptr;
        for (const std::string& name : m_done) {
            if (!isTold(name) || m_to.steps[*m_to.indexOf(name)].compensation.empty())
                continue;
            if (last && *m_to.indexOf(name) < *m_to.indexOf(*last))
                return refused("Step " + *last + " has been done before step " + name + ", and "
                    + titleOf(m_to) + " has them the other way round: they would be undone in the wrong "
                    + "sequence.");
            last = &name;
        }
        return {};
    }

    /// An order that came back to reserve anew has been at the step after: what it may have done there only the old definition tells.
    [[nodiscard]] Result<void> checkReturned() const
    {
        if (!m_order.hasReturned || was().reserveFor.count() == 0)
            return {};
        for (std::size_t i = m_index + 1; i < m_from.steps.size(); ++i) {
            const StepDefinition& left = m_from.steps[i];
            if (contains(m_order.summary->skippedSteps, left.name))
                continue;
            if (!isOutside(left) && left.compensation.empty())
                return {};
            return refused("Its reservation was over while it stood at step " + left.name
                + ", which may have had its effect. Move the order once it is past that step.");
        }
        return {};
    }

    /// The time of a reservation goes on if the new definition, too, has a step for it to come back to.
    void keepReservation(MigrationPlan& plan) const
    {
        if (m_to.reservingBefore(plan.step.name, plan.skippedSteps))
            plan.step.reservedUntil = m_order.step.reservedUntil;
    }

    [[nodiscard]] Result<AttemptFate> fateOfAttempt() const
    {
        if (isDoneAlike())
            return AttemptFate::Kept;
        if (m_order.incident && becomes().kind == StepKind::Timer)
            return refused("It has an incident that needs a person, and would come to step " + becomes().name
                + ", which only waits. See to the incident first.");
        if (!isOutside(was()) || isUntried())
            return AttemptFate::Renewed;
        const bool hasEnded = m_order.incident.has_value() || m_order.retryAt.has_value();
        if (was().compensation.empty())
            return hasEnded ? AttemptFate::Renewed : AttemptFate::Revoked;
        return refused("An attempt of step " + was().name
            + (hasEnded ? " has been made, which may have had its effect" : " may be in hand") + ", and "
            + titleOf(m_to)
            + " does the step by something else, which could do it twice. Move the order once "
            + "the step is done or overridden.");
    }

    /// Whether it is known that nobody has begun the step: its only attempt failed for want of somebody to ask.
    [[nodiscard]] bool isUntried() const
    {
        const bool wasRetried = m_order.retry && m_order.retry->step == was().name;
        return was().kind == StepKind::Service && m_order.incident && m_order.incident->code == noHandlerCode
            && m_order.attemptsSpent == 1 && !wasRetried;
    }

    /// Whether the step is the same and done by the same: then what has been begun of it goes on.
    [[nodiscard]] bool isDoneAlike() const
    {
        const bool isApprovedAlike = was().kind != StepKind::Approval
            || (was().approvals == becomes().approvals && was().role == becomes().role);
        return was().name == becomes().name && was().kind == becomes().kind
            && was().handler == becomes().handler && isApprovedAlike;
    }

    void addSkipped(MigrationPlan& plan) const
    {
        for (std::size_t place = 0; place < m_to.steps.size(); ++place) {
            const std::string& name = m_to.steps[place].name;
            const bool isSkipped = place < m_place ? !isTold(name) : place > m_place && !isAhead(place);
            if (!isSkipped)
                continue;
            plan.skippedSteps.push_back(name);
            if (!contains(m_terms.notMeant, name) && !isDone(name))
                plan.passedSteps.push_back(name);
        }
    }

    void addDone(MigrationPlan& plan) const
    {
        plan.doneSteps = m_order.summary->doneSteps;
        for (const std::string& name : m_done)
            if (!isTold(name))
                plan.doneSteps.push_back(name);
    }

    void addChanged(MigrationPlan& plan) const
    {
        const auto compare = [&plan](const StepDefinition& old, const StepDefinition& step) {
            if (old.compensation != step.compensation)
                plan.changedCompensations.push_back({step.name, old.compensation, step.compensation});
        };
        for (const std::string& name : m_done)
            if (isTold(name))
                compare(m_from.steps[*m_from.indexOf(name)], m_to.steps[*m_to.indexOf(name)]);
        if (was().name == becomes().name)
            compare(was(), becomes());
    }

    const Order& m_order;
    const Workflow& m_from;
    const Workflow& m_to;
    const MigrationTerms& m_terms;
    std::size_t m_index = 0; ///< of the present step in the old definition
    std::size_t m_place = 0; ///< of the step to stand at in the new one
    std::vector<std::string>
        m_done; ///< steps that have run or were overridden, as the old definition tells, in its sequence
};

} // namespace

std::string_view attemptFateName(AttemptFate fate) noexcept
{
    switch (fate) {
    case AttemptFate::Kept: return "kept";
    case AttemptFate::Renewed: return "renewed";
    case AttemptFate::Revoked: return "revoked";
    }
    return "kept";
}

Result<MigrationPlan> planMigration(
    const Order& order, const Workflow& from, const Workflow& to, const MigrationTerms& terms)
{
    return Planner(order, from, to, terms).plan();
}

std::optional<Error> checkStepMap(const Workflow& from, const Workflow& to, const StepMap& map)
{
    std::vector<FieldError> fields;
    for (const auto& [old, name] : map) {
        if (!from.indexOf(old))
            fields.push_back({"/map/" + old, ErrorCode::InvalidValue,
                old + " is not a step of " + from.name + ' ' + std::to_string(from.version)});
        else if (!to.indexOf(name))
            fields.push_back({"/map/" + old, ErrorCode::InvalidValue,
                name + " is not a step of " + to.name + ' ' + std::to_string(to.version)});
    }
    if (fields.empty())
        return std::nullopt;
    return Error{ErrorCode::InvalidValue,
        "The map of steps does not go with these versions: " + fields.front().message + ". Correct it.",
        std::move(fields)};
}

} // namespace gantry
