// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/json_reader.h"

#include "shared/util/text.h"

#include <algorithm>

namespace gantry {

namespace {

constexpr std::size_t maxDepth = 32;
constexpr std::size_t maxRawDepth = 8;

/// Whether a value has no more than that many objects and arrays one in the other.
bool isWithinDepth(simdjson::dom::element element, std::size_t most)
{
    simdjson::dom::array array;
    simdjson::dom::object object;
    if (element.get(array) == simdjson::SUCCESS)
        return most > 0 && std::all_of(array.begin(), array.end(), [most](simdjson::dom::element each) {
            return isWithinDepth(each, most - 1);
        });
    if (element.get(object) == simdjson::SUCCESS)
        return most > 0
            && std::all_of(object.begin(), object.end(),
                [most](simdjson::dom::key_value_pair each) { return isWithinDepth(each.value, most - 1); });
    return true;
}

Error describe(simdjson::error_code code)
{
    switch (code) {
    case simdjson::UTF8_ERROR:
        return {ErrorCode::InvalidUtf8, "The body is not valid UTF-8. Send it encoded as UTF-8."};
    case simdjson::CAPACITY:
        return {ErrorCode::BodyTooLarge, "The body is too large. Split it into smaller requests."};
    case simdjson::DEPTH_ERROR:
        return {ErrorCode::MalformedJson, "The JSON is nested more than 32 levels deep. Flatten it."};
    case simdjson::NUMBER_ERROR:
        return {ErrorCode::MalformedJson,
            "The JSON holds a number that is malformed or too large. Mend the number."};
    default:
        return {ErrorCode::MalformedJson,
            std::string("The body is not JSON (") + simdjson::error_message(code)
                + "). Send one JSON document."};
    }
}

} // namespace

std::optional<std::string> compactObject(simdjson::dom::element element, std::size_t maxBytes)
{
    if (!element.is_object() || !isWithinDepth(element, maxRawDepth))
        return std::nullopt;
    std::string json = simdjson::to_string(element);
    return json.size() <= maxBytes ? std::optional(std::move(json)) : std::nullopt;
}

JsonParser::JsonParser(std::size_t maxBytes)
    : m_maxBytes(maxBytes)
{
}

Result<simdjson::dom::element> JsonParser::parse(std::string_view json)
{
    if (json.size() > m_maxBytes)
        return tl::unexpected(describe(simdjson::CAPACITY));
    if (json.empty())
        return tl::unexpected(
            describe(simdjson::EMPTY)); // simdjson copies it, and nothing may have no address
    if (m_parser.capacity() < json.size() || m_parser.max_depth() != maxDepth) {
        // Grown in steps so that a run of slightly larger documents does not allocate each time.
        const std::size_t capacity = std::min(m_maxBytes, std::max<std::size_t>(json.size() * 2, 4096));
        if (const auto code = m_parser.allocate(capacity, maxDepth))
            return tl::unexpected(describe(code));
    }
    simdjson::dom::element root;
    if (const auto code = m_parser.parse(json.data(), json.size()).get(root))
        return tl::unexpected(describe(code));
    return root;
}

void FieldErrors::add(std::string pointer, ErrorCode code, std::string message)
{
    if (m_errors.size() < most)
        m_errors.push_back({std::move(pointer), code, std::move(message)});
}

void FieldErrors::add(std::vector<FieldError> errors)
{
    for (FieldError& error : errors)
        add(std::move(error.pointer), error.code, std::move(error.message));
}

Error FieldErrors::toError(std::string_view subject) const
{
    const FieldError& first = m_errors.front();
    std::string message = std::string(subject)
        + " is not acceptable: " + (first.pointer.empty() ? "it" : first.pointer) + ' ' + first.message;
    if (m_errors.size() > 1)
        message += ", and " + std::to_string(m_errors.size() - 1) + " more";
    return {first.code, message + ". Mend what `errors` lists and send it again.", m_errors};
}

ObjectReader::ObjectReader(simdjson::dom::element element, std::string pointer, FieldErrors& errors)
    : m_pointer(std::move(pointer))
    , m_errors(errors)
{
    simdjson::dom::object object;
    if (element.get(object) != simdjson::SUCCESS) {
        m_errors.add(m_pointer, ErrorCode::WrongType, "must be an object");
        return;
    }
    m_isObject = true;
    m_fields.reserve(object.size());
    for (const auto [name, value] : object)
        m_fields.push_back({name, value});
    // Sorting finds duplicates in n log n; look-ups by name are then a binary search.
    std::sort(
        m_fields.begin(), m_fields.end(), [](const Field& a, const Field& b) { return a.name < b.name; });
    // One is kept, and one error told, however many there are.
    const auto isTwin = [](const Field& a, const Field& b) { return a.name == b.name; };
    for (std::size_t i = 1; i < m_fields.size(); ++i)
        if (isTwin(m_fields[i - 1], m_fields[i]) && (i == 1 || !isTwin(m_fields[i - 2], m_fields[i])))
            m_errors.add(pointerTo(m_fields[i].name), ErrorCode::DuplicateKey, "stands more than once");
    m_fields.erase(std::unique(m_fields.begin(), m_fields.end(), isTwin), m_fields.end());
}

std::string ObjectReader::pointerTo(std::string_view name) const
{
    return m_pointer + '/' + escapePointer(name);
}

ObjectReader::Field* ObjectReader::find(std::string_view name)
{
    const auto found = std::lower_bound(m_fields.begin(), m_fields.end(), name,
        [](const Field& field, std::string_view wanted) { return field.name < wanted; });
    return found != m_fields.end() && found->name == name ? &*found : nullptr;
}

std::optional<simdjson::dom::element> ObjectReader::any(std::string_view name)
{
    Field* field = find(name);
    if (!field)
        return std::nullopt;
    field->used = true;
    return field->value;
}

std::optional<simdjson::dom::element> ObjectReader::typed(
    std::string_view name, simdjson::dom::element_type type, std::string_view typeText)
{
    const auto value = any(name);
    if (!value || value->type() == type)
        return value;
    m_errors.add(pointerTo(name), ErrorCode::WrongType, "must be " + std::string(typeText));
    return std::nullopt;
}

void ObjectReader::requireMember(std::string_view name)
{
    // What is no object was told as that; its members are not missed one by one.
    if (m_isObject && !find(name))
        m_errors.add(pointerTo(name), ErrorCode::MissingField, "is missing");
}

std::string ObjectReader::text(std::string_view name, std::size_t maxBytes)
{
    const auto value = typed(name, simdjson::dom::element_type::STRING, "a text");
    if (!value)
        return {};
    const std::string_view content = value->get_string().value_unsafe();
    if (content.size() > maxBytes) {
        m_errors.add(pointerTo(name), ErrorCode::InvalidValue,
            "is " + std::to_string(content.size()) + " bytes long; at most " + std::to_string(maxBytes)
                + " are taken");
        return {};
    }
    if (hasControlCharacter(content)) {
        m_errors.add(pointerTo(name), ErrorCode::InvalidValue, "must not hold control characters");
        return {};
    }
    return std::string(content);
}

std::string ObjectReader::requiredText(std::string_view name, std::size_t maxBytes)
{
    requireMember(name);
    const Field* field = find(name);
    if (field && field->value.is_string() && field->value.get_string_length().value_unsafe() == 0)
        m_errors.add(pointerTo(name), ErrorCode::InvalidValue, "must not be empty");
    return text(name, maxBytes);
}

std::string ObjectReader::storedText(std::string_view name)
{
    const auto value = typed(name, simdjson::dom::element_type::STRING, "a text");
    return value ? std::string(value->get_string().value_unsafe()) : std::string();
}

std::string ObjectReader::requiredStoredText(std::string_view name)
{
    requireMember(name);
    return storedText(name);
}

std::optional<std::int64_t> ObjectReader::integer(std::string_view name)
{
    const auto value = any(name);
    if (!value)
        return std::nullopt;
    std::int64_t number = 0;
    if (value->is_int64() && value->get(number) == simdjson::SUCCESS)
        return number;
    if (value->is_uint64())
        m_errors.add(pointerTo(name), ErrorCode::AmountOverflow, "is larger than 9223372036854775807");
    else
        m_errors.add(
            pointerTo(name), ErrorCode::WrongType, "must be an integer, without fraction or exponent");
    return std::nullopt;
}

std::int64_t ObjectReader::requiredInteger(std::string_view name)
{
    requireMember(name);
    return integerOr(name, 0);
}

std::uint64_t ObjectReader::requiredNatural(std::string_view name, std::uint64_t most)
{
    requireMember(name);
    const auto number = integer(name);
    if (!number)
        return 0;
    if (*number < 0 || static_cast<std::uint64_t>(*number) > most) {
        m_errors.add(pointerTo(name), ErrorCode::InvalidValue, "must be 0 to " + std::to_string(most));
        return 0;
    }
    return static_cast<std::uint64_t>(*number);
}

std::optional<bool> ObjectReader::boolean(std::string_view name)
{
    const auto value = typed(name, simdjson::dom::element_type::BOOL, "true or false");
    return value ? std::optional<bool>(value->get_bool().value_unsafe()) : std::nullopt;
}

std::optional<Timestamp> ObjectReader::time(std::string_view name)
{
    const auto value =
        typed(name, simdjson::dom::element_type::STRING, "a time such as 2026-03-01T08:15:30Z");
    if (!value)
        return std::nullopt;
    const auto time = parseRfc3339(value->get_string().value_unsafe());
    if (!time)
        m_errors.add(pointerTo(name), ErrorCode::InvalidValue,
            "must be an RFC 3339 time such as 2026-03-01T08:15:30Z");
    return time;
}

Timestamp ObjectReader::requiredTime(std::string_view name)
{
    requireMember(name);
    return time(name).value_or(Timestamp{});
}

std::optional<simdjson::dom::array> ObjectReader::array(std::string_view name)
{
    const auto value = typed(name, simdjson::dom::element_type::ARRAY, "an array");
    return value ? std::optional<simdjson::dom::array>(value->get_array().value_unsafe()) : std::nullopt;
}

std::optional<simdjson::dom::array> ObjectReader::requiredArray(std::string_view name)
{
    requireMember(name);
    return array(name);
}

std::optional<simdjson::dom::element> ObjectReader::object(std::string_view name)
{
    return typed(name, simdjson::dom::element_type::OBJECT, "an object");
}

std::string ObjectReader::rawObject(std::string_view name, std::size_t maxBytes)
{
    const auto value = object(name);
    if (!value)
        return {};
    if (auto json = compactObject(*value, maxBytes))
        return std::move(*json);
    m_errors.add(pointerTo(name), ErrorCode::InvalidValue,
        "must be at most " + std::to_string(maxBytes) + " bytes long and 8 levels deep");
    return {};
}

void ObjectReader::finish()
{
    for (const Field& field : m_fields)
        if (!field.used)
            m_errors.add(pointerTo(field.name), ErrorCode::UnknownField, "is not a known field");
}

} // namespace gantry
