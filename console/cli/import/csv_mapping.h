// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <chrono>
#include <cstddef>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::console {

/// How the bytes of a file are to be read.
enum class TextEncoding { Utf8, Windows1252, Latin1 };

/// Where the value of one member comes from: a column of the row, a fixed text, or the column with a text where it is empty.
struct CsvField {
    std::string
        member; ///< of the order, as a JSON pointer without its first slash: `customer/email`; of a line: `lines/sku`
    std::string column{}; ///< as the header names it; empty: a fixed value
    std::string fallback{};
};

/// What a mapping file says: how to read a CSV file, and which column is what of an order.
struct CsvMapping {
    char delimiter = ',';
    char decimal = '.';
    TextEncoding encoding = TextEncoding::Utf8;
    std::chrono::minutes zone{0}; ///< of times that do not say theirs
    std::vector<CsvField> fields; ///< by member; those of metadata as `metadata/KEY`
};

/// Reads a mapping file, TOML. `name`: for messages. Errors: InvalidValue with every mistake and its place.
Result<CsvMapping> readCsvMapping(std::istream& file, const std::string& name);

} // namespace gantry::console
