// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/workflows/workflow_file.h"

#include "daemon/workflows/call_keys.h"
#include "daemon/workflows/toml_keys.h"
#include "shared/util/text.h"

#include <algorithm>
#include <array>
#include <utility>

namespace gantry::workflows {

namespace {

/// What the keys of a step may and must be, by its kind.
struct KindRules {
    std::string_view name;
    StepKind kind;
    Handlers::Names Handlers::*
        handlers; ///< what can do it; null: a person, or workers, who name their tasks themselves
    bool hasTimeout; ///< an attempt can be given up
    bool saysCompensation; ///< has effects outside: must say how they are undone
};

// One line a kind.
constexpr std::array kinds{
    KindRules{"builtin", StepKind::Builtin, &Handlers::builtin, false, false},
    KindRules{"service", StepKind::Service, &Handlers::service, true, true},
    KindRules{"manual", StepKind::Manual, nullptr, false, false},
    KindRules{"worker", StepKind::Worker, nullptr, true, true},
    KindRules{"timer", StepKind::Timer, nullptr, false, false},
    KindRules{"approval", StepKind::Approval, nullptr, false, false},
    KindRules{"http", StepKind::Http, nullptr, true, true},
};

std::string listOf(const Handlers::Names& names)
{
    std::string list;
    for (const std::string& name : names)
        list.append(list.empty() ? "" : ", ").append(name);
    return list;
}

std::string kindNames()
{
    std::string list;
    for (const KindRules& rules : kinds)
        list.append(list.empty() ? "" : ", ").append(rules.name);
    return list;
}

bool isWellFormedHandler(std::string_view name)
{
    return !name.empty() && name.size() <= WorkflowLimits::nameBytes && name.front() >= 'a'
        && name.front() <= 'z' && std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
           });
}

constexpr std::string_view reserveForKey = "reserve_for_ms";

constexpr std::string_view nameRule =
    "must have 1 to 64 lower-case letters, digits, _ and -, beginning with a letter. Correct it.";

/// Reads one step. What is wrong goes to Mistakes; what is given back then is of no use.
class StepReader {
public:
    StepReader(const toml::table& table, std::size_t number, std::string_view source,
        const Handlers* handlers, Mistakes& mistakes)
        : m_keys(table, subjectOf(table, number), mistakes)
        , m_table(table)
        , m_source(source)
        , m_handlers(handlers)
        , m_mistakes(mistakes)
    {
    }

    StepDefinition read()
    {
        StepDefinition step;
        if (m_keys.require("name", "Give the step a name."))
            step.name = m_keys.text("name").value_or("");
        if (m_keys.has("name") && !isWellFormedName(step.name))
            m_keys.mistake("name", std::string(nameRule));
        if (const KindRules* rules = kindOf()) {
            step.kind = rules->kind;
            readPerformer(step, *rules);
            readTimer(step);
            readApproval(step);
            readTarget(step);
            readCompensation(step, *rules);
            readAttempts(step, *rules);
            readLimit(step, *rules);
            readReservation(step);
            step.when = condition();
            m_keys.finish();
        }
        return step;
    }

private:
    static std::string subjectOf(const toml::table& table, std::size_t number)
    {
        const auto name = table["name"].value_exact<std::string>();
        return "step " + (name && isWellFormedName(*name) ? *name : std::to_string(number));
    }

    /// The rules of the step's kind; null if there is none, and then no other key can be judged.
    const KindRules* kindOf()
    {
        if (!m_keys.require("kind", "Say who does the step: " + kindNames() + '.'))
            return nullptr;
        const auto name = m_keys.text("kind");
        if (!name)
            return nullptr;
        for (const KindRules& rules : kinds)
            if (rules.name == *name)
                return &rules;
        m_keys.mistake("kind", "is not a known kind. Choose one of " + kindNames() + '.');
        return nullptr;
    }

    void readPerformer(StepDefinition& step, const KindRules& rules)
    {
        if (performerOf(rules.kind) == Performer::Person) {
            m_keys.forbid("handler", "must not stand at a person's step. Remove it.");
            if (m_keys.require("role", "Say whose step it is: warehouse, support or admin."))
                step.role = role();
            return;
        }
        m_keys.forbid("role", "stands at persons' steps only, and this is none. Remove it.");
        if (rules.kind == StepKind::Http) {
            m_keys.forbid(
                "handler", "must not stand at a step that calls: `service` names what does it. Remove it.");
            step.call = readCall(m_keys, nullptr, m_handlers);
            step.handler = step.call->service;
        } else if (rules.kind == StepKind::Timer)
            m_keys.forbid("handler", "must not stand at a timer: nothing is done there. Remove it.");
        else if (m_keys.require("handler", "Name what does the step."))
            step.handler = handler("handler", rules.handlers);
    }

    void readTimer(StepDefinition& step)
    {
        if (step.kind != StepKind::Timer) {
            for (const std::string_view key : {"delay_ms", "before_promise_ms"})
                m_keys.forbid(key, "stands at timers only. Remove it.");
            return;
        }
        const bool byPromise = m_keys.has("before_promise_ms");
        if (byPromise)
            m_keys.forbid("delay_ms", "can't stand beside before_promise_ms. Choose one of them.");
        else if (!m_keys.require("delay_ms", "Say how long the order waits, or give before_promise_ms."))
            return;
        const auto wait = m_keys.integer(
            byPromise ? "before_promise_ms" : "delay_ms", byPromise ? 0 : 1, WorkflowLimits::longestTimerMs);
        if (byPromise)
            step.beforePromise = std::chrono::milliseconds(wait.value_or(0));
        else
            step.delay = std::chrono::milliseconds(wait.value_or(1));
    }

    void readApproval(StepDefinition& step)
    {
        if (step.kind != StepKind::Approval) {
            for (const std::string_view key : {"approvals", "on_reject"})
                m_keys.forbid(key, "stands at approvals only. Remove it.");
            return;
        }
        step.approvals =
            static_cast<std::uint8_t>(m_keys.integer("approvals", 1, WorkflowLimits::approvals).value_or(1));
        const std::string onReject = m_keys.text("on_reject").value_or("cancel");
        if (onReject == "cancel")
            step.cancelCodes = {std::string(rejectedCode)};
        else if (onReject != "incident")
            m_keys.mistake("on_reject", "must be cancel or incident. Correct it.");
    }

    void readTarget(StepDefinition& step)
    {
        if (step.kind == StepKind::Timer)
            m_keys.forbid("target_ms", "has no effect at a timer. Remove it.");
        else if (const auto target = m_keys.integer("target_ms", 1, WorkflowLimits::longestTimerMs))
            step.target = std::chrono::milliseconds(*target);
    }

    Role role()
    {
        const auto name = m_keys.text("role");
        const auto found = name ? roleFromName(*name) : std::nullopt;
        if (name && (!found || *found == Role::Viewer))
            m_keys.mistake("role", "must be warehouse, support or admin. Correct it.");
        return found.value_or(Role::Admin);
    }

    std::string handler(std::string_view key, Handlers::Names Handlers::*kind)
    {
        const auto name = m_keys.text(key);
        if (!name)
            return {};
        const Handlers::Names* known = m_handlers && kind ? &(m_handlers->*kind) : nullptr;
        if (!isWellFormedHandler(*name))
            m_keys.mistake(key,
                "must have 1 to 64 lower-case letters, digits, _ - and dots, beginning with a letter. "
                "Correct it.");
        else if (known && !known->contains(*name))
            m_keys.mistake(
                key, "names nothing that this version of Gantry has. Choose one of " + listOf(*known) + '.');
        return *name;
    }

    void readCompensation(StepDefinition& step, const KindRules& rules)
    {
        if (rules.kind == StepKind::Timer || rules.kind == StepKind::Approval) {
            for (const std::string_view key : {"compensation", "compensate"})
                m_keys.forbid(key, "has no effect at this step: it has none to undo. Remove it.");
            return;
        }
        if (rules.kind == StepKind::Worker) {
            m_keys.forbid(
                "compensate", "must not stand at a worker's step: a worker undoes it too. Remove it.");
        } else if (const toml::table* table = m_keys.table("compensate")) {
            m_keys.forbid("compensation", "must not stand beside compensate. Keep one of them.");
            TableKeys keys(*table, m_keys.subject() + ", compensate", m_mistakes);
            step.undoCall = readCall(keys, step.call ? &*step.call : nullptr, m_handlers);
            step.compensation = step.undoCall->service;
            keys.finish();
            return;
        }
        if (!m_keys.has("compensation")) {
            if (rules.saysCompensation)
                m_keys.require("compensation",
                    rules.kind == StepKind::Http ? "Write [step.compensate] with the call that undoes the "
                                                   "step, or compensation = \"none\"."
                                                 : "Name what undoes the step, or write \"none\".");
            return;
        }
        if (rules.kind == StepKind::Http) {
            if (m_keys.text("compensation").value_or("none") != "none")
                m_keys.mistake("compensation",
                    "must be \"none\" at a step that calls. Or write [step.compensate] with the call that "
                    "undoes it.");
        } else if (const auto name = m_keys.text("compensation"); name && *name != "none")
            step.compensation =
                handler("compensation", rules.kind == StepKind::Worker ? nullptr : &Handlers::compensation);
    }

    void readAttempts(StepDefinition& step, const KindRules& rules)
    {
        const bool isUndone = !step.compensation.empty();
        if (!rules.hasTimeout && !isUndone)
            m_keys.forbid(
                "timeout_ms", "has no effect at this step: nothing outside is waited for. Remove it.");
        else if (const auto timeout = m_keys.integer(
                     "timeout_ms", WorkflowLimits::shortestTimeoutMs, WorkflowLimits::longestTimeoutMs))
            step.timeout = std::chrono::milliseconds(*timeout);
        readWorkerTimes(step);
        const bool isMachines = performerOf(rules.kind) == Performer::Machine;
        if (!isMachines && !isUndone)
            m_keys.forbid("retry", "has no effect at this step: no machine does or undoes it. Remove it.");
        else if (const toml::table* table = m_keys.table("retry"))
            readRetry(*table, step);
        if (!isMachines)
            m_keys.forbid("cancel_codes", "has no effect at this step: no machine does it. Remove it.");
        else if (const toml::array* codes = m_keys.array("cancel_codes"))
            readCodes(*codes, m_keys, "cancel_codes", step.cancelCodes);
    }

    void readWorkerTimes(StepDefinition& step)
    {
        if (step.kind != StepKind::Worker) {
            for (const std::string_view key : {"start_timeout_ms", "run_timeout_ms"})
                m_keys.forbid(key, "stands at workers' steps only. Remove it.");
            return;
        }
        const auto read = [this](std::string_view key) {
            return std::chrono::milliseconds(
                m_keys.integer(key, WorkflowLimits::shortestTimeoutMs, WorkflowLimits::longestWaitMs)
                    .value_or(0));
        };
        step.startTimeout = read("start_timeout_ms");
        step.runTimeout = read("run_timeout_ms");
        if (step.runTimeout.count() > 0 && step.runTimeout < step.timeout)
            m_keys.mistake("run_timeout_ms",
                "is less than timeout_ms (" + std::to_string(step.timeout.count())
                    + "): an attempt would be over before its first lease. Raise it, or lower timeout_ms.");
        for (const std::string_view key : {"heartbeat_ms", "lease_ms"})
            m_keys.forbid(key,
                "is called timeout_ms: the longest time between two signs of life of a worker. Rename it.");
    }

    void readLimit(StepDefinition& step, const KindRules& rules)
    {
        if (!rules.hasTimeout)
            return m_keys.forbid("limit", "has no effect at this step: nothing outside does it. Remove it.");
        const toml::table* table = m_keys.table("limit");
        if (!table)
            return;
        StepLimit limit;
        TableKeys keys(*table, "step " + step.name + ", limit", m_mistakes);
        if (const auto key = keys.text("key"); key && !(limit.key = parseTextField(*key)))
            keys.mistake("key",
                "is not a field that orders can be counted by. Choose one of channel, currency, country, "
                "region or metadata.KEY, or leave it out: then all orders are counted together.");
        limit.concurrency = static_cast<std::uint32_t>(
            keys.integer("concurrency", 1, WorkflowLimits::concurrency).value_or(0));
        limit.rate = static_cast<std::uint32_t>(keys.integer("rate", 1, WorkflowLimits::rate).value_or(0));
        if (!keys.has("rate"))
            keys.forbid(
                "per_ms", "says over which time rate counts, and there is no rate. Give one, or remove it.");
        else if (const auto per = keys.integer("per_ms", 1, WorkflowLimits::longestPerMs))
            limit.per = std::chrono::milliseconds(*per);
        if (!keys.has("concurrency") && !keys.has("rate"))
            keys.require("concurrency", "Say how many at once (concurrency), or how many in a time (rate).");
        keys.finish();
        step.limit = std::move(limit);
    }

    void readReservation(StepDefinition& step)
    {
        if (step.kind != StepKind::Builtin || step.handler != allocateHandler)
            m_keys.forbid(reserveForKey, "stands at steps with the handler allocate only. Remove it.");
        else if (const auto time = m_keys.integer(
                     reserveForKey, WorkflowLimits::shortestReservationMs, WorkflowLimits::longestTimerMs))
            step.reserveFor = std::chrono::milliseconds(*time);
    }

    void readRetry(const toml::table& table, StepDefinition& step)
    {
        RetryPolicy& retry = step.retry;
        TableKeys keys(table, "step " + step.name + ", retry", m_mistakes);
        retry.maxAttempts = static_cast<int>(
            keys.integer("max_attempts", 1, WorkflowLimits::attempts).value_or(retry.maxAttempts));
        const auto wait = [&keys](std::string_view key, std::chrono::milliseconds fallback) {
            return std::chrono::milliseconds(
                keys.integer(key, 1, WorkflowLimits::longestWaitMs).value_or(fallback.count()));
        };
        retry.initial = wait("initial_ms", retry.initial);
        retry.max = wait("max_ms", std::max(retry.max, retry.initial));
        retry.factor = keys.number("factor", 1.0, WorkflowLimits::factor).value_or(retry.factor);
        if (retry.max < retry.initial)
            keys.mistake("max_ms", "is less than initial_ms. Raise it, or lower initial_ms.");
        if (const toml::array* codes = keys.array("fatal_codes"))
            readCodes(*codes, keys, "fatal_codes", retry.fatalCodes);
        keys.finish();
    }

    static void readCodes(
        const toml::array& codes, TableKeys& keys, std::string_view key, std::vector<std::string>& list)
    {
        if (codes.size() > WorkflowLimits::codes)
            return keys.mistake(key, "has more than 50 codes. Shorten the list.");
        const bool mayBeAny = key == "cancel_codes";
        for (const toml::node& node : codes) {
            const auto code = node.value_exact<std::string>();
            if (!code || !(isWellFormedHandler(*code) || (mayBeAny && *code == anyCode)))
                return keys.mistake(key,
                    "holds something other than failure codes: texts of 1 to 64 lower-case letters, digits, "
                    "_ - and dots. Correct it.");
            if (std::find(list.begin(), list.end(), *code) != list.end())
                return keys.mistake(key, "holds " + *code + " twice. Remove one.");
            list.push_back(*code);
        }
    }

    std::optional<Condition> condition()
    {
        const auto text = m_keys.text("when");
        if (!text)
            return std::nullopt;
        auto parsed = parseCondition(*text);
        if (parsed)
            return std::move(*parsed);
        const ConditionError& error = parsed.error();
        toml::source_position at = m_keys.placeOf("when");
        std::string where;
        if (isLiteral(at))
            at.column += 1 + static_cast<toml::source_index>(charactersIn(*text, error.offset));
        else
            where = " (character " + std::to_string(charactersIn(*text, error.offset) + 1) + " of it)";
        m_mistakes.add(at, subjectOf(m_table, 0) + ": when" + where + ": " + error.message + '.');
        return std::nullopt;
    }

    /// Whether a text of one line in single quotes stands there: it is written as it reads, so a place in it is a place in the file.
    [[nodiscard]] bool isLiteral(const toml::source_position& at) const
    {
        std::size_t begin = 0;
        for (toml::source_index line = 1; line < at.line; ++line)
            begin = m_source.find('\n', begin) + 1;
        for (toml::source_index column = 1; column < at.column && begin < m_source.size(); ++column)
            for (++begin; begin < m_source.size() && isContinuation(m_source[begin]);)
                ++begin;
        return m_source.substr(begin, 1) == "'" && m_source.substr(begin, 3) != "'''";
    }

    static bool isContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

    static std::size_t charactersIn(std::string_view text, std::size_t bytes)
    {
        const std::string_view part = text.substr(0, bytes);
        return static_cast<std::size_t>(
            std::count_if(part.begin(), part.end(), [](char c) { return !isContinuation(c); }));
    }

    TableKeys m_keys;
    const toml::table& m_table;
    std::string_view m_source;
    const Handlers* m_handlers;
    Mistakes& m_mistakes;
};

/// How long an order stays at the step at least, if all goes well and slowly.
std::chrono::milliseconds slowestOf(const StepDefinition& step)
{
    switch (step.kind) {
    case StepKind::Service:
    case StepKind::Http:
    case StepKind::Worker: return step.timeout;
    case StepKind::Timer: return step.delay;
    case StepKind::Builtin:
    case StepKind::Manual:
    case StepKind::Approval: return {};
    }
    return {};
}

/// A reservation for a time needs a step after it that can be done in that time; and an order comes back to one step only.
void checkReservations(const Workflow& workflow, const toml::array& steps, Mistakes& mistakes)
{
    bool isOne = false;
    for (std::size_t i = 0; i < workflow.steps.size(); ++i) {
        const StepDefinition& step = workflow.steps[i];
        if (step.reserveFor.count() == 0)
            continue;
        const auto mistake = [&](const std::string& what) {
            mistakes.add((*steps[i].as_table())[reserveForKey].node()->source().begin,
                "step " + step.name + ": reserve_for_ms " + what);
        };
        if (std::exchange(isOne, true))
            mistake("stands at another step already. Remove one.");
        if (i + 1 == workflow.steps.size())
            mistake("has no effect at the last step: it counts until the step after is done. Remove it.");
        for (std::size_t next = i + 1; next < workflow.steps.size(); ++next) {
            const StepDefinition& after = workflow.steps[next];
            if (slowestOf(after) >= step.reserveFor)
                mistake("is over before step " + after.name
                    + " can be done, which may take as long. Raise it, or shorten that step.");
            if (!after.when)
                break;
        }
    }
}

void readSteps(Workflow& workflow, TableKeys& keys, std::string_view source, const Handlers* handlers,
    Mistakes& mistakes)
{
    const toml::array* steps = keys.array("step");
    if (!steps || steps->empty())
        return keys.mistake("step", "is missing: the workflow has no steps. Write one [[step]] at least.");
    if (steps->size() > WorkflowLimits::steps)
        return keys.mistake("step", "stands more than 100 times. Split the workflow, or join steps.");
    for (const toml::node& node : *steps) {
        const toml::table* table = node.as_table();
        if (!table)
            return keys.mistake("step", "must be a table. Write [[step]] above its keys.");
        StepDefinition step =
            StepReader(*table, workflow.steps.size() + 1, source, handlers, mistakes).read();
        if (!step.name.empty() && workflow.indexOf(step.name))
            mistakes.add(table->get("name")->source().begin,
                "step " + step.name + " stands twice. Give one of them another name.");
        workflow.steps.push_back(std::move(step));
    }
    checkReservations(workflow, *steps, mistakes);
    if (std::all_of(workflow.steps.begin(), workflow.steps.end(), [](const auto& step) { return step.when; }))
        keys.mistake("step",
            "has a condition everywhere: an order could be left without any step. Take `when` off one.");
}

Workflow readTable(
    const toml::table& table, std::string_view source, const Handlers* handlers, Mistakes& mistakes)
{
    Workflow workflow;
    TableKeys keys(table, "workflow", mistakes);
    if (keys.require("name", "Give the workflow a name."))
        workflow.name = keys.text("name").value_or("");
    if (keys.has("name") && !isWellFormedName(workflow.name))
        keys.mistake("name", std::string(nameRule));
    if (keys.require("version", "Number the versions of a workflow from 1."))
        workflow.version = static_cast<int>(keys.integer("version", 1, WorkflowLimits::version).value_or(1));
    workflow.description = keys.text("description").value_or("");
    if (workflow.description.size() > WorkflowLimits::descriptionBytes
        || hasControlCharacter(workflow.description))
        keys.mistake("description", "must be one line of at most 1000 bytes. Shorten it.");
    readSteps(workflow, keys, source, handlers, mistakes);
    keys.finish();
    return workflow;
}

} // namespace

bool isWellFormedName(std::string_view name) noexcept
{
    return isWellFormedHandler(name) && name.find('.') == std::string_view::npos;
}

Result<Workflow> readWorkflow(std::string_view toml, const std::string& file, const Handlers* handlers)
{
    Mistakes mistakes(file);
    if (toml.size() > WorkflowLimits::bytes) {
        mistakes.add({1, 1}, "the file is larger than 64 KiB. Shorten it.");
        return tl::unexpected(mistakes.toError());
    }
    try {
        const toml::table table = toml::parse(toml, file);
        Workflow workflow = readTable(table, toml, handlers, mistakes);
        if (mistakes.isEmpty())
            return workflow;
    } catch (const toml::parse_error& error) {
        mistakes.add(error.source().begin, std::string(error.description()) + ". Correct it.");
    }
    return tl::unexpected(mistakes.toError());
}

} // namespace gantry::workflows
