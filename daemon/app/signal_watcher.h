// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <functional>
#include <memory>

class QSocketNotifier;

namespace gantry::app {

/// Turns SIGTERM and SIGINT, and SIGHUP, into a call each on the main thread. Make it before any other thread, so that all inherit the blocked signals.
class SignalWatcher {
public:
    SignalWatcher(std::function<void()> onStop, std::function<void()> onReload);
    ~SignalWatcher();
    SignalWatcher(const SignalWatcher&) = delete;
    SignalWatcher& operator=(const SignalWatcher&) = delete;

private:
    int m_descriptor = -1;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace gantry::app
