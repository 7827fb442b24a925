// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/bus/mailbox.h"

#include <utility>

namespace gantry::bus {

void Mailbox::post(Batch batch)
{
    const std::size_t count = batch->events.size();
    std::unique_lock lock(m_mutex);
    if (m_contents.isClosed)
        return;
    if (m_queuedEvents > 0 && m_queuedEvents + count > m_mostEvents) {
        m_meters->droppedEvents += m_queuedEvents;
        m_contents.batches.clear();
        m_queuedEvents = 0;
    }
    m_queuedEvents += count;
    m_contents.batches.push_back(std::move(batch));
    ringOnce(std::move(lock));
}

void Mailbox::post(Answer answer)
{
    std::unique_lock lock(m_mutex);
    if (m_contents.isClosed)
        return;
    m_contents.answers.push_back(std::move(answer));
    ringOnce(std::move(lock));
}

void Mailbox::recheckKeys()
{
    std::unique_lock lock(m_mutex);
    m_contents.hasNewKeys = true;
    ringOnce(std::move(lock));
}

void Mailbox::close()
{
    std::unique_lock lock(m_mutex);
    m_contents.isClosed = true;
    ringOnce(std::move(lock));
}

void Mailbox::ringOnce(std::unique_lock<std::mutex> lock)
{
    const bool isNeeded = !m_isRung;
    m_isRung = true;
    lock.unlock();
    if (isNeeded)
        m_wakeUp.ring();
}

void Mailbox::take(Contents& contents)
{
    contents.batches.clear();
    contents.answers.clear();
    const std::lock_guard lock(m_mutex);
    m_wakeUp.clear();
    m_isRung = false;
    m_queuedEvents = 0;
    std::swap(contents.batches, m_contents.batches);
    std::swap(contents.answers, m_contents.answers);
    contents.hasNewKeys = std::exchange(m_contents.hasNewKeys, false);
    contents.isClosed = m_contents.isClosed;
}

} // namespace gantry::bus
