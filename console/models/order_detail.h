// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/client/link.h"
#include "console/models/order_api.h"
#include "console/models/order_table_model.h"
#include "console/models/timeline_model.h"

#include <QObject>
#include <optional>

namespace gantry::console {

/// The one order that is open in the detail pane: its state from the replica, its document and history from the daemon, kept up to date.
class OrderDetail : public QObject {
    Q_OBJECT
public:
    enum class Phase { Empty, Loading, Ready, Failed };

    /// `link`, `orders` and `clock` must outlive it.
    OrderDetail(Link& link, const OrderTableModel& orders, const Clock& clock, QObject* parent = nullptr);

    /// Shows this order. The same one again keeps what is loaded.
    void show(std::shared_ptr<const Order> order);
    void clear();

    /// Reads document and history again.
    void reload();

    /// Takes in what happened to the order.
    void applyChange(const ReplicaChange& change);

    /// Asks again, every few seconds, why the order does not go on: call it often.
    void tick();

    [[nodiscard]] Phase phase() const { return m_phase; }
    [[nodiscard]] const std::shared_ptr<const Order>& order() const { return m_order; }
    [[nodiscard]] const std::optional<OrderDocument>& document() const { return m_document; }
    [[nodiscard]] const std::string& json() const { return m_json; }
    /// Why the order does not go on, as the daemon says of this version of it; empty until it has said so.
    [[nodiscard]] const std::optional<WaitingReason>& reason() const { return m_reason; }
    [[nodiscard]] const QString& failure() const { return m_failure; } ///< in words, when Failed
    [[nodiscard]] TimelineModel& timeline() { return m_timeline; }

Q_SIGNALS:
    /// Another order, or none, is shown.
    void orderSwitched();
    /// The order's state or holds changed, or it is another order.
    void orderChanged();
    /// Phase or document changed.
    void contentChanged();
    /// The daemon said why the order does not go on.
    void reasonChanged();

private:
    void load();
    void loadEvents();
    void askReason();
    void onReason(const Result<ApiAnswer>& answer);
    void onDetails(const Result<ApiAnswer>& answer);
    void onEvents(const Result<ApiAnswer>& answer);
    void fail(const Error& error);
    void setOrder(std::shared_ptr<const Order> order);
    [[nodiscard]] bool isBehind() const;

    Link& m_link;
    const OrderTableModel& m_orders;
    const Clock& m_clock;
    TimelineModel m_timeline;
    Phase m_phase = Phase::Empty;
    std::shared_ptr<const Order> m_order;
    std::optional<OrderDocument> m_document;
    std::string m_json;
    std::optional<WaitingReason> m_reason;
    Timestamp m_reasonAskedAt{};
    QString m_failure;
    std::uint64_t m_round = 0; ///< answers to what was asked in an earlier round are dropped
    bool m_isLoadingEvents = false;
};

} // namespace gantry::console
