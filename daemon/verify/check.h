// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/verify_reader.h"
#include "daemon/verify/report.h"

#include <memory>
#include <string_view>
#include <vector>

namespace gantry::verify {

/// One thing that must hold of a store. Looks at it in slices, each of one moment and short, so that the store's log is never pinned for long;
/// whatever may change between two slices is not judged across them.
class Check {
public:
    Check() = default;
    Check(const Check&) = delete;
    Check& operator=(const Check&) = delete;
    virtual ~Check() = default;

    /// As findings name it; docs/operations.md says what to do for each.
    [[nodiscard]] virtual std::string_view name() const = 0;

    /// Looks at the next slice. False: all has been seen. Errors: the reader's; they end the verification.
    virtual Result<bool> next(store::VerifyReader& reader, Report& report) = 0;
};

/// Every check, in the sequence of running. A further one is one more line there.
std::vector<std::unique_ptr<Check>> makeChecks(const store::VerifyStart& start);

} // namespace gantry::verify
