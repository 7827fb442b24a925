// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/verify/report.h"

namespace gantry::verify {

std::string_view verificationStateName(VerificationState state) noexcept
{
    switch (state) {
    case VerificationState::Running: return "running";
    case VerificationState::Done: return "done";
    case VerificationState::Failed: return "failed";
    }
    return "failed";
}

Report::Report(std::string id, std::string startedBy, Timestamp startedAt, std::size_t kept)
    : m_kept(kept)
{
    m_status.id = std::move(id);
    m_status.startedBy = std::move(startedBy);
    m_status.startedAt = startedAt;
}

void Report::begin(std::uint64_t ordersInAll)
{
    const std::lock_guard lock(m_mutex);
    m_status.ordersInAll = ordersInAll;
}

void Report::enter(std::string_view check)
{
    const std::lock_guard lock(m_mutex);
    m_status.check = check;
}

void Report::add(Finding finding)
{
    const std::lock_guard lock(m_mutex);
    ++m_status.findingsInAll;
    if (m_status.findings.size() < m_kept)
        m_status.findings.push_back(std::move(finding));
}

void Report::sawOrder(std::size_t events)
{
    const std::lock_guard lock(m_mutex);
    ++m_status.orders;
    m_status.events += events;
}

void Report::end(Timestamp at, std::optional<Error> error)
{
    const std::lock_guard lock(m_mutex);
    m_status.check.clear();
    m_status.endedAt = at;
    m_status.state = error ? VerificationState::Failed : VerificationState::Done;
    m_status.error = std::move(error);
}

VerificationStatus Report::status() const
{
    const std::lock_guard lock(m_mutex);
    return m_status;
}

bool Report::isRunning() const
{
    const std::lock_guard lock(m_mutex);
    return m_status.state == VerificationState::Running;
}

} // namespace gantry::verify
