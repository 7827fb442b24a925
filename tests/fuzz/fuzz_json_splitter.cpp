// SPDX-License-Identifier: GPL-3.0-or-later
// JSON files of an import: each piece stands in the file, in sequence, and the end is an end or a fault with its line.
#include "console/cli/import/json_splitter.h"
#include "tests/fuzz/fuzz_target.h"

#include <sstream>
#include <string>

using namespace gantry::console;
using gantry::test::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    constexpr std::size_t mostBytes = 200; // small, so that it is reached
    const std::string file{gantry::test::textOf(data, size)};
    std::istringstream stream(file);
    JsonSplitter splitter(stream, mostBytes);
    std::uint64_t line = 1;
    std::size_t from = 0;
    while (const auto piece = splitter.next()) {
        require(piece->line >= line, "lines do not count down");
        line = piece->line;
        require(piece->isTooLong == piece->text.empty() && piece->text.size() <= mostBytes,
            "a piece is held or too long");
        const std::size_t at = file.find(piece->text, from);
        require(at != std::string::npos, "a piece stands in the file");
        from = at + piece->text.size();
    }
    require(splitter.fault().empty() || splitter.faultLine() >= line, "a fault has its line");
    require(!splitter.hasFailed() && splitter.bytesDone() <= size, "no more is read than there is");
    return 0;
}
