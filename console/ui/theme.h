// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/models/wording.h"
#include "shared/domain/order.h"

#include <QColor>
#include <QPalette>
#include <QString>

class QApplication;

namespace gantry::console {

/// One unit of the grid that everything sits on, in pixels.
constexpr int gridUnit = 8;

/// Which look the user asked for.
enum class ThemeChoice { System, Light, Dark };

/// The colors of one look. A value; whoever paints asks the application's.
class Theme {
public:
    explicit Theme(bool isDark);

    /// The look of this application, as apply() set it; light before that.
    static Theme current();

    /// Dresses the application. System: light or dark by the palette that the system gave.
    static void apply(QApplication& application, ThemeChoice choice);

    [[nodiscard]] bool isDark() const { return m_isDark; }
    [[nodiscard]] QPalette palette() const;
    [[nodiscard]] QString styleSheet() const;

    [[nodiscard]] QColor window() const { return m_window; } ///< behind everything
    [[nodiscard]] QColor surface() const { return m_surface; } ///< lists and panes
    [[nodiscard]] QColor border() const { return m_border; }
    [[nodiscard]] QColor hover() const { return m_hover; }
    [[nodiscard]] QColor selection() const { return m_selection; } ///< texts keep their colors on it
    [[nodiscard]] QColor text() const { return m_text; }
    [[nodiscard]] QColor muted() const { return m_muted; }
    [[nodiscard]] QColor accent() const { return m_accent; }
    [[nodiscard]] QColor onAccent() const { return m_onAccent; } ///< text on the accent color
    [[nodiscard]] QColor bannerText(Tone tone) const { return toneColor(tone); }
    [[nodiscard]] QColor banner(Tone tone) const; ///< a tinted surface

    /// The text color that goes with a state or tone, on any surface above.
    [[nodiscard]] QColor stateColor(OrderState state) const;
    [[nodiscard]] QColor toneColor(Tone tone) const;

    /// Contrast of two colors by WCAG 2: 1 to 21.
    static double contrast(const QColor& a, const QColor& b);

private:
    bool m_isDark;
    QColor m_window;
    QColor m_surface;
    QColor m_border;
    QColor m_hover;
    QColor m_selection;
    QColor m_text;
    QColor m_muted;
    QColor m_accent;
    QColor m_onAccent;
};

} // namespace gantry::console
