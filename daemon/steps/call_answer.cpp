// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/steps/call_answer.h"

#include "shared/domain/command.h"
#include "shared/protocol/json_reader.h"
#include "shared/protocol/money_codec.h"
#include "shared/protocol/worker_messages.h"
#include "shared/util/text.h"

#include <QDateTime>
#include <QLocale>
#include <QTimeZone>
#include <algorithm>

namespace gantry::steps {

namespace {

constexpr std::size_t textBytes = 300; ///< of what a service says

bool isCode(std::string_view text)
{
    return !text.empty() && text.size() <= CommandLimits::code
        && std::all_of(text.begin(), text.end(),
            [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.'; });
}

std::string_view advice(CallTrouble trouble)
{
    switch (trouble) {
    case CallTrouble::AddressRefused:
        return ". It is not of the public internet. Correct the service's name, or set allow_private in its "
               "configuration";
    case CallTrouble::ConnectFailed:
    case CallTrouble::TlsFailed: return ". Nothing was sent";
    case CallTrouble::Timeout:
    case CallTrouble::ConnectionLost:
    case CallTrouble::BadResponse:
        return ". Whether it acted is not known; the next attempt has the same idempotency key";
    case CallTrouble::TooLarge:
        return ". It has acted, but what it said is not known. Raise max_response_bytes in its "
               "configuration, restart, "
               "then retry";
    case CallTrouble::None: break;
    }
    return "";
}

/// The body of an answer, as far as it is a JSON object.
class Body {
public:
    explicit Body(std::string_view text)
    {
        const auto root = m_parser.parse(text);
        if (root && root->is_object())
            m_root = *root;
    }

    [[nodiscard]] bool isObject() const noexcept { return m_root.has_value(); }

    /// What stands at a JSON pointer; the whole for an empty one.
    [[nodiscard]] std::optional<simdjson::dom::element> at(const std::string& pointer) const
    {
        simdjson::dom::element found;
        if (!m_root || m_root->at_pointer(pointer).get(found) != simdjson::SUCCESS)
            return std::nullopt;
        return found;
    }

    /// A text, a whole number or a truth, as text.
    [[nodiscard]] std::optional<std::string> scalarAt(const std::string& pointer) const
    {
        const auto found = at(pointer);
        if (!found || found->is_object() || found->is_array() || found->is_null())
            return std::nullopt;
        std::string_view text;
        return found->get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::to_string(*found);
    }

private:
    JsonParser m_parser;
    std::optional<simdjson::dom::element> m_root;
};

/// Judges one answer.
class Judge {
public:
    Judge(const HttpCall& call, const CallOutcome& outcome, Timestamp now)
        : m_call(call)
        , m_outcome(outcome)
        , m_now(now)
        , m_body(call.answer.isIgnored ? std::string_view() : std::string_view(outcome.body))
    {
    }

    CallJudgment judge()
    {
        const CallVerdict verdict = verdictOf(m_call, m_outcome.status);
        const bool isCut = m_outcome.trouble == CallTrouble::TooLarge && !m_call.answer.isIgnored;
        if (verdict == CallVerdict::Success)
            return isCut ? tooLarge() : judgeBody();
        const bool isRetryable = verdict == CallVerdict::Retryable;
        return {fail(defaultCode(), answered(), !isRetryable), !isRetryable || m_outcome.status < 500};
    }

private:
    CallJudgment judgeBody()
    {
        const AnswerRules& rules = m_call.answer;
        if (rules.isIgnored || (m_outcome.body.empty() && rules.member.empty()))
            return {{.succeeded = true}};
        if (!m_body.isObject())
            return unreadable("with a body that is not a JSON object");
        if (!rules.member.empty()) {
            const auto value = m_body.scalarAt(rules.member);
            const auto verdict = verdictOn(value);
            if (!verdict)
                return unreadable(
                    "but " + rules.member + " is " + shown(value) + ", which has no meaning here");
            if (*verdict != CallVerdict::Success)
                return {fail(isCode(value.value_or("")) ? *value : defaultCode(),
                    answered() + " and " + rules.member + ' ' + shown(value),
                    *verdict == CallVerdict::Fatal)};
        }
        return judgeResult();
    }

    /// What is to be recorded of a success, with the money in it.
    [[nodiscard]] CallJudgment judgeResult() const
    {
        engine::TaskResult result{.succeeded = true};
        const auto found = m_body.at(m_call.answer.result);
        if (!found)
            return {result};
        FieldErrors errors;
        result.money = readResultMoney(*found, m_call.answer.result, errors);
        if (!errors.isEmpty())
            return unreadableMoney(errors.toError("The answer").fields.front());
        result.result = kept(*found);
        return {result};
    }

    /// What the member's value means. Without a list for success, all that is not listed is one.
    [[nodiscard]] std::optional<CallVerdict> verdictOn(const std::optional<std::string>& value) const
    {
        bool isSuccessListed = false;
        for (const auto& [each, verdict] : m_call.answer.values) {
            if (each == value)
                return verdict;
            isSuccessListed = isSuccessListed || verdict == CallVerdict::Success;
        }
        return isSuccessListed ? std::nullopt : std::optional(CallVerdict::Success);
    }

    /// The object to be recorded. The effect has been had: what can't be kept must not fail the step.
    static std::string kept(simdjson::dom::element found)
    {
        if (auto compact = compactObject(found, WorkerWireLimits::resultBytes))
            return std::move(*compact);
        return R"({"omitted":"the answer is no object, longer than 4000 bytes or more than 8 levels deep"})";
    }

    [[nodiscard]] engine::TaskResult fail(std::string code, std::string message, bool fatal) const
    {
        const AnswerRules& rules = m_call.answer;
        if (!rules.code.empty())
            if (auto said = m_body.scalarAt(rules.code); said && isCode(*said))
                code = std::move(*said);
        auto said = m_body.scalarAt(rules.message.empty() ? "/message" : rules.message);
        if (!said && rules.message.empty())
            said = m_body.scalarAt("/detail");
        if (said)
            message += ": " + toPlainText(*said, textBytes);
        engine::TaskResult result{.code = std::move(code), .message = std::move(message), .fatal = fatal};
        if (!fatal && !m_outcome.retryAfter.empty())
            result.retryAfter = parseRetryAfter(m_outcome.retryAfter, m_now);
        return result;
    }

    [[nodiscard]] CallJudgment unreadable(const std::string& how) const
    {
        return {{.code = "bad_response",
                    .message = answered() + ' ' + how
                        + ". Whether it acted is not known; the next attempt has the same idempotency key."},
            false};
    }

    /// It has acted, but nobody can book what it did: a person has to look.
    [[nodiscard]] CallJudgment unreadableMoney(const FieldError& wrong) const
    {
        return {{.code = "bad_money",
            .message = answered() + ", but " + wrong.pointer + ' ' + wrong.message
                + ". See what it did, correct the order's money, and override the step; or let the service "
                  "say its money as docs/workflows.md tells, and retry.",
            .fatal = true}};
    }

    [[nodiscard]] CallJudgment tooLarge() const
    {
        return {{.code = std::string(troubleCode(CallTrouble::TooLarge)),
            .message = "The service " + m_call.service + " answered too much: " + m_outcome.detail
                + std::string(advice(CallTrouble::TooLarge)) + '.',
            .fatal = true}};
    }

    [[nodiscard]] std::string defaultCode() const
    {
        for (const auto& [status, code] : m_call.codes)
            if (status == m_outcome.status)
                return code;
        return "http_" + std::to_string(m_outcome.status);
    }

    [[nodiscard]] std::string answered() const
    {
        std::string text = "The service " + m_call.service + " answered " + std::to_string(m_outcome.status);
        if (m_outcome.status >= 300 && m_outcome.status < 400)
            text += ", a redirect, which is not followed";
        return text;
    }

    static std::string shown(const std::optional<std::string>& value)
    {
        return value ? '"' + toPlainText(*value, 50) + '"' : std::string("missing");
    }

    const HttpCall& m_call;
    const CallOutcome& m_outcome;
    Timestamp m_now;
    Body m_body;
};

/// A date as HTTP writes it, in one of its forms. The name of the day is not looked at: with two digits of a year, it tells nothing before the
/// century is known.
QDateTime dateOf(const QString& text)
{
    const qsizetype comma = text.indexOf(QLatin1String(", "));
    const QString behindDay = comma < 0 ? text : text.mid(comma + 2);
    for (const char* form :
        {"dd MMM yyyy hh:mm:ss 'GMT'", "dd-MMM-yy hh:mm:ss 'GMT'", "ddd MMM d hh:mm:ss yyyy"}) {
        QDateTime date = QLocale::c().toDateTime(behindDay, QLatin1String(form));
        date.setTimeSpec(Qt::UTC);
        if (date.isValid())
            return date;
    }
    return {};
}

} // namespace

std::string_view troubleCode(CallTrouble trouble) noexcept
{
    switch (trouble) {
    case CallTrouble::AddressRefused: return "address_refused";
    case CallTrouble::ConnectFailed: return "connect_failed";
    case CallTrouble::TlsFailed: return "tls_failed";
    case CallTrouble::Timeout: return "timeout";
    case CallTrouble::ConnectionLost: return "connection_lost";
    case CallTrouble::TooLarge: return "response_too_large";
    case CallTrouble::BadResponse: return "bad_response";
    case CallTrouble::None: break;
    }
    return "";
}

std::optional<std::chrono::milliseconds> parseRetryAfter(std::string_view header, Timestamp now)
{
    constexpr std::size_t longest = 64;
    if (header.empty() || header.size() > longest)
        return std::nullopt;
    const QString text =
        QString::fromLatin1(header.data(), static_cast<qsizetype>(header.size())).simplified();
    bool isNumber = false;
    const qulonglong seconds = text.toULongLong(&isNumber);
    if (isNumber) {
        constexpr qulonglong most = 365ULL * 24 * 3600;
        return std::chrono::seconds(std::min(seconds, most));
    }
    QDateTime date = dateOf(text);
    if (!date.isValid())
        return std::nullopt;
    // Two digits of a year that seem to lie more than 50 years back are of the next century.
    constexpr qint64 fiftyYears = 50LL * 365 * 24 * 3600 * 1000;
    while (date.toMSecsSinceEpoch() < toMillis(now) - fiftyYears && text.contains(QLatin1Char('-')))
        date = date.addYears(100);
    return std::chrono::milliseconds(std::max<qint64>(0, date.toMSecsSinceEpoch() - toMillis(now)));
}

CallJudgment judgeCall(const HttpCall& call, const CallOutcome& outcome, Timestamp now)
{
    const bool hasStatus = outcome.trouble == CallTrouble::None || outcome.trouble == CallTrouble::TooLarge;
    if (hasStatus)
        return Judge(call, outcome, now).judge();
    const bool isRefused = outcome.trouble == CallTrouble::AddressRefused;
    return {{.code = std::string(troubleCode(outcome.trouble)),
                .message = "The service " + call.service
                    + (isRefused ? " was not called: its address is " : " gave no answer: ")
                    + toPlainText(outcome.detail, textBytes) + std::string(advice(outcome.trouble)) + '.'},
        false};
}

} // namespace gantry::steps
