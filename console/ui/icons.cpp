// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/icons.h"

#include "console/models/wording.h"
#include "console/ui/theme.h"

#include <QPainter>
#include <QPixmapCache>
#include <QSvgRenderer>

// Must stand outside of every namespace: the icons are in a static library, whose resources nobody registers by themselves.
static void registerIcons()
{
    Q_INIT_RESOURCE(icons);
}

namespace gantry::console {

using namespace Qt::StringLiterals;

namespace {

QPixmap rendered(const QString& name, int pixels)
{
    registerIcons();
    QPixmap pixmap(pixels, pixels);
    pixmap.fill(Qt::transparent);
    QSvgRenderer renderer(u":/icons/%1.svg"_s.arg(name));
    QPainter painter(&pixmap);
    renderer.render(&painter, QRectF(0, 0, pixels, pixels));
    return pixmap;
}

} // namespace

QPixmap tintedPixmap(const QString& name, const QColor& color, int size, qreal pixelRatio)
{
    const QString key =
        u"gantry/%1/%2/%3/%4"_s.arg(name, color.name(QColor::HexArgb)).arg(size).arg(pixelRatio);
    QPixmap pixmap;
    if (QPixmapCache::find(key, &pixmap))
        return pixmap;
    pixmap = rendered(name, qRound(size * pixelRatio));
    QPainter painter(&pixmap);
    painter.setCompositionMode(QPainter::CompositionMode_SourceIn);
    painter.fillRect(pixmap.rect(), color);
    painter.end();
    pixmap.setDevicePixelRatio(pixelRatio);
    QPixmapCache::insert(key, pixmap);
    return pixmap;
}

QIcon tintedIcon(const QString& name, const QColor& color)
{
    QColor pale = color;
    pale.setAlphaF(0.4F);
    QIcon icon;
    for (const qreal ratio : {1.0, 2.0}) {
        icon.addPixmap(tintedPixmap(name, color, 16, ratio), QIcon::Normal);
        icon.addPixmap(tintedPixmap(name, pale, 16, ratio), QIcon::Disabled);
    }
    return icon;
}

QIcon programIcon()
{
    QIcon icon;
    for (const int size : {16, 32, 48, 128})
        icon.addPixmap(rendered(u"gantry"_s, size));
    return icon;
}

QString stateIconName(OrderState state)
{
    return u"state-"_s + toText(stateName(state));
}

QString actionIconName(Action action)
{
    return u"action-"_s + toText(actionName(action));
}

} // namespace gantry::console
