// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "daemon/store/store.h"
#include "daemon/verify/report.h"
#include "shared/util/clock.h"

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace gantry::verify {

struct VerifierSettings {
    std::size_t findings = 1000; ///< kept of one verification; the rest is counted
    std::size_t verifications = 8; ///< kept in memory, the last ones
};

/// Verifies the whole store, one verification at a time, on a thread and a read-only connection of its own while everything else goes on. Findings are
/// kept in memory alone. Callable from any thread.
class Verifier {
public:
    /// Store and clock outlive it.
    Verifier(store::Store& store, const Clock& clock, VerifierSettings settings = {});

    /// Ends the verification that runs, if one does, after its present slice.
    ~Verifier();
    Verifier(const Verifier&) = delete;
    Verifier& operator=(const Verifier&) = delete;

    struct Started {
        std::string id; ///< of the new verification, or of the one that runs already
        bool isNew = true;
    };

    /// Begins a verification, unless one runs.
    Started start(const std::string& actor);

    /// How it stands with a verification; empty if it is not kept, or never was.
    [[nodiscard]] std::optional<VerificationStatus> find(std::string_view id) const;

private:
    void run(Report& report);
    Result<void> runChecks(Report& report);

    store::Store& m_store;
    const Clock& m_clock;
    VerifierSettings m_settings;
    std::atomic<bool> m_isStopping{false};
    mutable std::mutex m_mutex;
    std::deque<std::pair<std::string, std::shared_ptr<Report>>> m_reports; ///< the newest last; guarded
    std::uint64_t m_count = 0; ///< guarded
    std::thread m_thread; ///< guarded
};

} // namespace gantry::verify
