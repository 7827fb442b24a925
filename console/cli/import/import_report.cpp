// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/import_report.h"

#include "console/cli/printable.h"
#include "console/cli/text_table.h"

namespace gantry::console {

namespace {

using Counts = std::map<std::string, std::uint64_t, std::less<>>;

void writeCounts(JsonWriter& json, std::string_view name, const Counts& counts)
{
    json.key(name).beginObject();
    for (const auto& [what, count] : counts)
        json.member(what, count);
    json.endObject();
}

/// Appends a table below what is there, a blank line between.
void append(std::string& text, TextTable& table)
{
    if (!table.isEmpty())
        text += (text.empty() ? "" : "\n\n") + table.take();
}

} // namespace

std::string rejectionJson(const Rejection& rejection)
{
    JsonWriter json;
    json.beginObject()
        .member("file", rejection.file)
        .member("line", rejection.line)
        .member("id", rejection.id)
        .member("reason", rejection.reason)
        .member("detail", rejection.detail)
        .endObject();
    return json.take();
}

std::string rejectionText(const Rejection& rejection)
{
    return printable(rejection.file + ':' + std::to_string(rejection.line) + ": "
        + (rejection.id.empty() ? "" : rejection.id + ": ") + rejection.reason + ": " + rejection.detail
        + (rejection.rows.empty() ? "" : " [" + rejection.rows + ']'));
}

ImportReport::ImportReport(std::function<void(const Rejection&)> tell)
    : m_tell(std::move(tell))
{
}

void ImportReport::rejectRow(const Rejection& rejection)
{
    FileCounts& counts = m_files[rejection.file];
    ++counts.rejected;
    ++counts.reasons[rejection.reason];
    m_tell(rejection);
}

void ImportReport::rejectOrderRow(const Rejection& rejection)
{
    rejectRow(rejection);
    ++m_orders.rejected;
    ++m_orders.reasons[rejection.reason];
}

void ImportReport::refuseOrder(const Rejection& rejection)
{
    ++m_orders.rejected;
    ++m_orders.reasons[rejection.reason];
    m_tell(rejection);
}

void ImportReport::acceptOrder(std::string_view currency, MinorUnits total, bool isReplay)
{
    ++(isReplay ? m_orders.replayed : m_orders.accepted);
    MinorUnits& sum = m_totals[std::string(currency)];
    if (const auto added = addChecked(sum, total))
        sum = *added;
    else
        remark("left_out_of_total"); // the sum of all orders is larger than an amount can hold
}

bool ImportReport::hasRejections() const noexcept
{
    if (m_orders.rejected > 0)
        return true;
    for (const auto& [file, counts] : m_files)
        if (counts.rejected > 0)
            return true;
    return false;
}

bool ImportReport::isBalanced() const noexcept
{
    for (const auto& [file, counts] : m_files)
        if (counts.rows != counts.used + counts.unused + counts.rejected)
            return false;
    return m_orders.undecided() == 0;
}

void ImportReport::writeMembers(JsonWriter& json) const
{
    json.key("orders")
        .beginObject()
        .member("read", m_orders.read)
        .member("accepted", m_orders.accepted)
        .member("replayed", m_orders.replayed)
        .member("rejected", m_orders.rejected)
        .member("undecided", m_orders.undecided());
    writeCounts(json, "reasons", m_orders.reasons);
    json.endObject().key("totals").beginObject();
    for (const auto& [currency, total] : m_totals)
        json.member(currency, total);
    json.endObject().key("files").beginArray();
    for (const auto& [file, counts] : m_files) {
        json.beginObject()
            .member("file", file)
            .member("rows", counts.rows)
            .member("used", counts.used)
            .member("unused", counts.unused)
            .member("rejected", counts.rejected);
        writeCounts(json, "reasons", counts.reasons);
        json.endObject();
    }
    json.endArray();
    writeCounts(json, "remarks", m_remarks);
}

std::string ImportReport::summary() const
{
    const auto text = [](std::uint64_t number) { return std::to_string(number); };
    TextTable orders({{"ORDERS"}, {"COUNT", Alignment::Right}});
    orders.addRow({"read", text(m_orders.read)});
    orders.addRow({"accepted", text(m_orders.accepted)});
    orders.addRow({"already there", text(m_orders.replayed)});
    orders.addRow({"rejected", text(m_orders.rejected)});
    for (const auto& [reason, count] : m_orders.reasons)
        orders.addRow({"  " + reason, text(count)});
    if (m_orders.undecided() > 0)
        orders.addRow({"undecided", text(m_orders.undecided())});
    for (const auto& [code, total] : m_totals) {
        const auto currency = Currency::fromCode(code);
        orders.addRow({"total " + code, currency ? formatAmount(total, *currency) : std::to_string(total)});
    }
    TextTable files({{"FILE"}, {"ROWS", Alignment::Right}, {"USED", Alignment::Right},
        {"NOT NEEDED", Alignment::Right}, {"REJECTED", Alignment::Right}});
    TextTable reasons({{"ROWS REJECTED IN"}, {"REASON"}, {"COUNT", Alignment::Right}});
    for (const auto& [file, counts] : m_files) {
        files.addRow(
            {file, text(counts.rows), text(counts.used), text(counts.unused), text(counts.rejected)});
        for (const auto& [reason, count] : counts.reasons)
            reasons.addRow({file, reason, text(count)});
    }
    TextTable remarks({{"REMARK (ORDERS)"}, {"COUNT", Alignment::Right}});
    for (const auto& [what, count] : m_remarks)
        remarks.addRow({what, text(count)});
    std::string all;
    append(all, orders);
    append(all, files);
    append(all, reasons);
    append(all, remarks);
    return all;
}

} // namespace gantry::console
