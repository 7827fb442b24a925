// SPDX-License-Identifier: GPL-3.0-or-later
// CSV files of an import: every byte is come by once, lines count up, and each record is whole or says what is wrong with it.
#include "console/cli/import/csv_reader.h"
#include "tests/fuzz/fuzz_target.h"

#include <sstream>
#include <string>

using namespace gantry::console;
using gantry::test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    std::istringstream stream{std::string(gantry::test::textOf(data, size))};
    CsvReader reader(stream);
    CsvRecord record;
    std::uint64_t line = 0;
    std::uint64_t done = 0;
    std::size_t width = 0;
    while (reader.next(record)) {
        require(record.line > line, "lines count up");
        require(
            reader.bytesDone() > done && reader.bytesDone() <= size, "each record takes some of the file");
        line = record.line;
        done = reader.bytesDone();
        if (record.fault) {
            require(
                !record.detail.empty() && !csvFaultName(*record.fault).empty(), "a fault says what is wrong");
            continue;
        }
        require(!record.fields.empty(), "a record has fields");
        width = width == 0 ? record.fields.size() : width;
        require(record.fields.size() == width, "whole records are of one width");
    }
    require(!reader.hasFailed() && reader.bytesDone() == size, "the whole file is read");
    return 0;
}
