// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/actions.h"
#include "shared/domain/order.h"

#include <QColor>
#include <QIcon>
#include <QPixmap>
#include <QString>

namespace gantry::console {

/// The icon `:/icons/NAME.svg` in one color, sharp at that pixel ratio. Kept for the next time. GUI thread.
QPixmap tintedPixmap(const QString& name, const QColor& color, int size, qreal pixelRatio);

/// The same for buttons and menus, with a paler one for when they are disabled.
QIcon tintedIcon(const QString& name, const QColor& color);

/// The program's own icon, in its own colors.
QIcon programIcon();

QString stateIconName(OrderState state);
QString actionIconName(Action action);

} // namespace gantry::console
