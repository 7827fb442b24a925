// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/workflows/handlers.h"
#include "daemon/workflows/toml_keys.h"
#include "shared/domain/http_call.h"

namespace gantry::workflows {

/// How far a call may go. docs/workflows.md tells the same.
struct CallLimits {
    static constexpr std::size_t pathBytes = 1000;
    static constexpr std::size_t bodyBytes = 16 * 1024;
    static constexpr std::size_t headers = 20;
    static constexpr std::size_t headerBytes = 1000;
    static constexpr std::size_t rules = 50; ///< in one list
    static constexpr std::size_t pointerBytes = 200;
    static constexpr std::size_t codeBytes = 100;
};

/// Reads the keys of a call from a step's table, or from the table that undoes it; `forward` is then the call that it undoes, if one does, and gives
/// the service unless another is named. Everything is checked, the body by filling it in; what is wrong goes to the table's mistakes.
HttpCall readCall(TableKeys& keys, const HttpCall* forward, const Handlers* handlers);

} // namespace gantry::workflows
