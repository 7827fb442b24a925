// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/signal_watcher.h"

#include <QSocketNotifier>
#include <csignal>
#include <sys/signalfd.h>
#include <unistd.h>

namespace gantry::app {

SignalWatcher::SignalWatcher(std::function<void()> onStop, std::function<void()> onReload)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN); // a peer that went away is an error of the write, not the end of us
    m_descriptor = ::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    m_notifier = std::make_unique<QSocketNotifier>(m_descriptor, QSocketNotifier::Read);
    QObject::connect(m_notifier.get(), &QSocketNotifier::activated,
        [this, onStop = std::move(onStop), onReload = std::move(onReload)] {
            signalfd_siginfo info{};
            if (::read(m_descriptor, &info, sizeof info) == sizeof info)
                info.ssi_signo == SIGHUP ? onReload() : onStop();
        });
}

SignalWatcher::~SignalWatcher()
{
    m_notifier.reset();
    ::close(m_descriptor);
}

} // namespace gantry::app
