// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/api/api_types.h"
#include "shared/util/result.h"

#include <functional>
#include <memory>

namespace gantry::api {

/// The requests that wait for their answers, such as long polls: one whose key is taken away meanwhile is refused at once, and what comes later is not sent. Any
/// thread.
class WaitingCalls {
public:
    /// Whether the caller may still ask this, or why not. Asked under a lock, on any thread: must be quick, and must not call back.
    using Check = std::function<Result<void>()>;

    WaitingCalls();

    /// Keeps a request until it is answered by what this gives, in the place of `reply`. Asks once more before the answer goes out.
    [[nodiscard]] ApiReply keep(Check check, ApiReply reply);

    /// Refuses all whose callers may not ask any more.
    void recheck();

private:
    struct Waiting;
    std::shared_ptr<Waiting> m_waiting; ///< shared with the replies, which may come late
};

} // namespace gantry::api
