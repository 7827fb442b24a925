// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/clamped_label.h"

#include "console/models/plain_text.h"

namespace gantry::console {

ClampedLabel::ClampedLabel(int lines, QWidget* parent)
    : QLabel(parent)
    , m_lines(lines)
{
    setTextFormat(Qt::PlainText);
    setWordWrap(lines > 1);
    setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    setTextInteractionFlags(Qt::TextSelectableByMouse);
}

void ClampedLabel::setPadding(int horizontal, int vertical)
{
    m_horizontal = horizontal;
    m_vertical = vertical;
    updateGeometry();
}

QSize ClampedLabel::minimumSizeHint() const
{
    return {0, m_lines * fontMetrics().lineSpacing() + m_vertical};
}

void ClampedLabel::setFullText(const QString& text)
{
    if (text == m_text)
        return;
    m_text = text;
    clamp();
}

void ClampedLabel::resizeEvent(QResizeEvent* event)
{
    QLabel::resizeEvent(event);
    clamp();
}

bool ClampedLabel::fits(const QString& text) const
{
    const int width = std::max(1, this->width() - m_horizontal);
    const int flags = wordWrap() ? Qt::TextWordWrap : Qt::TextSingleLine;
    const QRect box = fontMetrics().boundingRect(QRect(0, 0, width, 100'000), flags, text);
    return box.height() <= m_lines * fontMetrics().lineSpacing() && box.width() <= width;
}

void ClampedLabel::clamp()
{
    if (fits(m_text)) {
        setText(m_text);
        setToolTip({});
        return;
    }
    // The longest beginning that fits with the ellipsis after it.
    qsizetype fitting = 0;
    qsizetype tooLong = m_text.size();
    while (tooLong - fitting > 1) {
        const qsizetype middle = (fitting + tooLong) / 2;
        (fits(m_text.left(middle) + u'…') ? fitting : tooLong) = middle;
    }
    setText(m_text.left(fitting).trimmed() + u'…');
    setToolTip(plainTip(m_text));
}

} // namespace gantry::console
