// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/document_view.h"

#include "console/models/plain_text.h"
#include "console/models/wording.h"
#include "console/ui/theme.h"

#include <QClipboard>
#include <QFontDatabase>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QJsonDocument>
#include <QVBoxLayout>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;

QString addressText(const Address& address)
{
    QStringList lines;
    for (const std::string& part : {address.name, address.line1, address.line2})
        lines << toText(part);
    lines << (toText(address.postalCode) + u' ' + toText(address.city)).trimmed();
    lines << (toText(address.region) + u' ' + toText(address.country)).trimmed();
    lines.removeAll(QString());
    return lines.join(u'\n');
}

QString paymentsText(const OrderDocument& document)
{
    QStringList lines;
    for (const Payment& payment : document.payments)
        lines << moneyText(payment.amount, document.currency) + u"  "_s + toText(payment.method);
    return lines.join(u'\n');
}

} // namespace

DocumentView::DocumentView(QWidget* parent)
    : QWidget(parent)
    , m_scroll(new QScrollArea(this))
    , m_json(new QPlainTextEdit(this))
    , m_showJson(new QPushButton(tr("Show JSON"), this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_scroll, 1);
    layout->addWidget(m_json, 1);
    auto* copy = new QPushButton(tr("Copy JSON"), this);
    auto* buttons = new QHBoxLayout;
    buttons->setContentsMargins(2 * gridUnit, gridUnit, 2 * gridUnit, 2 * gridUnit);
    buttons->setSpacing(gridUnit);
    buttons->addWidget(m_showJson);
    buttons->addWidget(copy);
    buttons->addStretch(1);
    layout->addLayout(buttons);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_json->setReadOnly(true);
    m_json->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_json->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_json->hide();
    m_showJson->setCheckable(true);
    connect(m_showJson, &QPushButton::toggled, this, [this](bool shows) {
        m_json->setVisible(shows);
        m_scroll->setVisible(!shows);
    });
    connect(copy, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(m_text); });
}

void DocumentView::addSection(const QString& title)
{
    auto* label = new QLabel(title);
    QFont bold = label->font();
    bold.setWeight(QFont::DemiBold);
    label->setFont(bold);
    label->setContentsMargins(0, m_form->rowCount() > 0 ? gridUnit : 0, 0, 0);
    m_form->addRow(label);
}

void DocumentView::addField(const QString& name, const QString& value, const QString& tip)
{
    if (value.isEmpty())
        return;
    auto* key = new QLabel(name);
    key->setProperty("muted", true);
    key->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    auto* text = new QLabel(value);
    text->setTextFormat(Qt::PlainText);
    text->setWordWrap(true);
    text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    text->setToolTip(plainTip(tip));
    m_form->addRow(key, text);
}

void DocumentView::addPeople(const OrderDocument& document)
{
    addSection(tr("Customer"));
    addField(tr("Name"), toText(document.customer.name));
    addField(tr("Mail"), toText(document.customer.email));
    addField(tr("Phone"), toText(document.customer.phone));
    addField(tr("Ships to"), addressText(document.shippingAddress));
    addSection(tr("Payment"));
    addField(tr("Total"), moneyText(document.total, document.currency));
    addField(tr("Paid by"), paymentsText(document));
}

void DocumentView::setDocument(const OrderDocument& document, const Order& order, const std::string& json)
{
    auto* content = new QWidget;
    m_form = new QFormLayout(content);
    m_form->setContentsMargins(2 * gridUnit, 2 * gridUnit, 2 * gridUnit, 2 * gridUnit);
    m_form->setLabelAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_form->setHorizontalSpacing(2 * gridUnit);
    m_form->setVerticalSpacing(gridUnit / 2);
    addPeople(document);
    addSection(tr("Order"));
    addField(tr("Number"), toText(document.externalId));
    addField(tr("Channel"), toText(document.channel));
    addField(tr("Id"), toText(order.id.text()));
    addField(tr("Workflow"),
        tr("%1, version %2").arg(toText(order.summary->workflow)).arg(order.summary->workflowVersion));
    addField(tr("Priority"), QString::number(document.priority));
    addField(tr("Received"), exactTime(order.summary->createdAt));
    if (document.promiseAt)
        addField(tr("Promised"), exactTime(*document.promiseAt));
    QStringList tags;
    for (const std::string& tag : document.tags)
        tags << toText(tag);
    addField(tr("Tags"), tags.join(u", "_s));
    if (!document.metadata.empty())
        addSection(tr("Metadata"));
    for (const auto& [name, value] : document.metadata)
        addField(toText(name), toText(value));
    m_scroll->setWidget(content);
    m_text = QString::fromUtf8(QJsonDocument::fromJson(QByteArray::fromStdString(json)).toJson());
    m_json->setPlainText(m_text);
}

} // namespace gantry::console
