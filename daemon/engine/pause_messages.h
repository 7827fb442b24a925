// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/engine/pause_book.h"
#include "shared/util/result.h"

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace gantry::engine {

/// What became of a pause or a resume.
struct PauseOutcome {
    Pause pause{}; ///< the one that holds, or was ended
    bool isNew = false; ///< of a pause: it was not paused before
    std::size_t waiting = 0; ///< orders behind it
};

/// Pauses a step, task, channel or worker, or ends a pause. Pausing what is paused changes nothing. Errors: NotFound (to be ended, but not paused; or a step or
/// task that no stored workflow has), Busy (too
/// many pauses), StorageFull, and those of the store.
struct PauseCommand {
    static constexpr std::size_t most = 1000; ///< pauses at once

    PauseScope scope = PauseScope::Step;
    std::string name;
    bool ends = false;
    std::string actor;
    std::string reason;
    std::function<void(const Result<PauseOutcome>&)> reply;
};

/// What is paused now, and what has ended and still lets go on what had gathered.
struct PausesRequest {
    std::function<void(const std::vector<PauseState>&)> reply;
};

} // namespace gantry::engine
