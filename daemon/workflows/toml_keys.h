// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <toml++/toml.h>

namespace gantry::workflows {

/// Collects the mistakes of one file, each with its place.
class Mistakes {
public:
    explicit Mistakes(std::string file)
        : m_file(std::move(file))
    {
    }

    /// `what`: what is wrong and what to do, one or two sentences.
    void add(const toml::source_position& at, const std::string& what);
    [[nodiscard]] bool isEmpty() const noexcept { return m_fields.empty(); }
    [[nodiscard]] Error toError() const;

private:
    static constexpr std::size_t most = 50;
    std::string m_file;
    std::vector<FieldError> m_fields;
    std::size_t m_count = 0;
};

/// The keys of one table, each by name and type, and at the end none that nobody asked for. Wrong things go to Mistakes.
class TableKeys {
public:
    /// `subject`: what the table describes, for messages: `step pay`.
    TableKeys(const toml::table& table, std::string subject, Mistakes& mistakes);

    [[nodiscard]] bool has(std::string_view key) const { return m_table.contains(key); }

    /// Where a key's value stands; the table's beginning if it is not there.
    [[nodiscard]] toml::source_position placeOf(std::string_view key) const;

    std::optional<std::string> text(std::string_view key);
    std::optional<std::int64_t> integer(std::string_view key, std::int64_t least, std::int64_t most);
    std::optional<double> number(std::string_view key, double least, double most);
    std::optional<bool> boolean(std::string_view key);
    const toml::table* table(std::string_view key);
    const toml::array* array(std::string_view key);

    /// Tells that a key is missing if it is. True if it is there.
    bool require(std::string_view key, const std::string& whatToDo);

    /// Tells that a key must not stand here, if it does.
    void forbid(std::string_view key, const std::string& why);

    [[nodiscard]] const std::string& subject() const noexcept { return m_subject; }
    [[nodiscard]] Mistakes& mistakes() const noexcept { return m_mistakes; }

    void mistake(std::string_view key, const std::string& what);

    /// Tells of every key that was not asked for. Call last.
    void finish();

private:
    const toml::node* take(std::string_view key);

    const toml::table& m_table;
    std::string m_subject;
    Mistakes& m_mistakes;
    std::set<std::string, std::less<>> m_known;
};

} // namespace gantry::workflows
