// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/models/plain_text.h"

#include <QTextDocument>

namespace gantry::console {

QString plainTip(const QString& text)
{
    return Qt::mightBeRichText(text) ? Qt::convertFromPlainText(text, Qt::WhiteSpaceNormal) : text;
}

} // namespace gantry::console
