// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/intake/vendor_object.h"

#include "shared/util/text.h"

namespace gantry::intake {

namespace {

constexpr std::size_t maxProblemBytes = 1000;

/// An amount's text without zeros that the currency has no place for: 12.3400 of a currency with two decimals is 12.34.
std::string_view withoutSpareZeros(std::string_view text, Currency currency)
{
    const auto point = text.find('.');
    if (point == std::string_view::npos)
        return text;
    const std::size_t exponent = static_cast<std::size_t>(currency.exponent());
    while (text.size() - point - 1 > exponent && text.back() == '0')
        text.remove_suffix(1);
    return text.back() == '.' && text.size() > 1 && exponent == 0 ? text.substr(0, text.size() - 1) : text;
}

} // namespace

VendorObject::VendorObject(simdjson::dom::element element, std::string pointer, FieldErrors& errors)
    : m_pointer(std::move(pointer))
    , m_errors(&errors)
{
    simdjson::dom::object object;
    if (element.get(object) == simdjson::SUCCESS)
        m_object = object;
    else
        m_errors->add(m_pointer, ErrorCode::WrongType, "is no object");
}

std::optional<simdjson::dom::element> VendorObject::find(std::string_view name) const
{
    simdjson::dom::element value;
    if (!m_object || m_object->at_key(name).get(value) != simdjson::SUCCESS || value.is_null())
        return std::nullopt;
    return value;
}

void VendorObject::tell(std::string_view name, ErrorCode code, std::string message) const
{
    m_errors->add(m_pointer + '/' + escapePointer(name), code, std::move(message));
}

bool VendorObject::has(std::string_view name) const
{
    return find(name).has_value();
}

std::string VendorObject::key(std::string_view name) const
{
    const auto value = find(name);
    std::string_view text;
    if (value && value->get(text) != simdjson::SUCCESS)
        tell(name, ErrorCode::WrongType, "is no text");
    return std::string(text);
}

std::string VendorObject::text(std::string_view name) const
{
    return toPlainText(key(name), DocumentLimits::textBytes);
}

std::string VendorObject::id(std::string_view name) const
{
    const auto value = find(name);
    std::uint64_t number = 0;
    std::string_view text;
    if (value && value->get(number) == simdjson::SUCCESS)
        return std::to_string(number);
    if (value && value->get(text) == simdjson::SUCCESS && !text.empty()
        && text.size() <= DocumentLimits::keyBytes && !hasControlCharacter(text))
        return std::string(text);
    tell(name, value ? ErrorCode::WrongType : ErrorCode::MissingField,
        value ? "is no id" : "is missing, and is needed");
    return {};
}

std::optional<std::int64_t> VendorObject::whole(std::string_view name) const
{
    const auto value = find(name);
    std::int64_t number = 0;
    if (!value)
        return std::nullopt;
    if (value->get(number) != simdjson::SUCCESS) {
        tell(name, ErrorCode::WrongType, "is no whole number");
        return std::nullopt;
    }
    return number;
}

bool VendorObject::isTrue(std::string_view name) const
{
    const auto value = find(name);
    bool truth = false;
    if (value && value->get(truth) != simdjson::SUCCESS)
        tell(name, ErrorCode::WrongType, "is neither true nor false");
    return truth;
}

MinorUnits VendorObject::money(std::string_view name, Currency currency) const
{
    if (!has(name)) {
        tell(name, ErrorCode::MissingField, "is missing, and is needed");
        return 0;
    }
    return moneyIf(name, currency);
}

MinorUnits VendorObject::moneyIf(std::string_view name, Currency currency) const
{
    const auto value = find(name);
    if (!value)
        return 0;
    std::string_view text;
    if (value->get(text) != simdjson::SUCCESS) {
        tell(name, ErrorCode::WrongType, "is an amount, and no text");
        return 0;
    }
    const auto amount = parseAmount(withoutSpareZeros(text, currency), currency);
    if (!amount)
        tell(name, ErrorCode::InvalidValue,
            "is " + toPlainText(text, 50) + ", which is no amount of " + std::string(currency.code()));
    return amount.value_or(0);
}

std::optional<Currency> VendorObject::currency(std::string_view name) const
{
    const std::string code = key(name);
    const auto currency = Currency::fromCode(code);
    if (!currency)
        tell(name, code.empty() ? ErrorCode::MissingField : ErrorCode::UnknownCurrency,
            code.empty() ? "is missing, and is needed"
                         : "is " + toPlainText(code, 50) + ", which ISO 4217 does not list");
    return currency;
}

std::optional<VendorObject> VendorObject::object(std::string_view name) const
{
    const auto value = find(name);
    if (!value)
        return std::nullopt;
    return VendorObject(*value, m_pointer + '/' + escapePointer(name), *m_errors);
}

std::vector<VendorObject> VendorObject::objects(std::string_view name) const
{
    std::vector<VendorObject> objects;
    const auto value = find(name);
    simdjson::dom::array array;
    if (!value)
        return objects;
    if (value->get(array) != simdjson::SUCCESS) {
        tell(name, ErrorCode::WrongType, "is no array");
        return objects;
    }
    const std::string pointer = m_pointer + '/' + escapePointer(name) + '/';
    for (const auto each : array)
        objects.emplace_back(each, pointer + std::to_string(objects.size()), *m_errors);
    return objects;
}

std::vector<std::string> VendorObject::texts(std::string_view name) const
{
    std::vector<std::string> texts;
    const auto value = find(name);
    simdjson::dom::array array;
    if (value && value->get(array) != simdjson::SUCCESS)
        tell(name, ErrorCode::WrongType, "is no array");
    else if (value)
        for (const auto each : array) {
            std::string_view text;
            if (each.get(text) == simdjson::SUCCESS)
                texts.emplace_back(text);
            else
                tell(name, ErrorCode::WrongType, "holds what is no text");
        }
    return texts;
}

std::string VendorObject::fullName() const
{
    const std::string first = text("first_name");
    const std::string last = text("last_name");
    return first.empty() || last.empty() ? first + last : first + ' ' + last;
}

void remember(OrderDocument& document, std::string_view name, std::string value)
{
    if (!value.empty())
        document.metadata.emplace_back(name, std::move(value));
}

Reading unmappable(Reading reading, const FieldErrors& errors)
{
    std::string problem;
    for (const FieldError& each : errors.toError("").fields)
        problem.append(problem.empty() ? "" : "; ")
            .append(each.pointer.empty() ? "the body" : each.pointer)
            .append(" ")
            .append(each.message);
    reading.ask = store::DeliveryAsk::Nothing;
    reading.outcome = store::DeliveryOutcome::Unmappable;
    reading.problem = toPlainText(problem, maxProblemBytes);
    return reading;
}

Reading mapped(Reading reading, OrderDocument document, FieldErrors errors)
{
    // Faults of the document only where the body was sound, so that one mistake is told once.
    if (errors.isEmpty())
        errors.add(findFaults(document));
    if (!errors.isEmpty())
        return unmappable(std::move(reading), errors);
    reading.document = std::move(document);
    return reading;
}

} // namespace gantry::intake
