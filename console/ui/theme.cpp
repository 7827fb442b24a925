// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/ui/theme.h"

#include <QApplication>
#include <QStyleFactory>
#include <algorithm>
#include <cmath>

namespace gantry::console {

namespace {

using namespace Qt::StringLiterals;

constexpr const char* darkProperty = "gantryDark";

double luminance(const QColor& color)
{
    const auto linear = [](double channel) {
        return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF());
}

QColor mix(const QColor& base, const QColor& over, double share)
{
    const auto channel = [share](int a, int b) { return static_cast<int>(std::lround(a + (b - a) * share)); };
    return QColor(channel(base.red(), over.red()), channel(base.green(), over.green()),
        channel(base.blue(), over.blue()));
}

// Names stand for colors: @surface and so on.
constexpr const char* sheet = R"(
QWidget#window, QDialog { background: @window; }
QToolTip { background: @surface; color: @text; border: 1px solid @border; padding: 4px 8px; }
QLineEdit, QComboBox, QPlainTextEdit, QTextEdit {
    background: @surface; color: @text; border: 1px solid @border; border-radius: 4px; padding: 0 8px;
    min-height: 30px; selection-background-color: @accent; selection-color: @onAccent; }
QPlainTextEdit, QTextEdit { padding: 4px; }
QLineEdit:focus, QComboBox:focus, QPlainTextEdit:focus, QTextEdit:focus { border: 1px solid @accent; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox QAbstractItemView { background: @surface; color: @text; border: 1px solid @border;
    selection-background-color: @selection; selection-color: @text; }
QPushButton {
    background: @surface; color: @text; border: 1px solid @border; border-radius: 4px; padding: 0 12px;
    min-height: 30px; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @selection; }
QPushButton:focus { border: 1px solid @accent; }
QPushButton:disabled { color: @disabled; background: @window; }
QPushButton:default, QPushButton[primary="true"] { background: @accent; color: @onAccent; border: 1px solid @accent; }
QPushButton[primary="true"]:disabled, QPushButton:default:disabled { background: @window; color: @disabled;
    border: 1px solid @border; }
QTableView, QListView, QScrollArea, QTableView QTableCornerButton::section {
    background: @surface; color: @text; border: none; }
QScrollArea > QWidget > QWidget { background: @surface; }
QTableView QAbstractScrollArea::corner, QAbstractScrollArea::corner { background: @surface; border: none; }
QHeaderView { background: @surface; border: none; }
QHeaderView::section {
    background: @surface; color: @muted; border: none; border-bottom: 1px solid @border; padding: 0 8px;
    min-height: 31px; }
QTabWidget::pane { border: none; border-top: 1px solid @border; background: @surface; }
QTabWidget::tab-bar { left: 4px; }
QTabBar { background: @surface; }
QTabBar::tab { background: @surface; color: @muted; border: none; border-bottom: 2px solid @surface;
    padding: 0 12px; min-height: 30px; }
QTabBar::tab:hover { color: @text; }
QTabBar::tab:selected { color: @text; border-bottom: 2px solid @accent; }
QTabBar::tab:focus { color: @accent; }
QSplitter::handle { background: @border; }
QProgressBar { background: @window; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: @accent; border-radius: 2px; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @scroll; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
    background: transparent; border: none; width: 0; height: 0; }
QFrame[panel="true"] { background: @surface; border: none; }
QFrame[rule="true"] { background: @border; border: none; max-height: 1px; min-height: 1px; }
QLabel[muted="true"] { color: @muted; }
QMenu { background: @surface; color: @text; border: 1px solid @border; padding: 4px 0; }
QMenu::item { padding: 4px 24px; }
QMenu::item:selected { background: @selection; }
QMenu::item:disabled { color: @disabled; }
)";

} // namespace

Theme::Theme(bool isDark)
    : m_isDark(isDark)
    , m_window(isDark ? 0x14181d : 0xf3f5f7)
    , m_surface(isDark ? 0x1b2026 : 0xffffff)
    , m_border(isDark ? 0x323a44 : 0xd8dde3)
    , m_hover(isDark ? 0x242b33 : 0xf0f4f7)
    , m_selection(isDark ? 0x213b4a : 0xdcebf4)
    , m_text(isDark ? 0xe4e9ee : 0x1a222c)
    , m_muted(isDark ? 0x9fabb8 : 0x566270)
    , m_accent(isDark ? 0x69b7dd : 0x1a6489)
    , m_onAccent(isDark ? 0x0d1b24 : 0xffffff)
{
}

Theme Theme::current()
{
    return Theme(qApp->property(darkProperty).toBool());
}

void Theme::apply(QApplication& application, ThemeChoice choice)
{
    const QPalette system = application.palette();
    const bool isDark = choice == ThemeChoice::Dark
        || (choice == ThemeChoice::System
            && luminance(system.color(QPalette::Window)) < luminance(system.color(QPalette::WindowText)));
    const Theme theme(isDark);
    application.setProperty(darkProperty, isDark);
    QApplication::setStyle(QStyleFactory::create(u"Fusion"_s));
    QApplication::setPalette(theme.palette());
    application.setStyleSheet(theme.styleSheet());
}

QPalette Theme::palette() const
{
    QPalette palette(m_text, m_surface, m_surface, m_border, m_muted, m_text, m_text, m_surface, m_window);
    palette.setColor(QPalette::Highlight, m_selection);
    palette.setColor(QPalette::HighlightedText, m_text);
    palette.setColor(QPalette::Link, m_accent);
    palette.setColor(QPalette::ToolTipBase, m_surface);
    palette.setColor(QPalette::ToolTipText, m_text);
    palette.setColor(QPalette::PlaceholderText, m_muted);
    palette.setColor(QPalette::AlternateBase, m_window);
    const QColor disabled = mix(m_window, m_text, 0.45);
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        palette.setColor(QPalette::Disabled, role, disabled);
    return palette;
}

QString Theme::styleSheet() const
{
    QString text = QString::fromLatin1(sheet);
    const std::pair<QString, QColor> names[]{{u"@window"_s, m_window}, {u"@surface"_s, m_surface},
        {u"@border"_s, m_border}, {u"@hover"_s, m_hover}, {u"@selection"_s, m_selection},
        {u"@text"_s, m_text}, {u"@muted"_s, m_muted}, {u"@accent"_s, m_accent}, {u"@onAccent"_s, m_onAccent},
        {u"@disabled"_s, mix(m_window, m_text, 0.45)}, {u"@scroll"_s, mix(m_surface, m_text, 0.25)}};
    for (const auto& [name, color] : names)
        text.replace(name, color.name());
    return text;
}

QColor Theme::banner(Tone tone) const
{
    return mix(m_surface, toneColor(tone), m_isDark ? 0.12 : 0.08);
}

QColor Theme::stateColor(OrderState state) const
{
    switch (state) {
    case OrderState::Received: return m_isDark ? 0xb0bdca : 0x465564;
    case OrderState::Running: return m_accent;
    case OrderState::Waiting: return m_isDark ? 0xecb94f : 0x7d5200;
    case OrderState::Failed: return m_isDark ? 0xff8f85 : 0xb3261e;
    case OrderState::Compensating: return m_isDark ? 0xcfa5ee : 0x77399a;
    case OrderState::Completed: return m_isDark ? 0x7fcb92 : 0x1a6b34;
    case OrderState::Canceled: return m_muted;
    case OrderState::CompensationFailed: return m_isDark ? 0xff85c2 : 0xa3195b;
    }
    return m_text;
}

QColor Theme::toneColor(Tone tone) const
{
    switch (tone) {
    case Tone::Plain: return m_text;
    case Tone::Muted: return m_muted;
    case Tone::Good: return stateColor(OrderState::Completed);
    case Tone::Notice: return m_accent;
    case Tone::Warning: return stateColor(OrderState::Waiting);
    case Tone::Danger: return stateColor(OrderState::Failed);
    }
    return m_text;
}

double Theme::contrast(const QColor& a, const QColor& b)
{
    const double first = luminance(a);
    const double second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

} // namespace gantry::console
