// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/workflows/workflow_file.h"

#include "daemon/workflows/toml_keys.h"
#include "shared/util/text.h"

#include <algorithm>
#include <array>

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
};

// Kinds of the design that the engine does not do yet.
constexpr std::array<std::string_view, 3> kindsToCome{"approval", "http", "timer"};

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
            readCompensation(step, *rules);
            readAttempts(step, *rules);
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
        const bool comes = std::find(kindsToCome.begin(), kindsToCome.end(), *name) != kindsToCome.end();
        m_keys.mistake("kind",
            (comes ? *name + " is not done by this version of Gantry." : "is not a known kind.")
                + " Choose one of " + kindNames() + '.');
        return nullptr;
    }

    void readPerformer(StepDefinition& step, const KindRules& rules)
    {
        if (rules.kind == StepKind::Manual) {
            m_keys.forbid("handler", "must not stand at a manual step: a person does it. Remove it.");
            if (m_keys.require("role", "Say who may complete the step: warehouse, support or admin."))
                step.role = role();
            return;
        }
        m_keys.forbid("role", "stands at manual steps only: a machine does this one. Remove it.");
        if (m_keys.require("handler", "Name what does the step."))
            step.handler = handler("handler", rules.handlers);
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
        if (!m_keys.has("compensation")) {
            if (rules.saysCompensation)
                m_keys.require("compensation", "Name what undoes the step, or write \"none\".");
            return;
        }
        if (const auto name = m_keys.text("compensation"); name && *name != "none")
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
        if (rules.kind == StepKind::Manual && !isUndone)
            m_keys.forbid("retry", "has no effect at a manual step without compensation. Remove it.");
        else if (const toml::table* table = m_keys.table("retry"))
            readRetry(*table, step);
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
            readFatalCodes(*codes, keys, retry);
        keys.finish();
    }

    static void readFatalCodes(const toml::array& codes, TableKeys& keys, RetryPolicy& retry)
    {
        if (codes.size() > WorkflowLimits::fatalCodes)
            return keys.mistake("fatal_codes", "has more than 50 codes. Shorten the list.");
        for (const toml::node& node : codes) {
            const auto code = node.value_exact<std::string>();
            if (!code || !isWellFormedHandler(*code))
                return keys.mistake("fatal_codes",
                    "holds something other than failure codes: texts of 1 to 64 lower-case letters, digits, "
                    "_ - and "
                    "dots. Correct it.");
            if (std::find(retry.fatalCodes.begin(), retry.fatalCodes.end(), *code) != retry.fatalCodes.end())
                return keys.mistake("fatal_codes", "holds " + *code + " twice. Remove one.");
            retry.fatalCodes.push_back(*code);
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
