// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/condition.h"
#include "shared/util/text.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace gantry {

namespace {

bool isWordStart(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

std::optional<ConditionField> fieldFromName(std::string_view name)
{
    for (std::size_t i = 0; i < conditionFieldCount; ++i)
        if (fieldName(static_cast<ConditionField>(i)) == name)
            return static_cast<ConditionField>(i);
    return std::nullopt;
}

std::string allFieldNames()
{
    std::string names;
    for (std::size_t i = 0; i < conditionFieldCount; ++i)
        names.append(i == 0 ? "" : ", ").append(fieldName(static_cast<ConditionField>(i)));
    return names + ".KEY";
}

/// Recursive descent over the text. The depth is counted, so that no text can exhaust the stack. The first mistake is kept and moves to the end
/// of the text, where nothing more can be taken: so every function simply returns.
class Parser {
public:
    explicit Parser(std::string_view text)
        : m_text(text)
    {
    }

    tl::expected<Condition, ConditionError> whole()
    {
        Condition condition = anyOf();
        skipSpace();
        if (m_at < m_text.size())
            fail(m_at, "nothing is expected after the condition's end. Join two conditions by and, or");
        if (m_error)
            return tl::unexpected(std::move(*m_error));
        return condition;
    }

private:
    void fail(std::size_t offset, std::string message)
    {
        if (!m_error)
            m_error = ConditionError{offset, std::move(message)};
        m_at = m_text.size();
    }

    void skipSpace()
    {
        while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\t' || m_text[m_at] == '\n'))
            ++m_at;
    }

    [[nodiscard]] std::string_view wordAhead() const
    {
        std::size_t end = m_at;
        if (end < m_text.size() && isWordStart(m_text[end]))
            while (end < m_text.size() && (isWordStart(m_text[end]) || isDigit(m_text[end])))
                ++end;
        return m_text.substr(m_at, end - m_at);
    }

    bool takeWord(std::string_view word)
    {
        skipSpace();
        if (wordAhead() != word)
            return false;
        m_at += word.size();
        return true;
    }

    bool takeSign(std::string_view sign)
    {
        skipSpace();
        if (m_text.substr(m_at, sign.size()) != sign)
            return false;
        m_at += sign.size();
        return true;
    }

    Condition anyOf()
    {
        return group(Condition::Kind::Any, "or", [this] { return allOf(); });
    }

    Condition allOf()
    {
        return group(Condition::Kind::All, "and", [this] { return negation(); });
    }

    /// One part, or several joined by a word; parts of the same kind are taken in, which is the normal form.
    template <typename Part>
    Condition group(Condition::Kind kind, std::string_view word, const Part& part)
    {
        std::vector<Condition> parts;
        do {
            Condition next = part();
            if (next.kind == kind)
                std::move(next.parts.begin(), next.parts.end(), std::back_inserter(parts));
            else
                parts.push_back(std::move(next));
        } while (takeWord(word));
        if (parts.size() == 1)
            return std::move(parts.front());
        return {.kind = kind, .parts = std::move(parts)};
    }

    Condition negation()
    {
        skipSpace();
        if (++m_depth > ConditionLimits::depth)
            fail(m_at, "the condition is nested more than 32 deep. Write it flatter");
        Condition condition;
        if (takeWord("not")) {
            condition.kind = Condition::Kind::Not;
            condition.parts.push_back(negation());
        } else if (takeSign("(")) {
            condition = anyOf();
            if (!takeSign(")"))
                fail(m_at, "a ) is missing here");
        } else {
            condition = comparison();
        }
        --m_depth;
        return condition;
    }

    Condition comparison()
    {
        skipSpace();
        if (m_at < m_text.size() && (m_text[m_at] == '"' || m_text[m_at] == '-' || isDigit(m_text[m_at])))
            return contains();
        const std::size_t start = m_at;
        Condition condition = field();
        if (typeOf(condition.field) == ConditionType::Set)
            fail(start, "this field is a set. Ask whether it holds a text: \"…\" in " + nameOf(condition));
        skipSpace();
        const std::size_t sign = m_at;
        if (takeWord("in")) {
            condition.kind = Condition::Kind::OneOf;
            list(condition);
            return condition;
        }
        condition.comparison = comparisonSign();
        const bool isOrder =
            condition.comparison != Comparison::Equal && condition.comparison != Comparison::NotEqual;
        if (isOrder && typeOf(condition.field) == ConditionType::Text)
            fail(sign, "a text can only be compared with == , != or in. Use one of these");
        condition.values.push_back(value(condition));
        return condition;
    }

    Condition contains()
    {
        const std::size_t start = m_at;
        Condition condition{.kind = Condition::Kind::Contains};
        ConditionValue element = literal();
        if (!std::holds_alternative<std::string>(element))
            fail(start, "a comparison begins with a field. Write the field first, then the number");
        if (!takeWord("in"))
            fail(m_at, "after a text only in SET can follow. Write the field first: channel == \"web\"");
        skipSpace();
        const std::size_t set = m_at;
        const Condition named = field();
        if (typeOf(named.field) != ConditionType::Set)
            fail(set, nameOf(named) + " is no set. Use tags, payment_methods or skus after in");
        condition.field = named.field;
        condition.values.push_back(std::move(element));
        return condition;
    }

    /// A condition that has nothing but its field.
    Condition field()
    {
        skipSpace();
        const std::string_view word = wordAhead();
        const auto found = fieldFromName(word);
        if (word.empty())
            fail(m_at, "a field or a text is expected here. The fields are " + allFieldNames());
        if (!found)
            fail(m_at, std::string(word) + " is not a field. The fields are " + allFieldNames());
        Condition condition;
        if (!found)
            return condition;
        m_at += word.size();
        condition.field = *found;
        if (*found == ConditionField::Metadata)
            condition.key = metadataKey();
        return condition;
    }

    std::string metadataKey()
    {
        std::size_t end = m_at + 1;
        while (
            end < m_text.size() && (isWordStart(m_text[end]) || isDigit(m_text[end]) || m_text[end] == '-'))
            ++end;
        if (m_at >= m_text.size() || m_text[m_at] != '.' || end == m_at + 1) {
            fail(m_at, "metadata needs a key. Write metadata.KEY, with letters, digits, _ and -");
            return {};
        }
        std::string key(m_text.substr(m_at + 1, end - m_at - 1));
        m_at = end;
        return key;
    }

    Comparison comparisonSign()
    {
        // The longer first: < begins <= too.
        if (takeSign("=="))
            return Comparison::Equal;
        if (takeSign("!="))
            return Comparison::NotEqual;
        if (takeSign("<="))
            return Comparison::LessOrEqual;
        if (takeSign(">="))
            return Comparison::GreaterOrEqual;
        if (takeSign("<"))
            return Comparison::Less;
        if (takeSign(">"))
            return Comparison::Greater;
        fail(m_at, "a comparison is expected here: == != < <= > >= or in");
        return Comparison::Equal;
    }

    void list(Condition& condition)
    {
        if (!takeSign("["))
            fail(m_at, "a list is expected here: [\"DE\", \"AT\"]");
        do
            condition.values.push_back(value(condition));
        while (takeSign(","));
        if (!takeSign("]"))
            fail(m_at, "a , or ] is missing here");
    }

    /// A literal that fits the field.
    ConditionValue value(const Condition& condition)
    {
        skipSpace();
        const std::size_t start = m_at;
        ConditionValue found = literal();
        const bool isText = std::holds_alternative<std::string>(found);
        if (isText && typeOf(condition.field) == ConditionType::Number)
            fail(start, nameOf(condition) + " is a number. Write it without quotes");
        if (!isText && typeOf(condition.field) == ConditionType::Text)
            fail(start, nameOf(condition) + " is a text. Write it in double quotes");
        if (!m_error)
            checkValue(condition.field, found, start);
        return found;
    }

    /// Refuses values that no document can have: a condition on them is a slip of the pen.
    void checkValue(ConditionField field, const ConditionValue& value, std::size_t start)
    {
        if (field == ConditionField::Currency && !Currency::fromCode(std::get<std::string>(value)))
            fail(start, "this is not a currency of ISO 4217. Write its three upper-case letters");
        if (field == ConditionField::Country) {
            const auto& country = std::get<std::string>(value);
            const bool isCode = country.size() == 2
                && std::all_of(country.begin(), country.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
            if (!isCode && !country.empty())
                fail(start, "this is not a country of ISO 3166. Write its two upper-case letters");
        }
        if (field == ConditionField::Priority) {
            const auto priority = std::get<std::int64_t>(value);
            if (priority < 0 || priority > DocumentLimits::lowestPriority)
                fail(start, "a priority is 0 (first) to 9. Correct it");
        }
    }

    ConditionValue literal()
    {
        skipSpace();
        if (m_at < m_text.size() && m_text[m_at] == '"')
            return quotedText();
        std::int64_t number = 0;
        const char* begin = m_text.data() + m_at;
        const auto [end, error] = std::from_chars(begin, m_text.data() + m_text.size(), number);
        if (error == std::errc::result_out_of_range)
            fail(m_at, "this number is beyond 64 bits. Write a smaller one");
        if (error != std::errc())
            fail(m_at, "a value is expected here: a whole number, or a text in double quotes");
        if (m_error)
            return number;
        const auto stop = m_at + static_cast<std::size_t>(end - begin);
        if (stop < m_text.size() && (m_text[stop] == '.' || isWordStart(m_text[stop])))
            fail(m_at, "a number is whole: amounts are in minor units, 500.00 is 50000. Write it so");
        else
            m_at = stop;
        return number;
    }

    std::string quotedText()
    {
        const std::size_t start = m_at;
        std::string content;
        for (std::size_t i = start + 1; i < m_text.size(); ++i) {
            if (m_text[i] == '"') {
                m_at = i + 1;
                if (hasControlCharacter(content))
                    fail(start, "this text holds a control character, which no order can. Remove it");
                return content;
            }
            if (m_text[i] == '\\' && (++i >= m_text.size() || !isEscapable(m_text[i]))) {
                fail(i - 1, "only \\\" and \\\\ are known after a backslash. Double the backslash");
                return content;
            }
            content += m_text[i];
        }
        fail(start, "this text has no end. Close it with a double quote");
        return content;
    }

    static bool isEscapable(char c) { return c == '"' || c == '\\'; }

    static std::string nameOf(const Condition& condition)
    {
        std::string name(fieldName(condition.field));
        return condition.key.empty() ? name : name + '.' + condition.key;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    std::size_t m_depth = 0;
    std::optional<ConditionError> m_error;
};

} // namespace

tl::expected<Condition, ConditionError> parseCondition(std::string_view text)
{
    if (text.size() > ConditionLimits::bytes)
        return tl::unexpected(
            ConditionError{ConditionLimits::bytes, "the condition is longer than 2000 bytes. Shorten it"});
    return Parser(text).whole();
}

} // namespace gantry
