// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/order_document.h"

#include "shared/util/text.h"

#include <algorithm>
#include <string_view>

namespace gantry {

namespace {

using Limits = DocumentLimits;

bool isKey(std::string_view value)
{
    return !value.empty() && value.size() <= Limits::keyBytes && !hasControlCharacter(value);
}

bool isText(std::string_view value)
{
    return value.size() <= Limits::textBytes && !hasControlCharacter(value);
}

class FaultList {
public:
    void add(std::string_view pointer, ErrorCode code, std::string message)
    {
        m_faults.push_back({std::string(pointer), code, std::move(message)});
    }

    void checkKey(std::string_view pointer, std::string_view value)
    {
        if (value.empty())
            add(pointer, ErrorCode::InvalidValue, "must not be empty");
        else if (value.size() > Limits::keyBytes)
            add(pointer, ErrorCode::InvalidValue, "must not be longer than 100 bytes");
        else if (hasControlCharacter(value))
            add(pointer, ErrorCode::InvalidValue, "must not hold control characters");
    }

    void checkText(std::string_view pointer, std::string_view value)
    {
        if (!isText(value))
            add(pointer, ErrorCode::InvalidValue,
                "must not be longer than 1000 bytes, nor hold control characters");
    }

    void checkNotNegative(std::string_view pointer, MinorUnits amount)
    {
        if (amount < 0)
            add(pointer, ErrorCode::InvalidValue, "must not be negative");
    }

    /// Whether there are no more than that; what there is too much of is not looked at, and is one fault.
    bool checkCount(std::string_view pointer, std::size_t count, std::size_t most, ErrorCode code)
    {
        if (count <= most)
            return true;
        add(pointer, code,
            "has " + std::to_string(count) + " entries; at most " + std::to_string(most) + " are taken");
        return false;
    }

    std::vector<FieldError> take() { return std::move(m_faults); }
    [[nodiscard]] bool isEmpty() const { return m_faults.empty(); }

private:
    std::vector<FieldError> m_faults;
};

void checkLines(const OrderDocument& document, FaultList& faults)
{
    if (document.lines.empty())
        faults.add("/lines", ErrorCode::InvalidValue, "must have at least one line");
    if (!faults.checkCount("/lines", document.lines.size(), Limits::lines, ErrorCode::TooManyLines))
        return;
    for (std::size_t i = 0; i < document.lines.size(); ++i) {
        const OrderLine& line = document.lines[i];
        const bool sound = isKey(line.sku) && isText(line.name) && line.quantity >= 1
            && line.quantity <= Limits::quantity && line.unitPrice >= 0;
        if (sound)
            continue; // the common case builds no pointer text
        const std::string pointer = "/lines/" + std::to_string(i);
        faults.checkKey(pointer + "/sku", line.sku);
        faults.checkText(pointer + "/name", line.name);
        if (line.quantity < 1 || line.quantity > Limits::quantity)
            faults.add(pointer + "/quantity", ErrorCode::InvalidValue, "must be 1 to 1000000");
        faults.checkNotNegative(pointer + "/unit_price", line.unitPrice);
    }
}

std::optional<MinorUnits> computeTotal(const OrderDocument& document)
{
    // What is taken off comes first: then every step only adds, and overflows only if the total itself does.
    std::optional<MinorUnits> sum = addChecked(document.shipping, -document.discount);
    sum = sum ? addChecked(*sum, document.tax) : std::nullopt;
    for (const OrderLine& line : document.lines) {
        const auto amount = multiplyChecked(line.quantity, line.unitPrice);
        sum = sum && amount ? addChecked(*sum, *amount) : std::nullopt;
    }
    return sum;
}

void checkSums(const OrderDocument& document, FaultList& faults)
{
    const auto total = computeTotal(document);
    if (!total) {
        faults.add("/total", ErrorCode::AmountOverflow, "the lines add up to more than an amount can hold");
    } else if (*total != document.total) {
        faults.add("/total", ErrorCode::TotalMismatch,
            "is " + std::to_string(document.total) + ", but lines + shipping + tax - discount is "
                + std::to_string(*total));
    }
    if (document.payments.empty())
        return;
    std::optional<MinorUnits> paid = 0;
    for (const Payment& payment : document.payments)
        paid = paid ? addChecked(*paid, payment.amount) : std::nullopt;
    if (!paid)
        faults.add("/payments", ErrorCode::AmountOverflow, "add up to more than an amount can hold");
    else if (*paid != document.total)
        faults.add("/payments", ErrorCode::TotalMismatch,
            "add up to " + std::to_string(*paid) + ", but the total is " + std::to_string(document.total));
}

void checkPayments(const OrderDocument& document, FaultList& faults)
{
    if (!faults.checkCount("/payments", document.payments.size(), Limits::payments, ErrorCode::InvalidValue))
        return;
    for (std::size_t i = 0; i < document.payments.size(); ++i) {
        const std::string pointer = "/payments/" + std::to_string(i);
        faults.checkKey(pointer + "/method", document.payments[i].method);
        faults.checkNotNegative(pointer + "/amount", document.payments[i].amount);
    }
}

bool isCountryCode(std::string_view code)
{
    return code.size() == 2
        && std::all_of(code.begin(), code.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

void checkPeople(const OrderDocument& document, FaultList& faults)
{
    const Customer& customer = document.customer;
    faults.checkText("/customer/name", customer.name);
    faults.checkText("/customer/email", customer.email);
    faults.checkText("/customer/phone", customer.phone);
    const Address& address = document.shippingAddress;
    faults.checkText("/shipping_address/name", address.name);
    faults.checkText("/shipping_address/line1", address.line1);
    faults.checkText("/shipping_address/line2", address.line2);
    faults.checkText("/shipping_address/city", address.city);
    faults.checkText("/shipping_address/postal_code", address.postalCode);
    faults.checkText("/shipping_address/region", address.region);
    if (!address.country.empty() && !isCountryCode(address.country))
        faults.add(
            "/shipping_address/country", ErrorCode::InvalidValue, "must be two capital letters (ISO 3166-1)");
}

void checkTags(const OrderDocument& document, FaultList& faults)
{
    if (!faults.checkCount("/tags", document.tags.size(), Limits::tags, ErrorCode::InvalidValue))
        return;
    for (std::size_t i = 0; i < document.tags.size(); ++i)
        faults.checkKey("/tags/" + std::to_string(i), document.tags[i]);
}

void checkMetadata(const OrderDocument& document, FaultList& faults)
{
    const auto& metadata = document.metadata;
    if (!faults.checkCount("/metadata", metadata.size(), Limits::metadata, ErrorCode::InvalidValue))
        return;
    for (auto entry = metadata.begin(); entry != metadata.end(); ++entry) {
        const auto& [name, value] = *entry;
        if (!isKey(name)) {
            faults.add("/metadata", ErrorCode::InvalidValue,
                "has a name that is empty, longer than 100 bytes or holds control characters");
            continue;
        }
        const bool isRepeated = std::any_of(
            metadata.begin(), entry, [&name = name](const auto& earlier) { return earlier.first == name; });
        if (isRepeated)
            faults.add("/metadata/" + escapePointer(name), ErrorCode::DuplicateKey, "stands more than once");
        if (!isText(value))
            faults.checkText("/metadata/" + escapePointer(name), value);
    }
}

} // namespace

std::vector<FieldError> findFaults(const OrderDocument& document)
{
    FaultList faults;
    faults.checkKey("/channel", document.channel);
    faults.checkKey("/external_id", document.externalId);
    checkLines(document, faults);
    faults.checkNotNegative("/shipping", document.shipping);
    faults.checkNotNegative("/discount", document.discount);
    faults.checkNotNegative("/tax", document.tax);
    faults.checkNotNegative("/total", document.total);
    checkPayments(document, faults);
    if (document.priority < 0 || document.priority > Limits::lowestPriority)
        faults.add("/priority", ErrorCode::InvalidValue, "must be 0 (first) to 9");
    checkPeople(document, faults);
    checkTags(document, faults);
    checkMetadata(document, faults);
    // Sums are judged only where every amount is sound, so that one mistake is told once.
    if (faults.isEmpty())
        checkSums(document, faults);
    return faults.take();
}

} // namespace gantry
