// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/import/import_report.h"
#include "console/cli/import/olist_rows.h"
#include "console/cli/import/table_reader.h"

#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace gantry::console {

/// The tables that are looked up while the orders file is read: items, payments, customers, products, translations. Held in memory, since
/// each file has its own sequence: about 0.5 KB an order.
class OlistTables {
public:
    /// Rows that a table may have; more than the whole published set by a factor of twenty. Keeps memory bounded.
    static constexpr std::size_t maxRows = 2'500'000;

    explicit OlistTables(ImportReport& report);

    /// Reads all tables from a folder. `progress`: gets the file being read, and how far. Errors: those of TableReader; InvalidValue (a file of
    /// too many rows).
    Result<void> load(const std::string& folder,
        const std::function<void(std::string_view file, double fraction)>& progress);

    /// Takes the rows of an order out; what is left at the end belongs to no order.
    OlistParts takeParts(const std::string& orderId);

    /// The customer of an order; null if there is none. Noted as asked for.
    const OlistCustomer* customer(const std::string& customerId);

    /// Notes that an order was sent to this customer.
    void useCustomer(const std::string& customerId);

    /// The category of a product. Noted as asked for.
    OlistCategory categoryOf(const std::string& productId);

    /// Tells the report of all rows that no order asked for.
    void reportLeftOvers();

private:
    struct Product {
        std::string category;
        bool isUsed = false;
    };
    struct Translation {
        std::string english;
        bool isUsed = false;
    };
    struct KnownCustomer {
        OlistCustomer row;
        bool isAskedFor = false;
        bool isUsed = false; ///< by an order that was sent
    };
    using Progress = std::function<void(std::string_view, double)>;

    Result<void> loadEach(const std::string& folder, std::string_view name,
        std::initializer_list<std::string_view> columns, const Progress& progress,
        const std::function<void(TableReader&)>& take);
    void takeTranslation(TableReader& row);
    void takeProduct(TableReader& row);
    void takeCustomer(TableReader& row);
    void takeItem(TableReader& row);
    void takePayment(TableReader& row);
    void reportCustomers();
    template <typename Table>
    void reportLookUps(std::string_view file, const Table& table);
    void rejectPart(
        TableReader& row, const std::string& orderId, std::string_view reason, std::string detail);

    ImportReport& m_report;
    std::unordered_map<std::string, Translation> m_translations;
    std::unordered_map<std::string, Product> m_products;
    std::unordered_map<std::string, KnownCustomer> m_customers;
    std::unordered_map<std::string, OlistParts> m_parts;
};

/// Tells the report that the rows of an order go with it, or are rejected since the order is.
void reportParts(ImportReport& report, const std::string& orderId, const OlistParts& parts, bool isUsed,
    std::string_view reason, const std::string& detail);

/// Whether a text can be a key of the data set: not empty, at most 100 bytes, no control characters.
bool isOlistKey(std::string_view text) noexcept;

} // namespace gantry::console
