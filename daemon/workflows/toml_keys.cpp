// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/workflows/toml_keys.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace gantry::workflows {

namespace {

/// Keys that the engine will honor one day. Taken silently they would promise what does not happen.
constexpr std::array<std::string_view, 6> notYetHonored{
    "concurrency", "honor_retry_after", "http", "jitter", "rate_limit", "total_timeout_ms"};

std::string numberText(double number)
{
    std::string text = std::to_string(number);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.')
        text.pop_back();
    return text;
}

} // namespace

void Mistakes::add(const toml::source_position& at, const std::string& what)
{
    if (++m_count <= most)
        m_fields.push_back({"/source", ErrorCode::InvalidValue,
            m_file + ':' + std::to_string(at.line) + ':' + std::to_string(at.column) + ": " + what});
}

Error Mistakes::toError() const
{
    const std::string subject = "The workflow file " + m_file;
    if (m_count == 1)
        return {ErrorCode::InvalidValue, subject + " can't be used. " + m_fields.front().message, m_fields};
    return {ErrorCode::InvalidValue,
        subject + " can't be used: " + std::to_string(m_count)
            + " mistakes. The first: " + m_fields.front().message,
        m_fields};
}

TableKeys::TableKeys(const toml::table& table, std::string subject, Mistakes& mistakes)
    : m_table(table)
    , m_subject(std::move(subject))
    , m_mistakes(mistakes)
{
}

toml::source_position TableKeys::placeOf(std::string_view key) const
{
    const toml::node* node = m_table.get(key);
    return node ? node->source().begin : m_table.source().begin;
}

void TableKeys::mistake(std::string_view key, const std::string& what)
{
    m_mistakes.add(placeOf(key), m_subject + ": " + std::string(key) + ' ' + what);
}

const toml::node* TableKeys::take(std::string_view key)
{
    m_known.emplace(key);
    return m_table.get(key);
}

std::optional<std::string> TableKeys::text(std::string_view key)
{
    const toml::node* node = take(key);
    if (!node)
        return std::nullopt;
    auto value = node->value_exact<std::string>();
    if (!value)
        mistake(key, "must be a text. Write it in quotes.");
    return value;
}

std::optional<std::int64_t> TableKeys::integer(std::string_view key, std::int64_t least, std::int64_t most)
{
    const toml::node* node = take(key);
    if (!node)
        return std::nullopt;
    const auto value = node->value_exact<std::int64_t>();
    if (value && *value >= least && *value <= most)
        return value;
    mistake(key,
        "must be a whole number from " + std::to_string(least) + " to " + std::to_string(most)
            + ". Correct it.");
    return std::nullopt;
}

std::optional<double> TableKeys::number(std::string_view key, double least, double most)
{
    const toml::node* node = take(key);
    if (!node)
        return std::nullopt;
    const auto value = node->is_number() ? node->value<double>() : std::nullopt;
    if (value && std::isfinite(*value) && *value >= least && *value <= most)
        return value;
    mistake(key, "must be a number from " + numberText(least) + " to " + numberText(most) + ". Correct it.");
    return std::nullopt;
}

std::optional<bool> TableKeys::boolean(std::string_view key)
{
    const toml::node* node = take(key);
    if (!node)
        return std::nullopt;
    const auto value = node->value_exact<bool>();
    if (!value)
        mistake(key, "must be true or false, without quotes. Correct it.");
    return value;
}

const toml::table* TableKeys::table(std::string_view key)
{
    const toml::node* node = take(key);
    if (node && !node->is_table())
        mistake(key, "must be a table. Write it in braces, or below a heading of its own.");
    return node ? node->as_table() : nullptr;
}

const toml::array* TableKeys::array(std::string_view key)
{
    const toml::node* node = take(key);
    if (node && !node->is_array())
        mistake(key, "must be a list. Write it in square brackets.");
    return node ? node->as_array() : nullptr;
}

bool TableKeys::require(std::string_view key, const std::string& whatToDo)
{
    if (has(key))
        return true;
    m_known.emplace(key);
    mistake(key, "is missing. " + whatToDo);
    return false;
}

void TableKeys::forbid(std::string_view key, const std::string& why)
{
    if (take(key))
        mistake(key, why);
}

void TableKeys::finish()
{
    for (const auto& [key, node] : m_table) {
        const std::string_view name = key.str();
        if (m_known.contains(name))
            continue;
        const bool comes = std::find(notYetHonored.begin(), notYetHonored.end(), name) != notYetHonored.end();
        m_mistakes.add(key.source().begin,
            m_subject + ": " + std::string(name)
                + (comes ? " is not honored by this version of Gantry. Remove it."
                         : " is not a known key. Remove it, or correct its name."));
    }
}

} // namespace gantry::workflows
