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

/// What went before an event, as far as its words hang on it.
struct EventContext {
    bool isUndoing = false; ///< cancellation has begun, so that a step's events are about undoing it
    std::optional<Currency> currency{}; ///< of the order; unknown until its first event is there

    /// Takes in the event that is to be described next.
    void take(const EventBody& body);
};

/// Tells one event in plain words.
EventWords describeEvent(const Event& event, const EventContext& context);

} // namespace gantry::console
