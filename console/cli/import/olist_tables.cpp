// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/olist_tables.h"

#include "shared/domain/order_document.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

namespace gantry::console {

namespace {

std::optional<std::int64_t> parseNumber(std::string_view text) noexcept
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return number;
}

struct Amount {
    MinorUnits value = 0;
    std::string_view reason{}; ///< why it is none; empty if it is
};

Amount parseBrl(std::string_view text) noexcept
{
    static const Currency currency = *Currency::fromCode("BRL");
    const auto value = parseAmount(text, currency);
    if (!value)
        return {.reason = "bad_amount"};
    return *value < 0 ? Amount{.reason = "negative_amount"} : Amount{*value};
}

std::string quoted(std::string_view text)
{
    return '"' + std::string(text) + '"';
}

} // namespace

bool isOlistKey(std::string_view text) noexcept
{
    return !text.empty() && text.size() <= DocumentLimits::keyBytes
        && std::none_of(text.begin(), text.end(),
            [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

OlistTables::OlistTables(ImportReport& report)
    : m_report(report)
{
}

Result<void> OlistTables::load(const std::string& folder, const Progress& progress)
{
    auto loaded =
        loadEach(folder, olist::translation, {"product_category_name", "product_category_name_english"},
            progress, [this](TableReader& row) { takeTranslation(row); });
    if (loaded)
        loaded = loadEach(folder, olist::products,
            {"product_id", "product_category_name", "product_name_lenght", "product_description_lenght",
                "product_photos_qty", "product_weight_g", "product_length_cm", "product_height_cm",
                "product_width_cm"},
            progress, [this](TableReader& row) { takeProduct(row); });
    if (loaded)
        loaded = loadEach(folder, olist::customers,
            {"customer_id", "customer_unique_id", "customer_zip_code_prefix", "customer_city",
                "customer_state"},
            progress, [this](TableReader& row) { takeCustomer(row); });
    if (loaded)
        loaded = loadEach(folder, olist::items,
            {"order_id", "order_item_id", "product_id", "seller_id", "shipping_limit_date", "price",
                "freight_value"},
            progress, [this](TableReader& row) { takeItem(row); });
    if (loaded)
        loaded = loadEach(folder, olist::payments,
            {"order_id", "payment_sequential", "payment_type", "payment_installments", "payment_value"},
            progress, [this](TableReader& row) { takePayment(row); });
    return loaded;
}

Result<void> OlistTables::loadEach(const std::string& folder, std::string_view name,
    std::initializer_list<std::string_view> columns, const Progress& progress,
    const std::function<void(TableReader&)>& take)
{
    auto table = TableReader::open(
        folder, std::string(name), {columns.begin(), columns.size()}, RowKind::Part, m_report);
    if (!table)
        return tl::unexpected(table.error());
    for (std::size_t rows = 0;; ++rows) {
        const auto more = (*table)->next();
        if (!more)
            return tl::unexpected(more.error());
        if (!*more)
            return {};
        if (rows == maxRows)
            return failure(ErrorCode::InvalidValue,
                (*table)->name() + " has more than " + std::to_string(maxRows)
                    + " rows. Split the data set by orders.");
        take(**table);
        if (rows % 1024 == 0)
            progress(name, (*table)->fraction());
    }
}

void OlistTables::takeTranslation(TableReader& row)
{
    const std::string name(row.field(0));
    if (!isOlistKey(name) || !isOlistKey(row.field(1)))
        row.reject(name, "bad_id", "a category and its translation must be 1 to 100 bytes long");
    else if (!m_translations.try_emplace(name, Translation{std::string(row.field(1))}).second)
        row.reject(name, "duplicate_row", "the category stands in an earlier row already");
}

void OlistTables::takeProduct(TableReader& row)
{
    const std::string id(row.field(0));
    if (!isOlistKey(id) || (!row.field(1).empty() && !isOlistKey(row.field(1))))
        row.reject(id, "bad_id", "the product's id, or its category, is not 1 to 100 bytes of text");
    else if (!m_products.try_emplace(id, Product{std::string(row.field(1))}).second)
        row.reject(id, "duplicate_row", "the product stands in an earlier row already");
}

void OlistTables::takeCustomer(TableReader& row)
{
    const std::string id(row.field(0));
    if (!isOlistKey(id)) {
        row.reject(id, "bad_id", "the customer's id is not 1 to 100 bytes of text");
        return;
    }
    OlistCustomer customer{row.line(), std::string(row.field(1)), std::string(row.field(2)),
        std::string(row.field(3)), std::string(row.field(4))};
    const auto isText = [](const std::string& text) { return text.empty() || isOlistKey(text); };
    const bool isSound = isText(customer.uniqueId) && isText(customer.zipPrefix) && isText(customer.city)
        && isText(customer.state);
    const auto [known, isNew] = m_customers.try_emplace(id, KnownCustomer{std::move(customer)});
    if (isNew && isSound)
        return;
    // Which of two rows is right, nobody can tell: the order is not sent to either.
    const std::string reason = isSound ? "duplicate_row" : "bad_text";
    row.reject(id, reason,
        isSound ? "the customer stands in an earlier row already"
                : "a text is longer than 100 bytes or holds control characters");
    known->second.row.fault =
        "row " + std::to_string(row.line()) + " of " + row.name() + " was rejected: " + reason;
    if (isNew)
        known->second.row.line = 0; // rejected itself: not to be counted again
}

void OlistTables::rejectPart(
    TableReader& row, const std::string& orderId, std::string_view reason, std::string detail)
{
    row.reject(orderId, reason, std::move(detail));
    if (!isOlistKey(orderId))
        return;
    OlistParts& parts = m_parts[orderId];
    if (parts.fault.empty())
        parts.fault = "row " + std::to_string(row.line()) + " of " + row.name()
            + " was rejected: " + std::string(reason);
}

void OlistTables::takeItem(TableReader& row)
{
    const std::string orderId(row.field(0));
    const auto number = parseNumber(row.field(1));
    const Amount price = parseBrl(row.field(5));
    const Amount freight = parseBrl(row.field(6));
    if (!isOlistKey(orderId) || !isOlistKey(row.field(2)) || !isOlistKey(row.field(3)))
        return rejectPart(
            row, orderId, "bad_id", "an id of order, product or seller is not 1 to 100 bytes of text");
    if (!number || *number < 1)
        return rejectPart(row, orderId, "bad_number", "the item number is " + quoted(row.field(1)));
    if (!price.reason.empty())
        return rejectPart(row, orderId, price.reason, "the price is " + quoted(row.field(5)));
    if (!freight.reason.empty())
        return rejectPart(row, orderId, freight.reason, "the freight is " + quoted(row.field(6)));
    auto& items = m_parts[orderId].items;
    const auto at = std::lower_bound(items.begin(), items.end(), *number,
        [](const OlistItem& item, std::int64_t wanted) { return item.number < wanted; });
    if (at != items.end() && at->number == *number)
        return rejectPart(row, orderId, "duplicate_row",
            "the order has an item " + std::to_string(*number) + " in line " + std::to_string(at->line)
                + " already");
    items.insert(at,
        {row.line(), *number, std::string(row.field(2)), std::string(row.field(3)), price.value,
            freight.value});
}

void OlistTables::takePayment(TableReader& row)
{
    const std::string orderId(row.field(0));
    const auto sequential = parseNumber(row.field(1));
    const auto installments = parseNumber(row.field(3));
    const Amount value = parseBrl(row.field(4));
    if (!isOlistKey(orderId) || !isOlistKey(row.field(2)))
        return rejectPart(
            row, orderId, "bad_id", "the order's id or the payment's type is not 1 to 100 bytes of text");
    if (!sequential || *sequential < 1)
        return rejectPart(
            row, orderId, "bad_number", "the payment's sequence number is " + quoted(row.field(1)));
    if (!installments || *installments < 0)
        return rejectPart(
            row, orderId, "bad_number", "the number of installments is " + quoted(row.field(3)));
    if (!value.reason.empty())
        return rejectPart(row, orderId, value.reason, "the payment's value is " + quoted(row.field(4)));
    auto& payments = m_parts[orderId].payments;
    const auto at = std::lower_bound(payments.begin(), payments.end(), *sequential,
        [](const OlistPayment& payment, std::int64_t wanted) { return payment.sequential < wanted; });
    if (at != payments.end() && at->sequential == *sequential)
        return rejectPart(row, orderId, "duplicate_row",
            "the order has a payment " + std::to_string(*sequential) + " in line " + std::to_string(at->line)
                + " already");
    payments.insert(at, {row.line(), *sequential, std::string(row.field(2)), *installments, value.value});
}

OlistParts OlistTables::takeParts(const std::string& orderId)
{
    auto node = m_parts.extract(orderId);
    return node ? std::move(node.mapped()) : OlistParts();
}

const OlistCustomer* OlistTables::customer(const std::string& customerId)
{
    const auto found = m_customers.find(customerId);
    if (found == m_customers.end())
        return nullptr;
    found->second.isAskedFor = true;
    return &found->second.row;
}

void OlistTables::useCustomer(const std::string& customerId)
{
    if (const auto found = m_customers.find(customerId); found != m_customers.end())
        found->second.isUsed = true;
}

OlistCategory OlistTables::categoryOf(const std::string& productId)
{
    const auto product = m_products.find(productId);
    if (product == m_products.end())
        return {};
    product->second.isUsed = true;
    const auto translation = m_translations.find(product->second.category);
    if (translation == m_translations.end())
        return {.name = product->second.category, .isKnownProduct = true};
    translation->second.isUsed = true;
    return {.name = translation->second.english, .isKnownProduct = true, .isTranslated = true};
}

void OlistTables::reportCustomers()
{
    const std::string file(olist::customers);
    std::map<std::uint64_t, std::pair<std::string, bool>> rejected; // by line: the report reads like the file
    for (const auto& [id, customer] : m_customers) {
        if (customer.row.line == 0)
            continue; // rejected when it was read
        if (customer.isUsed)
            m_report.useRow(file);
        else
            rejected.emplace(customer.row.line, std::pair(id, customer.isAskedFor));
    }
    for (const auto& [line, customer] : rejected) {
        const auto& [id, isAskedFor] = customer;
        if (isAskedFor)
            m_report.rejectRow({file, line, id, std::string(orderRejected), "its order was rejected"});
        else
            m_report.rejectRow({file, line, id, "unknown_order", "no order names this customer"});
    }
}

template <typename Table>
void OlistTables::reportLookUps(std::string_view file, const Table& table)
{
    const auto used = static_cast<std::uint64_t>(
        std::count_if(table.begin(), table.end(), [](const auto& entry) { return entry.second.isUsed; }));
    m_report.useRow(std::string(file), used);
    m_report.leaveRows(std::string(file), table.size() - used);
}

void OlistTables::reportLeftOvers()
{
    const std::map<std::string, OlistParts> sorted(m_parts.begin(), m_parts.end());
    for (const auto& [orderId, parts] : sorted)
        reportParts(m_report, orderId, parts, false, "unknown_order", "the orders file has no such order");
    m_parts.clear();
    reportCustomers();
    reportLookUps(olist::products, m_products);
    reportLookUps(olist::translation, m_translations);
}

void reportParts(ImportReport& report, const std::string& orderId, const OlistParts& parts, bool isUsed,
    std::string_view reason, const std::string& detail)
{
    const auto tell = [&](std::string_view name, const auto& rows) {
        const std::string file(name);
        if (isUsed)
            report.useRow(file, rows.size());
        else
            for (const auto& row : rows)
                report.rejectRow({file, row.line, orderId, std::string(reason), detail});
    };
    tell(olist::items, parts.items);
    tell(olist::payments, parts.payments);
}

} // namespace gantry::console
