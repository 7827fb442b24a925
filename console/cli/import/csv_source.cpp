// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/csv_source.h"

#include "shared/protocol/order_codec.h"

#include <algorithm>
#include <charconv>

namespace gantry::console {

namespace {

constexpr std::size_t mostRows = DocumentLimits::lines + 1; ///< of an order: what is more is refused for that

bool isOfLine(std::string_view member)
{
    return member.starts_with("lines/");
}

std::optional<std::int64_t> readWhole(std::string_view text)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

} // namespace

CsvSource::CsvSource(
    std::istream& stream, std::string name, std::uint64_t size, CsvMapping mapping, ImportReport& report)
    : m_name(std::move(name))
    , m_size(size)
    , m_mapping(std::move(mapping))
    , m_report(report)
    , m_encoded(stream, m_mapping.encoding)
    , m_stream(&m_encoded)
    , m_reader(m_stream, m_mapping.delimiter)
{
}

Result<std::unique_ptr<CsvSource>> CsvSource::open(
    std::istream& stream, std::string name, std::uint64_t size, CsvMapping mapping, ImportReport& report)
{
    std::unique_ptr<CsvSource> source(
        new CsvSource(stream, std::move(name), size, std::move(mapping), report));
    if (auto read = source->readHeader(); !read)
        return tl::unexpected(std::move(read.error()));
    return source;
}

Result<void> CsvSource::readHeader()
{
    CsvRecord header;
    if (!m_reader.next(header)) {
        if (m_reader.hasFailed())
            return failure(ErrorCode::Corrupt, m_name + " can't be read. Is it a file?");
        return failure(ErrorCode::InvalidValue, m_name + " is empty: the header is missing.");
    }
    if (header.fault)
        return failure(
            ErrorCode::InvalidValue, m_name + ", line 1: the header can't be read: " + header.detail + '.');
    for (std::size_t i = 0; i < header.fields.size(); ++i)
        if (!m_columns.emplace(header.fields[i], i).second)
            return failure(ErrorCode::InvalidValue,
                m_name + ", line 1: the column " + header.fields[i] + " stands twice in the header.");
    std::string missing;
    for (const CsvField& field : m_mapping.fields)
        if (!field.column.empty() && !m_columns.contains(field.column))
            missing.append(missing.empty() ? "" : ", ").append(field.column);
    if (missing.empty())
        return {};
    return failure(ErrorCode::InvalidValue,
        m_name + ", line 1: the header lacks " + missing
            + ", which the mapping names. Nothing was imported; mend the mapping, or its delimiter and "
              "encoding.");
}

std::optional<double> CsvSource::fraction() const
{
    if (m_size == 0)
        return std::nullopt;
    return std::min(1.0, static_cast<double>(m_reader.bytesDone()) / static_cast<double>(m_size));
}

Result<std::optional<ImportItem>> CsvSource::next()
{
    while (m_ahead || readRow()) {
        const Group group = takeGroup();
        m_report.readOrder();
        if (auto item = takeOrder(group))
            return item;
    }
    if (m_reader.hasFailed())
        return failure(ErrorCode::Corrupt, m_name + " can't be read to its end. Is it a file?");
    return std::optional<ImportItem>();
}

/// Reads the next sound row into m_ahead; those that can't be read are told, and mark what is beside them.
bool CsvSource::readRow()
{
    m_ahead.reset();
    CsvRecord row;
    while (m_reader.next(row)) {
        m_report.readRow(m_name);
        if (!row.fault) {
            m_ahead = std::move(row);
            return true;
        }
        m_report.rejectRow({m_name, row.line, "", std::string(csvFaultName(*row.fault)), row.detail});
        m_isTainted = true;
        m_taintedLine = row.line;
    }
    return false;
}

CsvSource::Group CsvSource::takeGroup()
{
    Group group;
    const auto note = [&] {
        if (std::exchange(m_isTainted, false) && !group.fault)
            group.fault = Fault{"part_rejected",
                "the row in line " + std::to_string(m_taintedLine)
                    + " beside it can't be read, and may be one of its lines",
                group.rows.empty() ? m_ahead->line : group.rows.front().line};
    };
    note();
    const std::string id(valueOf(*m_ahead, "external_id"));
    const std::string channel(valueOf(*m_ahead, "channel"));
    do {
        if (group.rows.size() < mostRows)
            group.rows.push_back(std::move(*m_ahead));
        else
            m_report.rejectRow(
                {m_name, m_ahead->line, id, std::string(orderRejected), "its order has too many rows"});
        const bool isMore = readRow();
        const bool isTainted = m_isTainted;
        note();
        if (!isMore)
            break;
        m_isTainted = isTainted; // it stands before the next order, too
    } while (valueOf(*m_ahead, "external_id") == id && valueOf(*m_ahead, "channel") == channel);
    return group;
}

std::optional<ImportItem> CsvSource::takeOrder(const Group& group)
{
    if (group.fault) {
        reject(group, *group.fault);
        return std::nullopt;
    }
    const auto document = documentOf(group);
    if (!document) {
        reject(group, document.error());
        return std::nullopt;
    }
    m_report.useRow(m_name, group.rows.size());
    return ImportItem{encodeDocument(*document), document->externalId, m_name, group.rows.front().line,
        std::string(document->currency.code()), document->total};
}

void CsvSource::reject(const Group& group, const Fault& fault)
{
    const std::string id(valueOf(group.rows.front(), "external_id"));
    m_report.rejectOrderRow({m_name, fault.line, id, fault.reason, fault.detail});
    for (const CsvRecord& row : group.rows)
        if (row.line != fault.line)
            m_report.rejectRow({m_name, row.line, id, std::string(orderRejected),
                "its order was rejected: " + fault.reason + " in line " + std::to_string(fault.line)});
}

std::string_view CsvSource::valueOf(const CsvRecord& row, std::string_view member) const
{
    for (const CsvField& field : m_mapping.fields)
        if (field.member == member) {
            const auto column = m_columns.find(field.column);
            const auto value = column == m_columns.end() ? std::string_view() : row.field(column->second);
            return value.empty() ? std::string_view(field.fallback) : value;
        }
    return {};
}

/// `column Total (4)`, or where else a member comes from.
std::string CsvSource::placeOf(std::string_view member) const
{
    for (const CsvField& field : m_mapping.fields)
        if (field.member == member && !field.column.empty())
            return "column " + field.column + " (" + std::to_string(m_columns.at(field.column) + 1) + ')';
    return std::string(member) + " by the mapping";
}

CsvSource::Fault CsvSource::faultAt(
    const CsvRecord& row, std::string_view member, std::string reason, const std::string& what) const
{
    return {std::move(reason), placeOf(member) + ": " + what, row.line};
}

tl::expected<OrderDocument, CsvSource::Fault> CsvSource::documentOf(const Group& group) const
{
    const CsvRecord& first = group.rows.front();
    const auto currency = Currency::fromCode(valueOf(first, "currency"));
    if (!currency)
        return tl::unexpected(faultAt(first, "currency", "unknown_currency",
            '"' + std::string(valueOf(first, "currency")) + "\" is not a currency of ISO 4217"));
    OrderDocument document{.channel = std::string(valueOf(first, "channel")),
        .externalId = std::string(valueOf(first, "external_id")),
        .currency = *currency};
    for (const CsvRecord& row : group.rows) {
        if (auto same = checkSame(first, row); !same)
            return tl::unexpected(std::move(same.error()));
        auto line = lineOf(row, *currency);
        if (!line)
            return tl::unexpected(std::move(line.error()));
        document.lines.push_back(std::move(*line));
    }
    if (auto read = readOrder(document, first); !read)
        return tl::unexpected(std::move(read.error()));
    if (auto read = readMoney(document, first); !read)
        return tl::unexpected(std::move(read.error()));
    if (const auto faults = findFaults(document); !faults.empty())
        return tl::unexpected(faultOf(group, faults.front()));
    return document;
}

tl::expected<void, CsvSource::Fault> CsvSource::checkSame(const CsvRecord& first, const CsvRecord& row) const
{
    for (const CsvField& field : m_mapping.fields) {
        const auto column = m_columns.find(field.column);
        if (isOfLine(field.member) || column == m_columns.end())
            continue;
        const std::string_view value = row.field(column->second);
        if (!value.empty()
            && value != first.field(column->second)) // many programs leave it out behind the first
            return tl::unexpected(faultAt(row, field.member, "differs",
                "is not the same as in line " + std::to_string(first.line) + ", the first of its order"));
    }
    return {};
}

tl::expected<OrderLine, CsvSource::Fault> CsvSource::lineOf(const CsvRecord& row, Currency currency) const
{
    OrderLine line{std::string(valueOf(row, "lines/sku")), std::string(valueOf(row, "lines/name")), 1, 0};
    if (const auto text = valueOf(row, "lines/quantity"); !text.empty()) {
        const auto quantity = readWhole(text);
        if (!quantity)
            return tl::unexpected(faultAt(
                row, "lines/quantity", "bad_number", '"' + std::string(text) + "\" is no whole number"));
        line.quantity = *quantity;
    }
    auto price = amountOf(row, "lines/unit_price", currency);
    if (!price)
        return tl::unexpected(std::move(price.error()));
    line.unitPrice = *price;
    return line;
}

tl::expected<void, CsvSource::Fault> CsvSource::readOrder(OrderDocument& document, const CsvRecord& row) const
{
    const auto text = [&](std::string_view member) { return std::string(valueOf(row, member)); };
    document.customer = {text("customer/name"), text("customer/email"), text("customer/phone")};
    document.shippingAddress = {text("shipping_address/name"), text("shipping_address/line1"),
        text("shipping_address/line2"), text("shipping_address/city"), text("shipping_address/postal_code"),
        text("shipping_address/region"), text("shipping_address/country")};
    if (const std::string priority = text("priority"); !priority.empty()) {
        const auto number = readWhole(priority);
        if (!number || *number < 0 || *number > DocumentLimits::lowestPriority)
            return tl::unexpected(
                faultAt(row, "priority", "bad_number", '"' + priority + "\" is none of 0 to 9"));
        document.priority = static_cast<int>(*number);
    }
    if (const std::string promise = text("promise_at"); !promise.empty()) {
        document.promiseAt = timeOf(promise);
        if (!document.promiseAt)
            return tl::unexpected(faultAt(row, "promise_at", "bad_time",
                '"' + promise + "\" is no time such as 2026-03-01 08:15:00 or 2026-03-01T08:15:00Z"));
    }
    for (const CsvField& field : m_mapping.fields)
        if (field.member.starts_with("metadata/"))
            if (const auto value = valueOf(row, field.member); !value.empty())
                document.metadata.emplace_back(field.member.substr(9), value);
    std::sort(document.metadata.begin(), document.metadata.end()); // as the daemon does
    return {};
}

tl::expected<void, CsvSource::Fault> CsvSource::readMoney(OrderDocument& document, const CsvRecord& row) const
{
    std::optional<MinorUnits> sum = 0;
    for (const OrderLine& line : document.lines) {
        const auto price = multiplyChecked(line.unitPrice, line.quantity);
        sum = sum && price ? addChecked(*sum, *price) : std::nullopt;
    }
    const auto put = [&](std::string_view member, MinorUnits& into, int sign) -> tl::expected<void, Fault> {
        auto amount = amountOf(row, member, document.currency);
        if (!amount)
            return tl::unexpected(std::move(amount.error()));
        into = *amount;
        sum = sum ? addChecked(*sum, sign * into) : std::nullopt;
        return {};
    };
    for (auto [member, into, sign] : {std::tuple{std::string_view("shipping"), &document.shipping, 1},
             {"tax", &document.tax, 1}, {"discount", &document.discount, -1}})
        if (auto done = put(member, *into, sign); !done)
            return done;
    if (!sum)
        return tl::unexpected(faultAt(row, "lines/unit_price", "amount_overflow",
            "the order's amounts are more than an amount can hold"));
    document.total = *sum;
    if (!valueOf(row, "total").empty()) {
        auto total = amountOf(row, "total", document.currency);
        if (!total)
            return tl::unexpected(std::move(total.error()));
        if (*total != *sum)
            return tl::unexpected(faultAt(row, "total", "total_mismatch",
                "is " + formatAmount(*total, document.currency)
                    + ", and lines, shipping and tax less the discount are "
                    + formatAmount(*sum, document.currency)));
    }
    if (const auto method = valueOf(row, "payment_method"); !method.empty())
        document.payments = {{std::string(method), document.total}};
    return {};
}

tl::expected<MinorUnits, CsvSource::Fault> CsvSource::amountOf(
    const CsvRecord& row, std::string_view member, Currency currency) const
{
    const std::string_view given = valueOf(row, member);
    if (given.empty() && member != "lines/unit_price")
        return MinorUnits{0};
    std::string text(given);
    // The other mark would be one between thousands, or a mistake of the mapping: neither is guessed at.
    const bool isOther = text.find(m_mapping.decimal == ',' ? '.' : ',') != std::string::npos;
    std::replace(text.begin(), text.end(), ',', '.');
    const auto amount = isOther ? std::nullopt : parseAmount(text, currency);
    if (!amount)
        return tl::unexpected(faultAt(row, member, "bad_amount",
            '"' + std::string(given) + "\" is no amount of " + std::string(currency.code()) + " with "
                + (m_mapping.decimal == ',' ? "a decimal comma" : "a decimal point")
                + " and nothing between thousands"));
    if (*amount < 0)
        return tl::unexpected(
            faultAt(row, member, "negative_amount", '"' + std::string(given) + "\" is negative"));
    return *amount;
}

/// An RFC 3339 time, or one without its zone, or a day.
std::optional<Timestamp> CsvSource::timeOf(std::string_view text) const
{
    if (const auto time = parseRfc3339(text))
        return time;
    std::string whole(text);
    if (whole.size() == 10)
        whole += "T00:00:00";
    else if (whole.size() == 16)
        whole += ":00";
    if (whole.size() != 19 || (whole[10] != ' ' && whole[10] != 'T'))
        return std::nullopt;
    whole[10] = 'T';
    const auto time = parseRfc3339(whole + 'Z');
    return time ? std::optional<Timestamp>(*time - m_mapping.zone) : std::nullopt;
}

/// A fault of the document as one of a row and a column: `/lines/2/sku` is of the third row.
CsvSource::Fault CsvSource::faultOf(const Group& group, const FieldError& error) const
{
    std::string member = error.pointer.substr(error.pointer.empty() ? 0 : 1);
    std::size_t row = 0;
    if (isOfLine(member)) {
        const auto slash = std::min(member.find('/', 6), member.size());
        row = static_cast<std::size_t>(readWhole(std::string_view(member).substr(6, slash - 6)).value_or(0));
        member = "lines" + member.substr(slash);
    }
    row = std::min(row, group.rows.size() - 1);
    return faultAt(group.rows[row], member, std::string(codeName(error.code)), error.message);
}

} // namespace gantry::console
