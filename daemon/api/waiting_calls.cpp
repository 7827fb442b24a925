// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/waiting_calls.h"

#include "daemon/api/call.h"

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace gantry::api {

struct WaitingCalls::Waiting {
    struct Call {
        Check check;
        ApiReply reply;
    };
    std::mutex mutex;
    std::unordered_map<std::uint64_t, Call> calls;
    std::uint64_t last = 0;

    /// Empty if it has been answered.
    std::optional<Call> take(std::uint64_t number)
    {
        const std::lock_guard lock(mutex);
        auto node = calls.extract(number);
        return node.empty() ? std::nullopt : std::optional(std::move(node.mapped()));
    }
};

WaitingCalls::WaitingCalls()
    : m_waiting(std::make_shared<Waiting>())
{
}

ApiReply WaitingCalls::keep(Check check, ApiReply reply)
{
    const std::lock_guard lock(m_waiting->mutex);
    const std::uint64_t number = ++m_waiting->last;
    m_waiting->calls.emplace(number, Waiting::Call{std::move(check), std::move(reply)});
    return [waiting = m_waiting, number](ApiResponse response) {
        const auto call = waiting->take(number);
        const auto checked = call ? call->check() : Result<void>();
        if (call && checked)
            return call->reply(std::move(response));
        if (response.undelivered)
            response.undelivered();
        if (call)
            call->reply(problem(checked.error()));
    };
}

void WaitingCalls::recheck()
{
    std::vector<std::pair<ApiReply, Error>> over;
    {
        const std::lock_guard lock(m_waiting->mutex);
        std::erase_if(m_waiting->calls, [&](auto& each) {
            auto checked = each.second.check();
            if (!checked)
                over.emplace_back(std::move(each.second.reply), std::move(checked.error()));
            return !checked;
        });
    }
    for (const auto& [reply, error] : over)
        reply(problem(error));
}

} // namespace gantry::api
