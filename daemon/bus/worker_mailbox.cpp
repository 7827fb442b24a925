// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/worker_mailbox.h"

#include <utility>

namespace gantry::bus {

template <typename Mail>
bool WorkerMailbox::add(std::vector<Mail> Contents::*list, Mail mail)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_contents.isClosed)
            return false;
        (m_contents.*list).push_back(std::move(mail));
        if (std::exchange(m_isRung, true))
            return true;
    }
    m_wakeUp.ring();
    return true;
}

bool WorkerMailbox::post(ClaimMail mail)
{
    return add(&Contents::claims, std::move(mail));
}

bool WorkerMailbox::post(AnswerMail mail)
{
    return add(&Contents::answers, std::move(mail));
}

void WorkerMailbox::close()
{
    const std::lock_guard lock(m_mutex);
    m_contents.isClosed = true;
    m_wakeUp.ring();
}

void WorkerMailbox::take(Contents& contents)
{
    contents.claims.clear();
    contents.answers.clear();
    const std::lock_guard lock(m_mutex);
    m_wakeUp.clear();
    m_isRung = false;
    std::swap(contents.claims, m_contents.claims);
    std::swap(contents.answers, m_contents.answers);
    contents.isClosed = m_contents.isClosed;
}

} // namespace gantry::bus
