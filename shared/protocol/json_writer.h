// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/time.h"

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gantry {

/// Appends JSON (RFC 8259) to a string: compact, commas placed by itself. Texts must be valid UTF-8 (checked where they came in). Reuse
/// one writer for many documents with clear(): the buffer stays.
class JsonWriter {
public:
    JsonWriter& beginObject() { return open('{'); }
    JsonWriter& endObject() { return close('}'); }
    JsonWriter& beginArray() { return open('['); }
    JsonWriter& endArray() { return close(']'); }

    /// The name of the next member. Names are ours and need no escaping.
    JsonWriter& key(std::string_view name);

    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(std::signed_integral auto number) { return integer(static_cast<std::int64_t>(number)); }
    JsonWriter& value(std::unsigned_integral auto number)
    {
        return natural(static_cast<std::uint64_t>(number));
    }
    JsonWriter& value(bool truth) { return raw(truth ? "true" : "false"); }
    JsonWriter& value(double number);
    JsonWriter& value(Timestamp time) { return value(std::string_view(formatRfc3339(time))); }
    JsonWriter& null() { return raw("null"); }

    /// Puts text that is JSON already.
    JsonWriter& raw(std::string_view json);

    /// A member in one call.
    template <typename T>
    JsonWriter& member(std::string_view name, const T& content)
    {
        return key(name).value(content);
    }

    /// A member that is left out when there is nothing to say.
    template <typename T>
    JsonWriter& memberIf(std::string_view name, const std::optional<T>& content)
    {
        return content ? member(name, *content) : *this;
    }
    JsonWriter& memberIf(std::string_view name, std::string_view text)
    {
        return text.empty() ? *this : member(name, text);
    }

    [[nodiscard]] const std::string& text() const noexcept { return m_text; }
    /// The text; the writer starts afresh.
    [[nodiscard]] std::string take()
    {
        m_needsComma = false;
        return std::exchange(m_text, {});
    }
    void clear()
    {
        m_text.clear();
        m_needsComma = false;
    }

private:
    JsonWriter& open(char bracket);
    JsonWriter& close(char bracket);
    JsonWriter& integer(std::int64_t number);
    JsonWriter& natural(std::uint64_t number);
    void separate();

    std::string m_text;
    bool m_needsComma = false;
};

} // namespace gantry
