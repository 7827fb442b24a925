// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/throughput_series.h"

#include <QLabel>
#include <QWidget>

QT_FORWARD_DECLARE_CLASS(QChart)
QT_FORWARD_DECLARE_CLASS(QLineSeries)
QT_FORWARD_DECLARE_CLASS(QValueAxis)

namespace gantry::console {

/// Orders received and closed per second over the last two minutes, with the present rates in words.
class ThroughputChart : public QWidget {
    Q_OBJECT
public:
    explicit ThroughputChart(QWidget* parent = nullptr);

    /// `isLive`: else there are no present rates to tell.
    void show(const ThroughputSeries& series, bool isLive);

private:
    void addLegend();
    void addChart();

    QLabel* m_received = nullptr;
    QLabel* m_closed = nullptr;
    QChart* m_chart = nullptr;
    QLineSeries* m_receivedLine = nullptr;
    QLineSeries* m_closedLine = nullptr;
    QValueAxis* m_rateAxis = nullptr;
};

/// The next round number for the top of an axis that must hold `most`: 4, 10, 20, 40, 100, …
double roundTop(double most);

} // namespace gantry::console
