// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/ui/theme.h"
#include "shared/util/result.h"

#include <QSize>
#include <QString>
#include <QStringList>

namespace gantry::console {

/// What the command line of gantry-console asks for.
struct Options {
    QString profile; ///< the profile's file
    ThemeChoice theme = ThemeChoice::System;
    QString screenshot; ///< a file to draw the window into instead of showing it; empty: show it
    QSize size; ///< of the window; empty: as it was left
    QString select; ///< the external id of an order to choose
    QString finalWords; ///< for `--help` and `--version`: print these and be done
};

/// Reads the arguments, the program's name first. `defaultDataDir`: where the profile is looked for when neither it nor a data
/// directory is named. Errors: InvalidValue.
Result<Options> readOptions(const QStringList& arguments, const QString& defaultDataDir);

} // namespace gantry::console
