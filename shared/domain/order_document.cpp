// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/domain/order_document.h"

#include <algorithm>
#include <string_view>

namespace gantry {

namespace {

using Limits = DocumentLimits;

class FaultList {
public:
    void add(std::string pointer, ErrorCode code, std::string message)
    {
        m_faults.push_back({std::move(pointer), code, std::move(message)});
    }

    void checkKey(const std::string& pointer, std::string_view value)
    {
        if (value.empty())
            add(pointer, ErrorCode::InvalidValue, "must not be empty");
        else if (value.size() > Limits::keyBytes)
            add(pointer, ErrorCode::InvalidValue, "must not be longer than 100 bytes");
    }

    void checkNotNegative(const std::string& pointer, MinorUnits amount)
    {
        if (amount < 0)
            add(pointer, ErrorCode::InvalidValue, "must not be negative");
    }

    void checkCount(const std::string& pointer, std::size_t count, std::size_t most, ErrorCode code)
    {
        if (count > most)
            add(pointer, code,
                "has " + std::to_string(count) + " entries; at most " + std::to_string(most) + " are taken");
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
    faults.checkCount("/lines", document.lines.size(), Limits::lines, ErrorCode::TooManyLines);
    if (document.lines.size() > Limits::lines)
        return;
    for (std::size_t i = 0; i < document.lines.size(); ++i) {
        const OrderLine& line = document.lines[i];
        const bool sound = !line.sku.empty() && line.sku.size() <= Limits::keyBytes && line.quantity >= 1
            && line.quantity <= Limits::quantity && line.unitPrice >= 0;
        if (sound)
            continue; // the common case builds no pointer text
        const std::string pointer = "/lines/" + std::to_string(i);
        faults.checkKey(pointer + "/sku", line.sku);
        if (line.quantity < 1 || line.quantity > Limits::quantity)
            faults.add(pointer + "/quantity", ErrorCode::InvalidValue, "must be 1 to 1000000");
        faults.checkNotNegative(pointer + "/unit_price", line.unitPrice);
    }
}

std::optional<MinorUnits> computeTotal(const OrderDocument& document)
{
    std::optional<MinorUnits> sum = addChecked(document.shipping, document.tax);
    for (const OrderLine& line : document.lines) {
        const auto amount = multiplyChecked(line.quantity, line.unitPrice);
        sum = sum && amount ? addChecked(*sum, *amount) : std::nullopt;
    }
    return sum ? addChecked(*sum, -document.discount) : std::nullopt;
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
    faults.checkCount("/payments", document.payments.size(), Limits::payments, ErrorCode::InvalidValue);
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
    if (!document.shippingAddress.country.empty() && !isCountryCode(document.shippingAddress.country))
        faults.add(
            "/shipping_address/country", ErrorCode::InvalidValue, "must be two capital letters (ISO 3166-1)");
    faults.checkCount("/tags", document.tags.size(), Limits::tags, ErrorCode::InvalidValue);
    faults.checkCount("/metadata", document.metadata.size(), Limits::metadata, ErrorCode::InvalidValue);
    for (std::size_t i = 0; i < document.tags.size(); ++i)
        faults.checkKey("/tags/" + std::to_string(i), document.tags[i]);
    // Sums are judged only where every amount is sound, so that one mistake is told once.
    if (faults.isEmpty())
        checkSums(document, faults);
    return faults.take();
}

} // namespace gantry
