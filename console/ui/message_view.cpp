// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/message_view.h"

#include "console/ui/icons.h"
#include "console/ui/theme.h"

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
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(3 * gridUnit, 3 * gridUnit, 3 * gridUnit, 3 * gridUnit);
    layout->setSpacing(gridUnit);
    layout->addStretch(2);
    layout->addWidget(m_icon, 0, Qt::AlignHCenter);
    layout->addSpacing(gridUnit);
    layout->addWidget(m_title, 0, Qt::AlignHCenter);
    layout->addWidget(m_text, 0, Qt::AlignHCenter);
    layout->addSpacing(gridUnit);
    layout->addWidget(m_button, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.35);
    large.setWeight(QFont::DemiBold);
    m_title->setFont(large);
    m_title->setAlignment(Qt::AlignHCenter);
    m_title->setWordWrap(true);
    m_text->setProperty("muted", true);
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
    // Wide enough to read well, never wider than the view.
    m_text->setMinimumWidth(std::min(52 * gridUnit, std::max(20 * gridUnit, width() - 6 * gridUnit)));
    m_button->setText(button);
    m_button->setVisible(!button.isEmpty());
}

} // namespace gantry::console
