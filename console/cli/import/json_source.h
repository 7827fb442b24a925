// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/import/import_report.h"
#include "console/cli/import/json_splitter.h"
#include "console/cli/import/order_source.h"
#include "shared/protocol/json_reader.h"

#include <istream>
#include <string>

namespace gantry::console {

/// Orders out of a JSON file or stream, as they stand there. Only JSON that can't be parsed is rejected here; all else is for the daemon to judge.
class JsonSource final : public OrderSource {
public:
    /// `name`: of the file, for reports. `size`: in bytes, 0 if not known. `stream` and `report` outlive the source.
    JsonSource(std::istream& stream, std::string name, std::uint64_t size, ImportReport& report);

    /// Errors: MalformedJson (the file as a whole), Corrupt (it can't be read on).
    Result<std::optional<ImportItem>> next() override;
    [[nodiscard]] std::optional<double> fraction() const override;

private:
    static constexpr std::size_t maxOrderBytes = 3 * 1024 * 1024;

    std::optional<ImportItem> takePiece(JsonPiece piece);

    std::string m_name;
    std::uint64_t m_size;
    ImportReport& m_report;
    JsonSplitter m_splitter;
    JsonParser m_parser{maxOrderBytes};
};

} // namespace gantry::console
