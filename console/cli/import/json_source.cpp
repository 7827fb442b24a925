// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/json_source.h"

namespace gantry::console {

namespace {

std::string textOf(simdjson::dom::element object, std::string_view name)
{
    std::string_view text;
    return object[name].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

} // namespace

JsonSource::JsonSource(std::istream& stream, std::string name, std::uint64_t size, ImportReport& report)
    : m_name(std::move(name))
    , m_size(size)
    , m_report(report)
    , m_splitter(stream, maxOrderBytes)
{
}

std::optional<double> JsonSource::fraction() const
{
    if (m_size == 0)
        return std::nullopt;
    return static_cast<double>(m_splitter.bytesDone()) / static_cast<double>(m_size);
}

Result<std::optional<ImportItem>> JsonSource::next()
{
    while (auto piece = m_splitter.next()) {
        m_report.readRow(m_name);
        m_report.readOrder();
        if (auto item = takePiece(std::move(*piece)))
            return item;
    }
    if (m_splitter.hasFailed())
        return failure(ErrorCode::Corrupt, m_name + " can't be read to its end. Is it a file?");
    if (!m_splitter.fault().empty())
        return failure(ErrorCode::MalformedJson,
            m_name + ", line " + std::to_string(m_splitter.faultLine()) + ": " + m_splitter.fault() + ".");
    return std::optional<ImportItem>();
}

std::optional<ImportItem> JsonSource::takePiece(JsonPiece piece)
{
    const auto reject = [&](ErrorCode code, std::string detail) {
        m_report.rejectOrderRow({m_name, piece.line, "", std::string(codeName(code)), std::move(detail)});
        return std::nullopt;
    };
    if (piece.isTooLong)
        return reject(ErrorCode::BodyTooLarge, "the order is longer than 3 MiB");
    const auto order = m_parser.parse(piece.text);
    if (!order)
        return reject(order.error().code, order.error().message);
    ImportItem item{.json = std::move(piece.text),
        .id = textOf(*order, "external_id"),
        .file = m_name,
        .line = piece.line,
        .currency = textOf(*order, "currency")};
    std::int64_t total = 0;
    if ((*order)["total"].get(total) == simdjson::SUCCESS)
        item.total = total;
    m_report.useRow(m_name);
    return item;
}

} // namespace gantry::console
