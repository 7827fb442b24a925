// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/olist_source.h"

#include "shared/protocol/order_codec.h"

#include <array>
#include <span>

namespace gantry::console {

namespace {

constexpr std::array<std::string_view, 8> orderColumns{"order_id", "customer_id", "order_status",
    "order_purchase_timestamp", "order_approved_at", "order_delivered_carrier_date",
    "order_delivered_customer_date", "order_estimated_delivery_date"};

OlistOrder readOrder(const TableReader& row)
{
    const auto text = [&row](std::size_t column) { return std::string(row.field(column)); };
    return {row.line(), text(0), text(1), text(2), text(3), text(4), text(5), text(6), text(7)};
}

/// Why the row is none whose texts can be used; empty if it is sound.
std::string faultOf(const TableReader& row)
{
    for (std::size_t i = 0; i < orderColumns.size(); ++i)
        if (!isOlistKey(row.field(i)) && (i < 2 || !row.field(i).empty()))
            return std::string(orderColumns[i]) + " is not 1 to 100 bytes of text";
    return {};
}

/// Where the rows of an order stand: `olist_order_items_dataset.csv:12,13 …`.
std::string rowsText(const OlistParts& parts, const OlistCustomer* customer)
{
    std::string text;
    const auto tell = [&text](std::string_view file, const auto& rows) {
        std::string lines;
        for (const auto& row : rows)
            lines += (lines.empty() ? "" : ",") + std::to_string(row.line);
        if (!lines.empty())
            text += (text.empty() ? "" : " ") + std::string(file) + ':' + lines;
    };
    tell(olist::items, parts.items);
    tell(olist::payments, parts.payments);
    if (customer && customer->line > 0)
        tell(olist::customers, std::span(customer, 1));
    return text;
}

} // namespace

OlistSource::OlistSource(ImportReport& report)
    : m_report(report)
    , m_tables(report)
{
}

Result<std::unique_ptr<OlistSource>> OlistSource::open(const std::string& folder, ImportReport& report,
    const std::function<void(std::string_view, double)>& progress)
{
    std::unique_ptr<OlistSource> source(new OlistSource(report));
    // The orders first: a folder without them is told at once.
    auto orders = TableReader::open(folder, std::string(olist::orders), orderColumns, RowKind::Order, report);
    if (!orders)
        return tl::unexpected(orders.error());
    source->m_orders = std::move(*orders);
    if (auto loaded = source->m_tables.load(folder, progress); !loaded)
        return tl::unexpected(loaded.error());
    return source;
}

std::optional<double> OlistSource::fraction() const
{
    return m_orders->fraction();
}

Result<std::optional<ImportItem>> OlistSource::next()
{
    while (!m_isAtEnd) {
        const auto more = m_orders->next();
        if (!more)
            return tl::unexpected(more.error());
        if (!*more) {
            m_isAtEnd = true;
            m_tables.reportLeftOvers();
        } else if (m_seen.size() == OlistTables::maxRows) {
            return failure(ErrorCode::InvalidValue,
                m_orders->name() + " has more than " + std::to_string(OlistTables::maxRows)
                    + " orders. Split the data set by orders.");
        } else if (auto item = takeRow()) {
            return item;
        }
    }
    return std::optional<ImportItem>();
}

std::optional<ImportItem> OlistSource::takeRow()
{
    const OlistOrder order = readOrder(*m_orders);
    if (const std::string fault = faultOf(*m_orders); !fault.empty()) {
        reject(order, {"bad_text", fault}, m_tables.takeParts(order.id), nullptr);
        return std::nullopt;
    }
    if (!m_seen.insert(order.id).second) {
        reject(order, {"duplicate_order", "the order stands in an earlier row already"}, {}, nullptr);
        return std::nullopt;
    }
    const OlistParts parts = m_tables.takeParts(order.id);
    const OlistCustomer* const customer = m_tables.customer(order.customerId);
    const CategoryLookup categoryOf = [this](const std::string& id) { return m_tables.categoryOf(id); };
    for (const std::string_view remark : olistRemarks(order, parts, categoryOf))
        m_report.remark(remark);
    const auto document = mapOlistOrder(order, parts, customer, categoryOf);
    if (!document) {
        reject(order, document.error(), parts, customer);
        return std::nullopt;
    }
    m_report.useRow(m_orders->name());
    m_tables.useCustomer(order.customerId);
    reportParts(m_report, order.id, parts, true, {}, {});
    return ImportItem{encodeDocument(*document), order.id, m_orders->name(), order.line,
        std::string(document->currency.code()), document->total};
}

void OlistSource::reject(const OlistOrder& order, const OlistRefusal& refusal, const OlistParts& parts,
    const OlistCustomer* customer)
{
    m_orders->reject(order.id, refusal.reason, refusal.detail, rowsText(parts, customer));
    reportParts(m_report, order.id, parts, false, orderRejected,
        "its order was rejected: " + refusal.reason + ", " + refusal.detail);
}

} // namespace gantry::console
