// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/domain/order.h"
#include "shared/domain/order_document.h"

#include <QFormLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QWidget>

namespace gantry::console {

/// An order's document as it was submitted: customer, address, payments, metadata; and its JSON, to be copied.
class DocumentView : public QWidget {
    Q_OBJECT
public:
    explicit DocumentView(QWidget* parent = nullptr);

    void setDocument(const OrderDocument& document, const Order& order, const std::string& json);

private:
    void addSection(const QString& title);
    void addField(const QString& name, const QString& value, const QString& tip = {});
    void addPeople(const OrderDocument& document);

    QScrollArea* m_scroll = nullptr;
    QFormLayout* m_form = nullptr;
    QPlainTextEdit* m_json = nullptr;
    QPushButton* m_showJson = nullptr;
    QString m_text; ///< the JSON, indented
};

} // namespace gantry::console
