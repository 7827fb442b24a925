// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/pace.h"

#include <csignal>
#include <poll.h>

namespace gantry::console {

namespace {

// A signal handler can reach nothing but this.
volatile std::sig_atomic_t interrupted = 0;

void noteInterruption(int /*signal*/)
{
    interrupted = 1;
}

} // namespace

SystemPace::SystemPace()
{
    struct sigaction action { };
    action.sa_handler = noteInterruption;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

std::chrono::milliseconds SystemPace::now() const
{
    return std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now().time_since_epoch());
}

void SystemPace::pause(std::chrono::milliseconds time)
{
    // poll() rather than sleep_for(): a signal ends it.
    if (!isInterrupted() && time.count() > 0)
        ::poll(nullptr, 0, static_cast<int>(time.count()));
}

bool SystemPace::isInterrupted() const
{
    return interrupted != 0;
}

} // namespace gantry::console
