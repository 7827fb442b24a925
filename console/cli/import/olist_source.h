// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/import/import_report.h"
#include "console/cli/import/olist_mapper.h"
#include "console/cli/import/olist_tables.h"
#include "console/cli/import/order_source.h"
#include "console/cli/import/table_reader.h"

#include <functional>
#include <memory>
#include <string>
#include <unordered_set>

namespace gantry::console {

/// The orders of the Olist data set, in the sequence of the orders file, each joined with its rows of the other files.
class OlistSource final : public OrderSource {
public:
    /// Loads the side tables and opens the orders file. `report`: outlives the source. Errors: those of OlistTables and TableReader.
    static Result<std::unique_ptr<OlistSource>> open(const std::string& folder, ImportReport& report,
        const std::function<void(std::string_view file, double fraction)>& progress);

    Result<std::optional<ImportItem>> next() override;
    [[nodiscard]] std::optional<double> fraction() const override;

private:
    explicit OlistSource(ImportReport& report);

    /// The order of the present row; empty if it was rejected.
    std::optional<ImportItem> takeRow();
    void reject(const OlistOrder& order, const OlistRefusal& refusal, const OlistParts& parts,
        const OlistCustomer* customer);

    ImportReport& m_report;
    OlistTables m_tables;
    std::unique_ptr<TableReader> m_orders;
    std::unordered_set<std::string> m_seen;
    bool m_isAtEnd = false;
};

} // namespace gantry::console
