// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

namespace gantry::console {

/// A text for tool tips, where Qt takes for HTML what looks like it and there is no switch against that: shown letter for letter, whoever wrote it.
QString plainTip(const QString& text);

} // namespace gantry::console
