// SPDX-License-Identifier: GPL-3.0-or-later
// A workflow file: what is taken is taken the same again, and every mistake has its line and column.
#include "daemon/workflows/handlers.h"
#include "daemon/workflows/workflow_file.h"
#include "tests/fuzz/fuzz_target.h"

#include <algorithm>
#include <string>

using namespace gantry;
using gantry::test::require;

namespace {

const std::string file = "f.toml";

/// `f.toml:LINE:COLUMN: …`
bool hasPlace(const std::string& message)
{
    const auto isDigit = [](char c) { return c >= '0' && c <= '9'; };
    if (!message.starts_with(file + ':'))
        return false;
    const auto line = std::find_if_not(
        message.begin() + static_cast<std::ptrdiff_t>(file.size()) + 1, message.end(), isDigit);
    if (line == message.end() || *line != ':')
        return false;
    const auto column = std::find_if_not(line + 1, message.end(), isDigit);
    return column != message.end() && column != line + 1 && *column == ':';
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const workflows::Handlers handlers{.builtin = {"validate", "allocate"},
        .service = {"payment.authorize", "payment.capture"},
        .compensation = {"payment.void", "payment.refund"}};
    const std::string_view toml = gantry::test::textOf(data, size);
    const auto workflow = workflows::readWorkflow(toml, file, &handlers);
    if (workflow) {
        const auto again = workflows::readWorkflow(toml, file, nullptr);
        require(again.has_value() && *again == *workflow, "what was taken is taken the same again");
        require(!workflow->steps.empty() && workflows::isWellFormedName(workflow->name),
            "a workflow has a name and steps");
        return 0;
    }
    require(workflow.error().code == ErrorCode::InvalidValue && !workflow.error().fields.empty(),
        "every mistake is a field of the error");
    for (const FieldError& mistake : workflow.error().fields)
        require(hasPlace(mistake.message), "a mistake has its line and column");
    return 0;
}
