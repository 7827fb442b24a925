// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/output.h"

#include "console/cli/printable.h"
#include "shared/protocol/problem.h"

namespace gantry::console {

Output::Output(std::ostream& out, std::ostream& err, OutputStyle style)
    : m_out(out)
    , m_err(err)
    , m_style(style)
{
}

void Output::line(std::string_view text)
{
    if (!m_style.json)
        m_out << text << '\n';
}

void Output::json(std::string_view json)
{
    if (m_style.json)
        m_out << printableJson(json) << '\n';
}

void Output::jsonPart(std::string_view json)
{
    if (m_style.json)
        m_out << printableJson(json);
}

void Output::note(std::string_view text)
{
    m_err << text << '\n' << std::flush;
}

void Output::draw(std::string_view text)
{
    m_err << text << std::flush;
}

ExitCode Output::failure(const Error& error)
{
    return failure(error, exitCodeOf(error.code));
}

ExitCode Output::failure(const Error& error, ExitCode code)
{
    json("{\"problem\":" + encodeProblem(error) + "}");
    note("gantryctl: " + describe(error));
    return code;
}

ExitCode Output::failureInside(const Error& error, ExitCode code)
{
    json(",\"problem\":" + encodeProblem(error) + "}");
    note("gantryctl: " + describe(error));
    return code;
}

bool Output::flush()
{
    m_out.flush();
    return m_out.good();
}

std::string describe(const Error& error)
{
    std::string text =
        error.message.empty() ? std::string(problemTitle(error.code)) : printable(error.message);
    // The sentence names the first field; the rest is worth a line each.
    for (std::size_t i = 1; i < error.fields.size(); ++i)
        text += "\n  " + printable(error.fields[i].pointer) + ' ' + printable(error.fields[i].message);
    return text;
}

} // namespace gantry::console
