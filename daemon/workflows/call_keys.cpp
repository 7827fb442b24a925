// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/workflows/call_keys.h"

#include "daemon/workflows/call_text.h"
#include "daemon/workflows/workflow_file.h"
#include "shared/protocol/json_reader.h"
#include "shared/util/text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace gantry::workflows {

namespace {

constexpr std::array<std::string_view, 5> methods{"POST", "PUT", "PATCH", "DELETE", "GET"};
constexpr std::array verdicts{std::pair<std::string_view, CallVerdict>{"success", CallVerdict::Success},
    std::pair<std::string_view, CallVerdict>{"retryable", CallVerdict::Retryable},
    std::pair<std::string_view, CallVerdict>{"fatal", CallVerdict::Fatal}};

bool isCode(std::string_view text)
{
    return !text.empty() && text.size() <= CallLimits::codeBytes
        && std::all_of(text.begin(), text.end(),
            [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.'; });
}

bool isPointer(std::string_view text)
{
    if (text.empty() || text.front() != '/' || text.size() > CallLimits::pointerBytes
        || hasControlCharacter(text))
        return false;
    for (std::size_t at = text.find('~'); at != std::string_view::npos; at = text.find('~', at + 1))
        if (at + 1 == text.size() || (text[at + 1] != '0' && text[at + 1] != '1'))
            return false;
    return true;
}

/// A status as it may stand in a list: 409, or "4xx" as 4.
std::optional<int> statusOf(const toml::node& node)
{
    if (const auto number = node.value_exact<std::int64_t>())
        return *number >= 200 && *number <= 599 ? std::optional(static_cast<int>(*number)) : std::nullopt;
    const auto text = node.value_exact<std::string>().value_or("");
    const bool isHundred =
        text.size() == 3 && text.front() >= '2' && text.front() <= '5' && text.ends_with("xx");
    return isHundred ? std::optional(text.front() - '0') : std::nullopt;
}

/// The value of a member as it is compared: a text, a whole number or a truth.
std::optional<std::string> valueOf(const toml::node& node)
{
    if (auto text = node.value_exact<std::string>())
        return text;
    if (const auto number = node.value_exact<std::int64_t>())
        return std::to_string(*number);
    if (const auto truth = node.value_exact<bool>())
        return std::string(*truth ? "true" : "false");
    return std::nullopt;
}

/// Reads the keys of one call.
class CallReader {
public:
    CallReader(TableKeys& keys, const Handlers* handlers)
        : m_keys(keys)
        , m_handlers(handlers)
    {
    }

    HttpCall read(const HttpCall* forward)
    {
        HttpCall call;
        readService(call, forward);
        readMethod(call);
        readPath(call);
        readHeaders(call);
        readBody(call);
        readStatuses(call);
        readCodes(call);
        if (const toml::table* table = m_keys.table("answer"))
            readAnswer(*table, call.answer);
        return call;
    }

private:
    void readService(HttpCall& call, const HttpCall* forward)
    {
        if (forward && !m_keys.has("service")) {
            call.service = forward->service;
            return;
        }
        if (!m_keys.require("service", "Name a service of the daemon's configuration."))
            return;
        call.service = m_keys.text("service").value_or("");
        if (!isWellFormedName(call.service))
            m_keys.mistake("service",
                "must have 1 to 64 lower-case letters, digits, _ and -, beginning with a letter. Correct "
                "it.");
        else if (m_handlers && m_handlers->services && !m_handlers->services->contains(call.service))
            m_keys.mistake("service",
                "names nothing that this daemon may call. Add [service." + call.service
                    + "] to its configuration and restart it, or correct the name.");
    }

    void readMethod(HttpCall& call)
    {
        const auto method = m_keys.text("method");
        if (!method)
            return;
        call.method = *method;
        if (std::find(methods.begin(), methods.end(), *method) == methods.end())
            m_keys.mistake(
                "method", "must be POST, PUT, PATCH, DELETE or GET, in capital letters. Correct it.");
    }

    /// A template, with a mistake told if it is none. `asJson`: the fields that give JSON may stand in it.
    std::optional<TextTemplate> readTemplate(
        TableKeys& keys, std::string_view key, const std::string& text, bool asJson)
    {
        auto parsed = parseTemplate(text);
        if (!parsed) {
            const auto before = text.substr(0, parsed.error().offset);
            keys.mistake(key,
                "(character " + std::to_string(before.size() + 1) + " of it): " + parsed.error().message
                    + '.');
            return std::nullopt;
        }
        for (const TextTemplate::Piece& piece : parsed->pieces)
            if (!asJson && piece.field && typeOf(*piece.field) == TemplateType::Json) {
                keys.mistake(
                    key, "asks for a field that gives JSON, which may stand in a body only. Choose another.");
                return std::nullopt;
            }
        return std::move(*parsed);
    }

    void readPath(HttpCall& call)
    {
        if (!m_keys.require("path", "Say what is called at the service, such as \"/labels\"."))
            return;
        const std::string text = m_keys.text("path").value_or("");
        auto path = readTemplate(m_keys, "path", text, false);
        if (!path)
            return;
        const bool isClean = std::all_of(path->pieces.begin(), path->pieces.end(), [](const auto& piece) {
            return std::all_of(piece.text.begin(), piece.text.end(),
                [](char c) { return c > ' ' && c <= '~' && c != '#' && c != '\\' && c != '"'; });
        });
        if (!text.starts_with('/') || text.starts_with("//") || text.size() > CallLimits::pathBytes
            || !isClean)
            m_keys.mistake("path",
                "must begin with one / and have at most 1000 characters of ASCII, without blanks, #, \\ and "
                "quotes. "
                "Write others as %XX.");
        else if (const auto sample = renderPath(*path, [](TemplateField, const std::string&) { return "x"; });
                 !sample)
            m_keys.mistake(
                "path", "has a part that is empty, . or .. between its slashes. Write the path as it is.");
        call.path = std::move(*path);
    }

    void readHeaders(HttpCall& call)
    {
        const toml::table* table = m_keys.table("headers");
        if (!table)
            return;
        TableKeys keys(*table, m_keys.subject() + ", headers", m_keys.mistakes());
        if (table->size() > CallLimits::headers)
            m_keys.mistake("headers", "has more than 20 headers. Shorten it.");
        for (const auto& [key, node] : *table) {
            const std::string name(key.str());
            const std::string text = keys.text(name).value_or("");
            if (!isHeaderName(name))
                keys.mistake(name, "is not the name of a header. Correct it.");
            else if (isOwnHeader(name))
                keys.mistake(name, "is written by Gantry itself. Remove it.");
            else if (text.size() > CallLimits::headerBytes || hasControlCharacter(text))
                keys.mistake(name, "must be one line of at most 1000 bytes. Shorten it.");
            else if (auto value = readTemplate(keys, name, text, false))
                call.headers.emplace_back(name, std::move(*value));
        }
    }

    void readBody(HttpCall& call)
    {
        const auto text = m_keys.text("body");
        if (!text)
            return;
        if (!hasBody(call.method))
            return m_keys.mistake(
                "body", "must not stand at " + call.method + ", which carries none. Remove it.");
        if (text->size() > CallLimits::bodyBytes)
            return m_keys.mistake("body", "has more than 16384 bytes. Shorten it.");
        call.body = readTemplate(m_keys, "body", *text, true);
        if (!call.body)
            return;
        // Filled in with what would break out of a text's quotes, or of anything that is no text.
        const std::string sample = renderJson(*call.body, [](TemplateField field, const std::string&) {
            switch (typeOf(field)) {
            case TemplateType::Text: return std::string("x\"y");
            case TemplateType::Number: return std::string("1");
            case TemplateType::Json: break;
            }
            return std::string("{\"x\":[]}");
        });
        JsonParser parser;
        if (!parser.parse(sample))
            m_keys.mistake("body",
                "is not JSON when its placeholders are filled in. Put those for texts in quotes, those for "
                "numbers "
                "and JSON not.");
    }

    void readStatuses(HttpCall& call)
    {
        for (const auto& [key, verdict] : verdicts) {
            const toml::array* list = m_keys.array(key);
            if (!list)
                continue;
            if (list->empty() || list->size() > CallLimits::rules)
                m_keys.mistake(key, "must hold 1 to 50 statuses. Correct it.");
            for (const toml::node& node : *list) {
                const auto status = statusOf(node);
                if (!status) {
                    m_keys.mistake(key,
                        "must hold statuses: numbers from 200 to 599, or \"2xx\" to \"5xx\". Correct it.");
                    break;
                }
                const bool isTwice = std::any_of(call.statuses.begin(), call.statuses.end(),
                    [&](const StatusRule& rule) { return rule.status == *status; });
                if (isTwice)
                    m_keys.mistake(key, "holds a status that has a meaning already. Name each once.");
                call.statuses.push_back({*status, verdict});
            }
        }
    }

    void readCodes(HttpCall& call)
    {
        const toml::table* table = m_keys.table("codes");
        if (!table)
            return;
        TableKeys keys(*table, m_keys.subject() + ", codes", m_keys.mistakes());
        if (table->size() > CallLimits::rules)
            m_keys.mistake("codes", "has more than 50 codes. Shorten it.");
        for (const auto& [key, node] : *table) {
            const std::string name(key.str());
            const std::string code = keys.text(name).value_or("");
            int status = 0;
            const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), status);
            if (error != std::errc() || end != name.data() + name.size() || status < 200 || status > 599)
                keys.mistake(name, "is not a status from 200 to 599. Correct it.");
            else if (!isCode(code))
                keys.mistake(
                    name, "must be a failure code of lower-case letters, digits, _ and dots. Correct it.");
            else
                call.codes.emplace_back(status, code);
        }
    }

    void readAnswer(const toml::table& table, AnswerRules& answer)
    {
        TableKeys keys(table, m_keys.subject() + ", answer", m_keys.mistakes());
        answer.isIgnored = keys.boolean("ignore").value_or(false);
        if (answer.isIgnored) {
            for (const char* key : {"member", "success", "retryable", "fatal", "result", "code", "message"})
                keys.forbid(key, "has no effect where the answer is ignored. Remove one of them.");
            return keys.finish();
        }
        const auto pointer = [&keys](std::string_view key, std::string& target) {
            const auto text = keys.text(key);
            if (text && !isPointer(*text))
                keys.mistake(key, "must be a JSON pointer such as \"/status\". Correct it.");
            target = text.value_or("");
        };
        pointer("member", answer.member);
        pointer("result", answer.result);
        pointer("code", answer.code);
        pointer("message", answer.message);
        for (const auto& [key, verdict] : verdicts)
            readValues(keys, key, verdict, answer);
        if (answer.member.empty() != answer.values.empty())
            m_keys.mistake(
                "answer", "needs both: member, and what its values mean. Add the other, or remove it.");
        keys.finish();
    }

    static void readValues(TableKeys& keys, std::string_view key, CallVerdict verdict, AnswerRules& answer)
    {
        const toml::array* list = keys.array(key);
        if (!list)
            return;
        if (list->empty() || list->size() > CallLimits::rules)
            keys.mistake(key, "must hold 1 to 50 values. Correct it.");
        for (const toml::node& node : *list) {
            auto value = valueOf(node);
            if (!value)
                return keys.mistake(key, "must hold texts, whole numbers, true or false. Correct it.");
            const bool isTwice = std::any_of(answer.values.begin(), answer.values.end(),
                [&](const auto& each) { return each.first == *value; });
            if (isTwice)
                keys.mistake(key, "holds a value that has a meaning already. Name each once.");
            answer.values.emplace_back(std::move(*value), verdict);
        }
    }

    TableKeys& m_keys;
    const Handlers* m_handlers;
};

} // namespace

HttpCall readCall(TableKeys& keys, const HttpCall* forward, const Handlers* handlers)
{
    return CallReader(keys, handlers).read(forward);
}

} // namespace gantry::workflows
