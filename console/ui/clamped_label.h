// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLabel>

namespace gantry::console {

/// A text of a fixed number of lines: what does not fit is cut with an ellipsis and stands whole in the tooltip. Keeps its height whatever it
/// says, so that nothing under it moves.
class ClampedLabel : public QLabel {
    Q_OBJECT
public:
    explicit ClampedLabel(int lines, QWidget* parent = nullptr);

    void setFullText(const QString& text);
    [[nodiscard]] const QString& fullText() const { return m_text; }

    /// Space around the text that a style sheet adds: left and right together, top and bottom together.
    void setPadding(int horizontal, int vertical);

    [[nodiscard]] QSize minimumSizeHint() const override;
    [[nodiscard]] QSize sizeHint() const override { return minimumSizeHint(); }
    [[nodiscard]] int heightForWidth(int) const override { return minimumSizeHint().height(); }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void clamp();
    [[nodiscard]] bool fits(const QString& text) const;

    QString m_text;
    int m_lines;
    int m_horizontal = 0;
    int m_vertical = 0;
};

} // namespace gantry::console
