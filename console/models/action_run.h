// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/link.h"
#include "console/models/order_api.h"

#include <QAbstractTableModel>
#include <QString>
#include <vector>

namespace gantry::console {

/// One action on a frozen list of orders: sends each request, a few at a time, and tells for each what became of it. A table of order,
/// where it stood, and result.
class ActionRun : public QAbstractTableModel {
    Q_OBJECT
public:
    enum class Stand { Waiting, Sent, Done, Refused, Unknown };
    enum Column { OrderColumn, SituationColumn, ResultColumn, columnTotal };
    static constexpr int StandRole = Qt::UserRole + 1; ///< int of Stand

    /// One order of the list as it was when it was frozen.
    struct Item {
        ActionRequest request;
        QString externalId;
        QString situation;
    };

    /// `link` must outlive the run.
    ActionRun(Link& link, std::vector<Item> items, QObject* parent = nullptr);

    /// Sends everything that waits. Reason and expiry go into every request.
    void start(const std::string& reason, std::optional<Timestamp> expiresAt);

    /// Sends nothing more; what is under way is still told.
    void stop();

    /// Sends again, with the same key, whatever has no certain result but may be repeated.
    void repeatUnknown();

    [[nodiscard]] int total() const { return static_cast<int>(m_items.size()); }
    [[nodiscard]] int count(Stand stand) const;
    [[nodiscard]] bool isRunning() const { return m_isRunning; }

    /// Why the first order that was not done was not done; empty if there is none.
    [[nodiscard]] QString firstFailure() const;

    /// Whether any order is left that repeatUnknown() would send.
    [[nodiscard]] bool mayRepeatAny() const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    void progressed();
    /// Nothing is under way any more, and nothing more will be sent.
    void finished();

private:
    struct Entry {
        Item item;
        Stand stand = Stand::Waiting;
        QString words;
        bool mayRepeat = false;
    };

    void sendNext();
    void send(std::size_t at);
    void settle(std::size_t at, const Result<ApiAnswer>& answer);
    void setStand(std::size_t at, Stand stand, QString words);

    Link& m_link;
    std::vector<Entry> m_items;
    std::size_t m_next = 0;
    int m_underWay = 0;
    bool m_isRunning = false;
};

} // namespace gantry::console
