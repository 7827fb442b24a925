// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/wording.h"
#include "shared/domain/event.h"

#include <QString>

namespace gantry::console {

/// One event of an order as a person reads it.
struct EventWords {
    QString title; ///< what happened: `pay failed`
    QString detail; ///< code, message, reason or result; empty if there is nothing to add
    QString group; ///< which attempt it belongs to: `pay, attempt 2`; empty if to none
    Tone tone = Tone::Plain;
    QString icon; ///< name in resources/icons
};

/// Tells one event in plain words. `isUndoing`: it came after cancellation began, so that a step's events are about undoing it.
EventWords describeEvent(const Event& event, bool isUndoing);

} // namespace gantry::console
