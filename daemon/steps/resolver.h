// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <functional>

class QHostAddress;
class QObject;

namespace gantry::steps {

/// Finds the addresses of a name, on the caller's thread; the callback is not called once the context is gone.
using Resolver = std::function<void(const QString& name, QObject* context,
    std::function<void(const QList<QHostAddress>& addresses, const QString& error)> found)>;

/// By the system.
Resolver systemResolver();

} // namespace gantry::steps
