// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/output.h"
#include "shared/util/result.h"

#include <cstdint>
#include <simdjson.h>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gantry::console {

/// A bulk action as an answer of the API shows it.
struct BulkView {
    std::string id;
    std::string action;
    std::string reason;
    std::string state;
    std::string createdBy;
    std::string createdAt;
    std::string finishedAt;
    std::int64_t total = 0;
    std::vector<std::pair<std::string, std::int64_t>> counts; ///< by result, as they came
    std::string stopStep;
    std::string stopCode;
    std::int64_t stopCount = 0;

    [[nodiscard]] std::int64_t count(std::string_view result) const;

    /// Orders of which more is to be expected.
    [[nodiscard]] std::int64_t open() const { return count("pending") + count("sent") + count("running"); }

    /// Whether something did not go as it was asked for.
    [[nodiscard]] bool hasFailures() const { return total - open() != count("fixed") + count("done"); }
};

/// Reads one leniently: what is missing is empty.
BulkView readBulkView(simdjson::dom::element json);

/// The same from an answer's body. Errors: Internal.
Result<BulkView> parseBulkView(std::string_view body);

/// `120 fixed, 3 failed_again, 2 changed`; only what there is.
std::string countsText(const BulkView& bulk);

/// Where it stands, why it stopped and what to do about it, in sentences.
std::string situationText(const BulkView& bulk);

} // namespace gantry::console
