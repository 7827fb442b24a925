// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/olist_mapper.h"

#include <algorithm>

namespace gantry::console {

namespace {

using Refusal = tl::unexpected<OlistRefusal>;

Refusal refusal(std::string reason, std::string detail)
{
    return Refusal(OlistRefusal{std::move(reason), std::move(detail)});
}

const Currency& real()
{
    static const Currency currency = *Currency::fromCode("BRL");
    return currency;
}

/// The pieces as lines: pieces of one product, price and seller are one line, in the sequence of their first piece.
struct LinesOfOrder {
    std::vector<OrderLine> lines;
    std::vector<std::string> sellers; ///< of each line
};

LinesOfOrder groupPieces(const std::vector<OlistItem>& items, const CategoryLookup& categoryOf)
{
    LinesOfOrder grouped;
    for (const OlistItem& item : items) {
        if (grouped.lines.size() > DocumentLimits::lines)
            break; // refused for that anyhow; no need to go through millions
        std::size_t i = 0;
        while (i < grouped.lines.size()
            && (grouped.lines[i].sku != item.productId || grouped.lines[i].unitPrice != item.price
                || grouped.sellers[i] != item.sellerId))
            ++i;
        if (i == grouped.lines.size()) {
            grouped.lines.push_back({item.productId, categoryOf(item.productId).name, 0, item.price});
            grouped.sellers.push_back(item.sellerId);
        }
        ++grouped.lines[i].quantity;
    }
    return grouped;
}

template <typename Rows, typename Amount>
std::optional<MinorUnits> sumOf(const Rows& rows, Amount amount)
{
    std::optional<MinorUnits> sum = 0;
    for (const auto& row : rows)
        sum = sum ? addChecked(*sum, amount(row)) : std::nullopt;
    return sum;
}

/// Puts a text that may be longer than one entry of metadata into as many as it needs: `name`, `name_2`, …
void putLong(OrderDocument& document, const std::string& name, const std::vector<std::string>& words)
{
    std::string text;
    int part = 1;
    const auto flush = [&] {
        if (!text.empty())
            document.metadata.emplace_back(part == 1 ? name : name + '_' + std::to_string(part), text);
        text.clear();
        ++part;
    };
    for (const std::string& word : words) {
        if (!text.empty() && text.size() + 1 + word.size() > DocumentLimits::textBytes)
            flush();
        text += (text.empty() ? "" : ",") + word;
    }
    flush();
}

void putMetadata(OrderDocument& document, const OlistOrder& order, const OlistCustomer& customer)
{
    const auto put = [&document](const char* name, const std::string& text) {
        if (!text.empty())
            document.metadata.emplace_back(name, text);
    };
    put("customer_id", order.customerId);
    put("customer_unique_id", customer.uniqueId);
    put("order_status", order.status);
    put("order_purchase_timestamp", order.purchasedAt);
    put("order_approved_at", order.approvedAt);
    put("order_delivered_carrier_date", order.carrierAt);
    put("order_delivered_customer_date", order.deliveredAt);
    put("order_estimated_delivery_date", order.estimatedAt);
}

void putSellers(OrderDocument& document, const std::vector<std::string>& sellers)
{
    const bool isOne = std::all_of(
        sellers.begin(), sellers.end(), [&](const std::string& seller) { return seller == sellers.front(); });
    if (isOne)
        putLong(document, "seller_id", {sellers.front()});
    else
        putLong(document, "line_seller_ids", sellers);
}

void putPayments(OrderDocument& document, const std::vector<OlistPayment>& payments)
{
    std::vector<std::string> installments;
    for (const OlistPayment& payment : payments) {
        document.payments.push_back({payment.type, payment.value});
        installments.push_back(std::to_string(payment.installments));
    }
    putLong(document, "payment_installments", installments);
}

/// Checks the money: payments must be there and add up to price and freight.
tl::expected<void, OlistRefusal> putMoney(OrderDocument& document, const OlistParts& parts)
{
    const auto price = sumOf(parts.items, [](const OlistItem& item) { return item.price; });
    const auto freight = sumOf(parts.items, [](const OlistItem& item) { return item.freight; });
    const auto paid = sumOf(parts.payments, [](const OlistPayment& payment) { return payment.value; });
    const auto total = price && freight ? addChecked(*price, *freight) : std::nullopt;
    if (!total || !paid)
        return refusal("amount_overflow", "its amounts add up to more than an amount can hold");
    if (parts.payments.empty())
        return refusal("no_payment", "it has no payment");
    if (*paid != *total)
        return refusal("payments_mismatch",
            "its payments add up to " + formatAmount(*paid, real()) + ", price and freight to "
                + formatAmount(*total, real()) + " (difference " + formatAmount(*paid - *total, real())
                + ")");
    document.shipping = *freight;
    document.total = *total;
    return {};
}

bool hasGap(const std::vector<OlistPayment>& payments)
{
    for (std::size_t i = 0; i < payments.size(); ++i)
        if (payments[i].sequential != static_cast<std::int64_t>(i) + 1)
            return true;
    return false;
}

bool isBefore(std::string_view a, std::string_view b)
{
    const auto first = parseOlistTime(a);
    const auto second = parseOlistTime(b);
    return first && second && *first < *second;
}

bool isUnreadable(std::string_view text)
{
    return !text.empty() && !parseOlistTime(text);
}

} // namespace

std::optional<Timestamp> parseOlistTime(std::string_view text)
{
    if (text.size() != 19 || text[10] != ' ')
        return std::nullopt;
    std::string rfc3339(text);
    rfc3339[10] = 'T';
    return parseRfc3339(rfc3339 + "-03:00");
}

tl::expected<OrderDocument, OlistRefusal> mapOlistOrder(const OlistOrder& order, const OlistParts& parts,
    const OlistCustomer* customer, const CategoryLookup& categoryOf)
{
    if (!parts.fault.empty())
        return refusal("part_rejected", parts.fault);
    if (!customer)
        return refusal("no_customer", "the customers file has no customer " + order.customerId);
    if (!customer->fault.empty())
        return refusal("part_rejected", customer->fault);
    if (parts.items.empty())
        return refusal("no_items", "it has no items (its status is " + order.status + ")");
    OrderDocument document{.channel = "olist", .externalId = order.id, .currency = real()};
    if (const auto money = putMoney(document, parts); !money)
        return tl::unexpected(money.error());
    if (!order.estimatedAt.empty()) {
        document.promiseAt = parseOlistTime(order.estimatedAt);
        if (!document.promiseAt)
            return refusal("bad_time", "its estimated delivery is no time: " + order.estimatedAt);
    }
    LinesOfOrder grouped = groupPieces(parts.items, categoryOf);
    document.lines = std::move(grouped.lines);
    document.shippingAddress.city = customer->city;
    document.shippingAddress.postalCode = customer->zipPrefix;
    document.shippingAddress.region = customer->state;
    document.shippingAddress.country = "BR";
    putPayments(document, parts.payments);
    putMetadata(document, order, *customer);
    putSellers(document, grouped.sellers);
    // The daemon sorts metadata, too: what is sent is then what is stored, byte for byte.
    std::sort(document.metadata.begin(), document.metadata.end());
    if (const auto faults = findFaults(document); !faults.empty())
        return refusal(std::string(codeName(faults.front().code)),
            faults.front().pointer + ' ' + faults.front().message);
    return document;
}

std::vector<std::string_view> olistRemarks(
    const OlistOrder& order, const OlistParts& parts, const CategoryLookup& categoryOf)
{
    std::vector<std::string_view> remarks;
    const auto add = [&remarks](bool applies, std::string_view remark) {
        if (applies)
            remarks.push_back(remark);
    };
    add(order.approvedAt.empty(), "no_approval_time");
    add(order.carrierAt.empty(), "no_carrier_time");
    add(order.deliveredAt.empty(), "no_delivery_time");
    add(order.deliveredAt.empty() && order.status == "delivered", "delivered_without_time");
    add(isBefore(order.carrierAt, order.approvedAt), "carrier_before_approval");
    add(isBefore(order.carrierAt, order.purchasedAt), "carrier_before_purchase");
    add(isBefore(order.deliveredAt, order.carrierAt), "delivered_before_carrier");
    add(isBefore(order.estimatedAt, order.deliveredAt), "delivered_after_promise");
    add(isUnreadable(order.purchasedAt) || isUnreadable(order.approvedAt) || isUnreadable(order.carrierAt)
            || isUnreadable(order.deliveredAt),
        "unreadable_time");
    add(hasGap(parts.payments), "payment_sequence_gap");
    const auto anyItem = [&](auto test) { return std::any_of(parts.items.begin(), parts.items.end(), test); };
    const auto category = [&](const OlistItem& item) { return categoryOf(item.productId); };
    add(anyItem([&](const OlistItem& item) { return !category(item).isKnownProduct; }), "unknown_product");
    add(anyItem([&](const OlistItem& item) {
        const OlistCategory found = category(item);
        return found.isKnownProduct && found.name.empty();
    }),
        "no_category");
    add(anyItem([&](const OlistItem& item) {
        const OlistCategory found = category(item);
        return !found.name.empty() && !found.isTranslated;
    }),
        "untranslated_category");
    return remarks;
}

} // namespace gantry::console
