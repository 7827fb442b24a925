// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/output.h"
#include "console/cli/pace.h"

#include <optional>
#include <string>

namespace gantry::console {

/// Shows how far long work has come, on standard error: a bar on a terminal, elsewhere a line now and then.
class ProgressBar {
public:
    ProgressBar(Output& output, const Pace& pace);

    /// `fraction`: 0 to 1, empty if the whole is not known. `text`: what was done so far. Draws at most ten times a second.
    void update(std::optional<double> fraction, const std::string& text);

    /// Takes the bar away.
    void clear();

private:
    [[nodiscard]] std::string bar(double fraction, const std::string& text) const;

    Output& m_output;
    const Pace& m_pace;
    std::optional<std::chrono::milliseconds> m_lastDrawn;
    bool m_isShown = false;
};

} // namespace gantry::console
