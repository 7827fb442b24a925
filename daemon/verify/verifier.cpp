// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/verify/verifier.h"

#include "daemon/verify/check.h"

#include <algorithm>
#include <numeric>
#include <pthread.h>
#include <sys/resource.h>

namespace gantry::verify {

namespace {

// Orders go first: it is in no hurry.
constexpr int niceness = 10;

Error stopped()
{
    return {ErrorCode::ShuttingDown,
        "The daemon stops, so the verification was not finished. Begin another once it runs again."};
}

} // namespace

Verifier::Verifier(store::Store& store, const Clock& clock, VerifierSettings settings)
    : m_store(store)
    , m_clock(clock)
    , m_settings(settings)
{
}

Verifier::~Verifier()
{
    m_isStopping = true;
    const std::lock_guard lock(m_mutex);
    if (m_thread.joinable())
        m_thread.join();
}

Verifier::Started Verifier::start(const std::string& actor)
{
    const std::lock_guard lock(m_mutex);
    if (!m_reports.empty() && m_reports.back().second->isRunning())
        return {m_reports.back().first, false};
    if (m_thread.joinable())
        m_thread.join(); // it has told its end already
    const Timestamp now = m_clock.now();
    std::string id = "ver_" + std::to_string(toMillis(now)) + '_' + std::to_string(++m_count);
    auto report = std::make_shared<Report>(id, actor, now, m_settings.findings);
    m_reports.emplace_back(id, report);
    if (m_reports.size() > m_settings.verifications)
        m_reports.pop_front();
    m_thread = std::thread([this, report] { run(*report); });
    pthread_setname_np(m_thread.native_handle(), "verify");
    return {std::move(id), true};
}

std::optional<VerificationStatus> Verifier::find(std::string_view id) const
{
    const std::lock_guard lock(m_mutex);
    const auto found =
        std::find_if(m_reports.begin(), m_reports.end(), [id](const auto& each) { return each.first == id; });
    return found == m_reports.end() ? std::nullopt : std::optional(found->second->status());
}

void Verifier::run(Report& report)
{
    static_cast<void>(::setpriority(PRIO_PROCESS, 0, niceness)); // on Linux: of this thread alone
    const auto done = runChecks(report);
    report.end(m_clock.now(), done ? std::nullopt : std::optional(done.error()));
}

Result<void> Verifier::runChecks(Report& report)
{
    const auto reader = m_store.openVerifyReader();
    if (!reader)
        return tl::unexpected(reader.error());
    const auto start = (*reader)->start();
    if (!start)
        return tl::unexpected(start.error());
    const auto& counts = start->counters.byState;
    const std::int64_t orders = std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
    report.begin(static_cast<std::uint64_t>(std::max<std::int64_t>(0, orders)));
    for (const auto& check : makeChecks(*start)) {
        report.enter(check->name());
        for (bool more = true; more;) {
            if (m_isStopping)
                return tl::unexpected(stopped());
            const auto looked = check->next(**reader, report);
            if (!looked)
                return tl::unexpected(looked.error());
            more = *looked;
        }
    }
    return {};
}

} // namespace gantry::verify
