// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/lines_view.h"

#include "console/models/wording.h"
#include "console/ui/padded_delegate.h"
#include "console/ui/theme.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QPainter>
#include <QVBoxLayout>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;

/// What was ordered, and its SKU under it.
class ItemDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        const Theme theme = Theme::current();
        painter->save();
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, theme.selection());
        const QString sku = index.siblingAtColumn(LinesModel::SkuColumn).data().toString();
        const QString name = index.data().toString();
        QRect area = option.rect.adjusted(gridUnit, 4, -gridUnit, -4);
        const auto line = [&](const QString& text, const QColor& color, Qt::Alignment where) {
            painter->setPen(color);
            painter->drawText(area, static_cast<int>(where | Qt::AlignLeft),
                option.fontMetrics.elidedText(text, Qt::ElideRight, area.width()));
        };
        line(name.isEmpty() ? sku : name, theme.text(), Qt::AlignTop);
        line(name.isEmpty() ? QString() : sku, theme.muted(), Qt::AlignBottom);
        painter->restore();
    }
};

} // namespace

LinesView::LinesView(QWidget* parent)
    : QWidget(parent)
    , m_table(new QTableView(this))
    , m_words(new QLabel(this))
    , m_amounts(new QLabel(this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addWidget(m_table, 1);
    auto* sums = new QHBoxLayout;
    sums->setContentsMargins(2 * gridUnit, gridUnit, 2 * gridUnit, 2 * gridUnit);
    sums->setSpacing(3 * gridUnit);
    sums->addStretch(1);
    sums->addWidget(m_words);
    sums->addWidget(m_amounts);
    layout->addLayout(sums);
    for (QLabel* label : {m_words, m_amounts}) {
        label->setAlignment(Qt::AlignRight);
        label->setTextFormat(Qt::RichText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    m_table->setModel(&m_model);
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setSelectionBehavior(QTableView::SelectRows);
    m_table->setVerticalScrollMode(QTableView::ScrollPerPixel);
    m_table->setWordWrap(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(5 * gridUnit);
    m_table->hideColumn(LinesModel::SkuColumn);
    m_table->setItemDelegate(new PaddedDelegate(this));
    m_table->setItemDelegateForColumn(LinesModel::NameColumn, new ItemDelegate(this));
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setSectionResizeMode(LinesModel::NameColumn, QHeaderView::Stretch);
}

void LinesView::setDocument(const OrderDocument& document)
{
    m_model.setLines(document.lines, document.currency);
    QStringList words;
    QStringList amounts;
    const auto add = [&](const QString& word, MinorUnits amount) {
        words << word.toHtmlEscaped();
        amounts << moneyText(amount, document.currency).toHtmlEscaped();
    };
    if (document.shipping != 0)
        add(tr("Shipping"), document.shipping);
    if (document.tax != 0)
        add(tr("Tax"), document.tax);
    if (document.discount != 0)
        add(tr("Discount"), -document.discount);
    add(tr("Total"), document.total);
    words.back() = u"<b>"_s + words.back() + u"</b>"_s;
    amounts.back() = u"<b>"_s + amounts.back() + u"</b>"_s;
    m_words->setText(words.join(u"<br>"_s));
    m_amounts->setText(amounts.join(u"<br>"_s));
}

} // namespace gantry::console
