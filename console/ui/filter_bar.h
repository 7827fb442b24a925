// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTimer>
#include <QWidget>

namespace gantry::console {

/// What narrows the list: a search box, step and channel, and how many orders are left.
class FilterBar : public QWidget {
    Q_OBJECT
public:
    explicit FilterBar(QWidget* parent = nullptr);

    [[nodiscard]] QString text() const { return m_search->text(); }
    [[nodiscard]] QString step() const { return m_step->currentData().toString(); }
    [[nodiscard]] QString channel() const { return m_channel->currentData().toString(); }

    /// Sets all three without telling it.
    void setChoice(const QString& text, const QString& step, const QString& channel);

    /// What there is to choose from. What is chosen stays, even if it is no longer among it.
    void setSteps(const QStringList& steps) { setItems(*m_step, steps, tr("Every step")); }
    void setChannels(const QStringList& channels) { setItems(*m_channel, channels, tr("Every channel")); }

    /// `shown` of `total` orders; `hasFilter`: offer to clear it.
    void setCounts(int shown, int total, bool hasFilter);

    /// Steps and channels narrow open orders only.
    void setListsEnabled(bool enabled);

    void focusSearch();

Q_SIGNALS:
    /// Any of the three changed; typing tells it once it pauses.
    void changed();
    void clearRequested();
    /// Enter or Down in the search box: on to the list.
    void leaveRequested();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void setItems(QComboBox& box, const QStringList& items, const QString& any);

    QLineEdit* m_search = nullptr;
    QComboBox* m_step = nullptr;
    QComboBox* m_channel = nullptr;
    QLabel* m_counts = nullptr;
    QPushButton* m_clear = nullptr;
    QTimer m_pause;
};

} // namespace gantry::console
