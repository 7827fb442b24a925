// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/progress_bar.h"

#include "console/cli/printable.h"

#include <algorithm>
#include <cmath>

namespace gantry::console {

namespace {

constexpr std::chrono::milliseconds redrawEvery{100};
constexpr std::chrono::milliseconds lineEvery{5000};

std::string percentText(double fraction)
{
    return std::to_string(static_cast<int>(std::floor(fraction * 100))) + " %";
}

} // namespace

ProgressBar::ProgressBar(Output& output, const Pace& pace)
    : m_output(output)
    , m_pace(pace)
{
}

void ProgressBar::update(std::optional<double> fraction, const std::string& text)
{
    const auto now = m_pace.now();
    const bool isTerminal = m_output.style().isTerminal;
    // The first line comes after a while: quick work needs none.
    if (!m_lastDrawn && !isTerminal)
        m_lastDrawn = now;
    if (m_lastDrawn && now - *m_lastDrawn < (isTerminal ? redrawEvery : lineEvery))
        return;
    m_lastDrawn = now;
    const auto known = fraction ? std::optional(std::clamp(*fraction, 0.0, 1.0)) : std::nullopt;
    if (!isTerminal) {
        m_output.note((known ? percentText(*known) + ": " : "") + text);
        return;
    }
    m_output.draw("\r\x1b[K" + (known ? bar(*known, text) : text));
    m_isShown = true;
}

std::string ProgressBar::bar(double fraction, const std::string& text) const
{
    const std::string percent = percentText(fraction);
    const std::size_t taken = columnsOf(text) + percent.size() + 6;
    const std::size_t columns = m_output.style().columns;
    if (columns < taken + 10)
        return percent + "  " + text;
    const std::size_t width = std::min<std::size_t>(columns - taken, 40);
    const auto filled = static_cast<std::size_t>(fraction * static_cast<double>(width));
    return "[" + std::string(filled, '#') + std::string(width - filled, '.') + "] " + percent + "  " + text;
}

void ProgressBar::clear()
{
    if (m_isShown)
        m_output.draw("\r\x1b[K");
    m_isShown = false;
}

} // namespace gantry::console
