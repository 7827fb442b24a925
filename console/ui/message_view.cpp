// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/message_view.h"

#include "console/ui/icons.h"
#include "console/ui/theme.h"

#include <QHBoxLayout>
#include <QVBoxLayout>

namespace gantry::console {

MessageView::MessageView(QWidget* parent)
    : QWidget(parent)
    , m_icon(new QLabel(this))
    , m_title(new QLabel(this))
    , m_text(new QLabel(this))
    , m_button(new QPushButton(this))
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    // A column wide enough to read well, in the middle.
    auto* column = new QWidget(this);
    column->setMaximumWidth(60 * gridUnit);
    auto* across = new QHBoxLayout(this);
    across->setContentsMargins(3 * gridUnit, 3 * gridUnit, 3 * gridUnit, 3 * gridUnit);
    across->addStretch(1);
    across->addWidget(column, 100);
    across->addStretch(1);
    auto* layout = new QVBoxLayout(column);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(gridUnit);
    layout->addStretch(2);
    layout->addWidget(m_icon);
    layout->addSpacing(gridUnit);
    layout->addWidget(m_title);
    layout->addWidget(m_text);
    layout->addSpacing(gridUnit);
    layout->addWidget(m_button, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    m_icon->setAlignment(Qt::AlignHCenter);
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.35);
    large.setWeight(QFont::DemiBold);
    m_title->setFont(large);
    m_title->setAlignment(Qt::AlignHCenter);
    m_title->setWordWrap(true);
    m_text->setProperty("muted", true);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_text->setAlignment(Qt::AlignHCenter);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    connect(m_button, &QPushButton::clicked, this, &MessageView::pressed);
}

void MessageView::setMessage(
    const QString& icon, const QString& title, const QString& text, const QString& button)
{
    m_icon->setPixmap(tintedPixmap(icon, Theme::current().muted(), 40, devicePixelRatioF()));
    m_title->setText(title);
    m_text->setText(text);
    m_button->setText(button);
    m_button->setVisible(!button.isEmpty());
}

} // namespace gantry::console
