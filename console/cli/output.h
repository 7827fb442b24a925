// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/exit_code.h"
#include "shared/util/result.h"

#include <ostream>
#include <string>
#include <string_view>

namespace gantry::console {

/// How results and messages are to look.
struct OutputStyle {
    bool json = false; ///< JSON alone on standard output
    bool isTerminal = false; ///< standard error is a terminal: bars may be drawn
    std::size_t columns = 80; ///< its width
};

/// Where a command writes: results to standard output, all else to standard error. Texts from outside must be printable().
class Output {
public:
    Output(std::ostream& out, std::ostream& err, OutputStyle style);

    [[nodiscard]] const OutputStyle& style() const noexcept { return m_style; }
    void setJson(bool json) noexcept { m_style.json = json; }

    /// A line for a person on standard output; nothing with --json.
    void line(std::string_view text);

    /// A line of JSON on standard output; nothing without --json.
    void json(std::string_view json);

    /// A part of a line of JSON, for answers too long to hold; nothing without --json.
    void jsonPart(std::string_view json);

    /// A line for a person on standard error.
    void note(std::string_view text);

    /// Text as it is on standard error, e.g. a bar that is drawn over.
    void draw(std::string_view text);

    /// Tells a failure: a sentence to standard error and, with --json, `{"problem":{…}}` to standard output.
    ExitCode failure(const Error& error);
    ExitCode failure(const Error& error, ExitCode code);

    /// The same at the end of a JSON object that jsonPart() began: the problem stands as its last member, and the object is closed.
    ExitCode failureInside(const Error& error, ExitCode code);

    /// Writes out what is held back. False: standard output could not take everything.
    bool flush();

private:
    std::ostream& m_out;
    std::ostream& m_err;
    OutputStyle m_style;
};

/// The sentence of an error with the fields it names, for a person. Printable.
std::string describe(const Error& error);

} // namespace gantry::console
