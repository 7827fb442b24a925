// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"
#include "shared/util/time.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <simdjson.h>
#include <string>
#include <string_view>
#include <vector>

namespace gantry {

/// Parses JSON strictly: valid UTF-8, at most 32 levels, no more than the given bytes. Keep one per thread and reuse it: its buffers
/// grow once. What parse() gives is valid until the next parse().
class JsonParser {
public:
    /// `maxBytes`: the largest document taken.
    explicit JsonParser(std::size_t maxBytes = 16 * 1024 * 1024);

    /// Errors: MalformedJson, InvalidUtf8, BodyTooLarge.
    Result<simdjson::dom::element> parse(std::string_view json);

private:
    simdjson::dom::parser m_parser;
    std::size_t m_maxBytes;
};

/// A value as compact JSON to be carried inside other documents; empty if it is no object, longer than `maxBytes` or more than 8 levels deep.
std::optional<std::string> compactObject(simdjson::dom::element element, std::size_t maxBytes);

/// Collects what is wrong in a document, up to a sensible number, each with its JSON pointer.
class FieldErrors {
public:
    void add(std::string pointer, ErrorCode code, std::string message);
    void add(std::vector<FieldError> errors);
    [[nodiscard]] bool isEmpty() const noexcept { return m_errors.empty(); }

    /// The failure that tells it all; its code is the first one's. `subject`: what was read, e.g. "The order".
    [[nodiscard]] Error toError(std::string_view subject) const;

private:
    static constexpr std::size_t most = 50;
    std::vector<FieldError> m_errors;
};

/// Reads the members of one JSON object strictly: each by name and type, none twice, and at the end none that nobody asked for.
/// Wrong things are told to FieldErrors, and the default is given instead.
class ObjectReader {
public:
    /// `pointer`: where the object stands in the document, e.g. "/lines/3"; "" for the whole.
    ObjectReader(simdjson::dom::element element, std::string pointer, FieldErrors& errors);

    /// A text of at most `maxBytes` without control characters.
    std::string text(std::string_view name, std::size_t maxBytes);

    /// The same, neither absent nor empty.
    std::string requiredText(std::string_view name, std::size_t maxBytes);

    /// A text that we wrote ourselves: as it is, whatever may come in today. What was taken once is read for ever.
    std::string storedText(std::string_view name);
    std::string requiredStoredText(std::string_view name);

    /// An integer; a number with a fraction or an exponent is of the wrong type.
    std::optional<std::int64_t> integer(std::string_view name);
    std::int64_t integerOr(std::string_view name, std::int64_t fallback)
    {
        return integer(name).value_or(fallback);
    }
    std::int64_t requiredInteger(std::string_view name);

    /// An integer from 0 to `most`.
    std::uint64_t requiredNatural(std::string_view name, std::uint64_t most);

    std::optional<bool> boolean(std::string_view name);
    std::optional<Timestamp> time(std::string_view name);
    Timestamp requiredTime(std::string_view name);
    std::optional<simdjson::dom::array> array(std::string_view name);
    std::optional<simdjson::dom::array> requiredArray(std::string_view name);

    /// The object of that name as an element for another ObjectReader.
    std::optional<simdjson::dom::element> object(std::string_view name);

    /// An object that is kept as it came, as compact JSON of at most `maxBytes`; empty if there is none. At most 8 levels deep: it is carried inside
    /// other documents, which have a limit too.
    std::string rawObject(std::string_view name, std::size_t maxBytes);

    /// A member of any type, as it is.
    std::optional<simdjson::dom::element> any(std::string_view name);

    /// Tells of every member that was not asked for. Call last.
    void finish();

    /// The pointer of a member, escaped by RFC 6901.
    [[nodiscard]] std::string pointerTo(std::string_view name) const;

    [[nodiscard]] FieldErrors& errors() const noexcept { return m_errors; }

private:
    struct Field {
        std::string_view name;
        simdjson::dom::element value;
        bool used = false;
    };
    Field* find(std::string_view name);
    std::optional<simdjson::dom::element> typed(
        std::string_view name, simdjson::dom::element_type type, std::string_view typeText);
    void requireMember(std::string_view name);

    std::vector<Field> m_fields; ///< by name, none twice
    bool m_isObject = false;
    std::string m_pointer;
    FieldErrors& m_errors;
};

} // namespace gantry
