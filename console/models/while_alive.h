// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/command_client.h"
#include "shared/util/result.h"

#include <QObject>
#include <QPointer>
#include <functional>

namespace gantry::console {

/// `then`, but only while `owner` lives: for answers that come when nobody may be there any more to take them.
inline std::function<void(Result<ApiAnswer>)> whileAlive(
    QObject* owner, std::function<void(const Result<ApiAnswer>&)> then)
{
    return [guard = QPointer<QObject>(owner), then = std::move(then)](const Result<ApiAnswer>& answer) {
        if (!guard.isNull())
            then(answer);
    };
}

} // namespace gantry::console
