// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/throughput_chart.h"

#include "console/ui/theme.h"

#include <QChartView>
#include <QGraphicsLayout>
#include <QHBoxLayout>
#include <QLineSeries>
#include <QLocale>
#include <QVBoxLayout>
#include <QValueAxis>
#include <algorithm>
#include <cmath>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;

constexpr std::size_t rateSeconds = 5;

QColor receivedColor(const Theme& theme)
{
    return theme.toneColor(Tone::Notice);
}

QColor closedColor(const Theme& theme)
{
    return theme.toneColor(Tone::Good);
}

QLineSeries* makeLine(const QColor& color, Qt::PenStyle style, QObject* parent)
{
    auto* line = new QLineSeries(parent);
    QPen pen(color, 1.6, style);
    pen.setCosmetic(true);
    line->setPen(pen);
    return line;
}

} // namespace

double roundTop(double most)
{
    double top = 4;
    for (int i = 0; top < most; ++i)
        top *= i % 3 == 0 ? 2.5 : 2;
    return top;
}

ThroughputChart::ThroughputChart(QWidget* parent)
    : QWidget(parent)
    , m_received(new QLabel(this))
    , m_closed(new QLabel(this))
    , m_chart(new QChart)
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    setFixedHeight(14 * gridUnit);
    setToolTip(tr(
        "Orders received, and orders that were completed or canceled, per second over the last two minutes"));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(2 * gridUnit, gridUnit, gridUnit, gridUnit);
    layout->setSpacing(gridUnit);
    addLegend();
    addChart();
}

void ThroughputChart::addLegend()
{
    const Theme theme = Theme::current();
    auto* legend = new QVBoxLayout;
    legend->setSpacing(0);
    auto* title = new QLabel(tr("Per second"), this);
    title->setProperty("muted", true);
    legend->addWidget(title);
    legend->addSpacing(gridUnit / 2);
    legend->addWidget(m_received);
    legend->addWidget(m_closed);
    legend->addStretch(1);
    m_received->setStyleSheet(u"color: %1"_s.arg(receivedColor(theme).name()));
    m_closed->setStyleSheet(u"color: %1"_s.arg(closedColor(theme).name()));
    m_received->setMinimumWidth(17 * gridUnit);
    static_cast<QHBoxLayout*>(layout())->addLayout(legend);
}

void ThroughputChart::addChart()
{
    const Theme theme = Theme::current();
    m_chart->legend()->hide();
    m_chart->setBackgroundVisible(false);
    m_chart->setMargins({0, 0, 0, 0});
    m_chart->layout()->setContentsMargins(0, 0, 0, 0);
    m_receivedLine = makeLine(receivedColor(theme), Qt::SolidLine, m_chart);
    m_closedLine = makeLine(closedColor(theme), Qt::DashLine, m_chart);
    m_chart->addSeries(m_receivedLine);
    m_chart->addSeries(m_closedLine);
    auto* timeAxis = new QValueAxis(m_chart);
    timeAxis->setRange(-static_cast<double>(ThroughputSeries::span), 0);
    timeAxis->setTickCount(5);
    timeAxis->setLabelFormat(u"%d s"_s);
    m_rateAxis = new QValueAxis(m_chart);
    m_rateAxis->setTickCount(3);
    m_rateAxis->setRange(0, roundTop(0));
    m_rateAxis->setLabelFormat(u"%g"_s);
    for (QValueAxis* axis : {timeAxis, m_rateAxis}) {
        axis->setLabelsColor(theme.muted());
        axis->setLinePen(QPen(theme.border(), 1));
        axis->setGridLinePen(QPen(theme.border(), 1));
        QFont small = font();
        small.setPointSizeF(small.pointSizeF() * 0.85);
        axis->setLabelsFont(small);
    }
    timeAxis->setGridLineVisible(false);
    m_chart->addAxis(timeAxis, Qt::AlignBottom);
    m_chart->addAxis(m_rateAxis, Qt::AlignLeft);
    for (QLineSeries* line : {m_receivedLine, m_closedLine}) {
        line->attachAxis(timeAxis);
        line->attachAxis(m_rateAxis);
    }
    auto* view = new QChartView(m_chart, this);
    view->setRenderHint(QPainter::Antialiasing);
    view->setFrameShape(QFrame::NoFrame);
    view->setStyleSheet(u"background: transparent"_s);
    view->setFocusPolicy(Qt::NoFocus);
    static_cast<QHBoxLayout*>(layout())->addWidget(view, 1);
}

void ThroughputChart::show(const ThroughputSeries& series, bool isLive)
{
    const auto points = series.points();
    QList<QPointF> received;
    QList<QPointF> closed;
    double most = 0;
    double x = -static_cast<double>(points.size()) + 1;
    for (const auto& point : points) {
        received.append({x, static_cast<double>(point.received)});
        closed.append({x, static_cast<double>(point.closed)});
        most = std::max({most, received.back().y(), closed.back().y()});
        x += 1;
    }
    m_receivedLine->replace(received);
    m_closedLine->replace(closed);
    m_rateAxis->setRange(0, roundTop(most));
    const auto rates = series.rates(rateSeconds);
    const auto text = [isLive](double rate) { return isLive ? QLocale().toString(rate, 'f', 1) : u"–"_s; };
    m_received->setText(tr("━ Received  %1").arg(text(rates.received)));
    m_closed->setText(tr("╌ Closed  %1").arg(text(rates.closed)));
}

} // namespace gantry::console
