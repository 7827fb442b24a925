// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/bus/wake_up.h"
#include "daemon/engine/worker_messages.h"
#include "shared/protocol/worker_messages.h"

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace gantry::bus {

/// Tasks for a worker, or the end of one of its claims.
struct ClaimMail {
    std::uint64_t client = 0;
    std::uint64_t claim = 0;
    std::vector<engine::LeasedTask> tasks; ///< none: the claim has ended
};

/// How a worker's results were taken.
struct AnswerMail {
    std::uint64_t client = 0;
    std::string peer; ///< routing id
    std::vector<ResultAnswer> answers;
    std::size_t bytes = 0; ///< what the results held in memory until now
};

/// What the partition hands to the workers' thread. Bounded by the claims and results under way.
class WorkerMailbox {
public:
    /// Any thread. False: nobody takes mail any more.
    bool post(ClaimMail mail);
    bool post(AnswerMail mail);

    /// Tells the workers' thread to end; everything posted later is refused.
    void close();

    struct Contents {
        std::vector<ClaimMail> claims;
        std::vector<AnswerMail> answers;
        bool isClosed = false;
    };

    /// The workers' thread: swaps what has gathered with the contents given, which are cleared.
    void take(Contents& contents);

    [[nodiscard]] int descriptor() const noexcept { return m_wakeUp.descriptor(); }

private:
    template <typename Mail>
    bool add(std::vector<Mail> Contents::*list, Mail mail);

    std::mutex m_mutex;
    Contents m_contents;
    bool m_isRung = false;
    WakeUp m_wakeUp;
};

} // namespace gantry::bus
