// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/api/hostile_file.h"

#include <cctype>
#include <charconv>
#include <fstream>
#include <sstream>

namespace gantry::test {

namespace {

/// `{100 x text}` written out; other braces stay as they are.
std::string repeated(std::string_view text)
{
    std::string result;
    while (!text.empty()) {
        std::size_t count = 0;
        const auto digits = text.substr(1);
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
        const auto after = digits.substr(static_cast<std::size_t>(end - digits.data()));
        const auto close = after.find('}');
        if (text.front() == '{' && error == std::errc() && after.starts_with(" x ")
            && close != std::string_view::npos) {
            for (std::size_t i = 0; i < count; ++i)
                result += after.substr(3, close - 3);
            text = after.substr(close + 1);
        } else {
            result += text.front();
            text.remove_prefix(1);
        }
    }
    return result;
}

std::string unescaped(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            result += text[i];
            continue;
        }
        switch (text[++i]) {
        case 'r': result += '\r'; break;
        case 'n': result += '\n'; break;
        case 't': result += '\t'; break;
        case '0': result += '\0'; break;
        case 'x':
            result += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
            break;
        default: result += text[i];
        }
    }
    return result;
}

std::string sentBy(std::string_view line)
{
    const bool isWhole = !line.ends_with('\\') || line.ends_with("\\\\");
    if (!isWhole)
        line.remove_suffix(1);
    return unescaped(repeated(line)) + (isWhole ? "\r\n" : "");
}

/// `400 malformed_request close syntax`, or `nothing`.
bool readAnswer(const std::string& line, HostileCase& into)
{
    ExpectedAnswer answer;
    if (line == "nothing") {
        answer.closes = true;
    } else {
        std::istringstream words(line);
        std::string end;
        if (!(words >> answer.status >> answer.code >> end) || (end != "close" && end != "open"))
            return false;
        answer.closes = end == "close";
        words >> answer.limit;
    }
    into.answers.push_back(std::move(answer));
    return true;
}

bool readExpected(const std::string& line, HostileCase& into)
{
    const auto colon = line.find(": ");
    if (colon == std::string::npos)
        return readAnswer(line, into);
    if (into.answers.empty())
        return false;
    into.answers.back().headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    return true;
}

bool readLine(const std::string& line, std::vector<HostileCase>& cases)
{
    if (line.empty() || line.starts_with("# "))
        return true;
    if (line.starts_with("## ")) {
        cases.push_back({.title = line.substr(3), .sent = {}, .answers = {}});
        return true;
    }
    if (cases.empty())
        return false;
    HostileCase& current = cases.back();
    if (line == "! end")
        current.isEnded = true;
    else if (line == ">")
        current.sent += "\r\n";
    else if (line.starts_with("> "))
        current.sent += sentBy(std::string_view(line).substr(2));
    else
        return line.starts_with("< ") && readExpected(line.substr(2), current);
    return true;
}

} // namespace

Result<std::vector<HostileCase>> readHostileFile(const std::string& path)
{
    std::ifstream file(path);
    if (!file)
        return failure(ErrorCode::NotFound, path + " can't be read.");
    std::vector<HostileCase> cases;
    std::string line;
    for (int number = 1; std::getline(file, line); ++number)
        if (!readLine(line, cases))
            return failure(ErrorCode::MalformedRequest, path + ":" + std::to_string(number) + ": " + line);
    return cases;
}

std::string filledIn(std::string sent, const std::vector<std::pair<std::string_view, std::string>>& values)
{
    const auto put = [&sent](std::string_view name, const std::string& value) {
        for (std::size_t at = 0; (at = sent.find(name, at)) != std::string::npos; at += value.size())
            sent.replace(at, name.size(), value);
    };
    for (const auto& [name, value] : values)
        put(name, value);
    if (const auto empty = sent.find("\r\n\r\n"); empty != std::string::npos)
        put("{rest}", std::to_string(sent.size() - empty - 4));
    return sent;
}

} // namespace gantry::test
