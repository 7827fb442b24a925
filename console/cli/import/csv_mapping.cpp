// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/import/csv_mapping.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <toml++/toml.h>

namespace gantry::console {

namespace {

constexpr std::array<std::string_view, 10> orderMembers{"external_id", "channel", "currency", "shipping",
    "discount", "tax", "total", "priority", "promise_at", "payment_method"};
constexpr std::array<std::string_view, 3> customerMembers{"name", "email", "phone"};
constexpr std::array<std::string_view, 7> addressMembers{
    "name", "line1", "line2", "city", "postal_code", "region", "country"};
constexpr std::array<std::string_view, 4> lineMembers{"sku", "name", "quantity", "unit_price"};
constexpr std::array<std::string_view, 5> requiredMembers{
    "external_id", "channel", "currency", "lines/sku", "lines/unit_price"};

template <typename Names>
std::string listOf(const Names& names)
{
    std::string list;
    for (const std::string_view name : names)
        list.append(list.empty() ? "" : ", ").append(name);
    return list;
}

/// `+01:00`, `-03:00` or `Z`.
std::optional<std::chrono::minutes> readZone(const std::string& text)
{
    if (text == "Z")
        return std::chrono::minutes(0);
    int hours = 0;
    int minutes = 0;
    char end = 0;
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-')
        || std::sscanf(text.c_str() + 1, "%2d:%2d%c", &hours, &minutes, &end) != 2 || hours > 14
        || minutes > 59)
        return std::nullopt;
    const std::chrono::minutes offset(hours * 60 + minutes);
    return text[0] == '-' ? -offset : offset;
}

/// Takes a file apart, and keeps what is wrong with it.
class MappingReader {
public:
    explicit MappingReader(std::string file)
        : m_file(std::move(file))
    {
    }

    Result<CsvMapping> read(const toml::table& root)
    {
        readFile(tableOf(root, "file"));
        if (const toml::table* order = tableOf(root, "order")) {
            readFields(*order, "order", "", orderMembers, {"customer", "shipping_address", "metadata"});
            if (const auto* customer = tableOf(*order, "customer"))
                readFields(*customer, "order.customer", "customer/", customerMembers);
            if (const auto* address = tableOf(*order, "shipping_address"))
                readFields(*address, "order.shipping_address", "shipping_address/", addressMembers);
            if (const auto* metadata = tableOf(*order, "metadata"))
                for (const auto& [key, value] : *metadata)
                    readField("metadata/" + std::string(key.str()), value,
                        "order.metadata." + std::string(key.str()));
        }
        if (const toml::table* line = tableOf(root, "line"))
            readFields(*line, "line", "lines/", lineMembers);
        for (const auto& [key, value] : root)
            if (key != "file" && key != "order" && key != "line")
                fault(value,
                    "the table " + std::string(key.str()) + " is not known; there are file, order and line");
        for (const std::string_view member : requiredMembers)
            if (std::none_of(m_mapping.fields.begin(), m_mapping.fields.end(),
                    [member](const CsvField& field) { return field.member == member; }))
                fault(root, "nothing says where " + nameOf(member) + " comes from");
        if (!m_faults.empty())
            return failure(
                ErrorCode::InvalidValue, "The mapping is not usable. " + m_faults, std::move(m_fields));
        return std::move(m_mapping);
    }

private:
    static std::string nameOf(std::string_view member)
    {
        return member.starts_with("lines/") ? "line." + std::string(member.substr(6))
                                            : "order." + std::string(member);
    }

    void fault(const toml::node& at, const std::string& what)
    {
        const auto& place = at.source().begin;
        const std::string where =
            m_file + ':' + std::to_string(place.line) + ':' + std::to_string(place.column);
        m_faults.append(m_faults.empty() ? "" : " ").append(where).append(": ").append(what).append(".");
        m_fields.push_back({where, ErrorCode::InvalidValue, what});
    }

    const toml::table* tableOf(const toml::table& parent, std::string_view key)
    {
        const toml::node* node = parent.get(key);
        if (node && !node->is_table())
            fault(*node, std::string(key) + " must be a table");
        return node ? node->as_table() : nullptr;
    }

    void readFile(const toml::table* file)
    {
        if (!file)
            return;
        for (const auto& [key, value] : *file) {
            const auto text = value.value<std::string>();
            if (!text)
                fault(value, std::string(key.str()) + " must be a text");
            else if (key == "delimiter" && text->size() == 1
                && std::string_view(",;|\t").find(*text) != std::string_view::npos)
                m_mapping.delimiter = text->front();
            else if (key == "delimiter")
                fault(value, "delimiter must be a comma, a semicolon, a bar or a tabulator (\"\\t\")");
            else if (key == "decimal" && (*text == "." || *text == ","))
                m_mapping.decimal = text->front();
            else if (key == "decimal")
                fault(value, "decimal must be . or ,");
            else if (key == "encoding")
                readEncoding(value, *text);
            else if (key == "zone" && readZone(*text))
                m_mapping.zone = *readZone(*text);
            else if (key == "zone")
                fault(value, "zone must be an offset such as +01:00, or Z");
            else
                fault(value,
                    std::string(key.str())
                        + " is not known; there are delimiter, decimal, encoding and zone");
        }
    }

    void readEncoding(const toml::node& at, const std::string& text)
    {
        if (text == "utf-8")
            m_mapping.encoding = TextEncoding::Utf8;
        else if (text == "windows-1252")
            m_mapping.encoding = TextEncoding::Windows1252;
        else if (text == "iso-8859-1")
            m_mapping.encoding = TextEncoding::Latin1;
        else
            fault(at, "encoding must be utf-8, windows-1252 or iso-8859-1");
    }

    template <typename Names>
    void readFields(const toml::table& table, const std::string& name, const std::string& prefix,
        const Names& known, std::initializer_list<std::string_view> tables = {})
    {
        for (const auto& [key, value] : table) {
            if (std::find(tables.begin(), tables.end(), key.str()) != tables.end())
                continue;
            const std::string full = name + '.' + std::string(key.str());
            if (std::find(known.begin(), known.end(), key.str()) == known.end())
                fault(value, full + " is not known; there are " + listOf(known));
            else
                readField(prefix + std::string(key.str()), value, full);
        }
    }

    void readField(std::string member, const toml::node& value, const std::string& name)
    {
        CsvField field{std::move(member)};
        const toml::table* table = value.as_table();
        if (const auto column = value.value<std::string>()) {
            field.column = *column;
        } else if (table) {
            for (const auto& [key, inner] : *table) {
                const auto text = inner.value<std::string>();
                if (!text || (key != "column" && key != "value" && key != "default"))
                    return fault(inner, name + " takes the texts column and default, or value");
                (key == "column" ? field.column : field.fallback) = *text;
            }
            const bool isFixed = table->contains("value");
            if (isFixed == table->contains("column") || (isFixed && table->contains("default")))
                return fault(value, name + " must have either a column, or a value");
        } else {
            return fault(value, name + " must be the name of a column, or a table with column or value");
        }
        if (field.column.empty() && field.fallback.empty())
            return fault(value, name + " is empty");
        m_mapping.fields.push_back(std::move(field));
    }

    std::string m_file;
    CsvMapping m_mapping;
    std::string m_faults;
    std::vector<FieldError> m_fields;
};

} // namespace

Result<CsvMapping> readCsvMapping(std::istream& file, const std::string& name)
{
    toml::table root;
    try {
        root = toml::parse(file, name);
    } catch (const toml::parse_error& error) {
        const auto& place = error.source().begin;
        return failure(ErrorCode::InvalidValue,
            name + ':' + std::to_string(place.line) + ':' + std::to_string(place.column)
                + ": the mapping is not TOML: " + std::string(error.description()) + '.');
    }
    return MappingReader(name).read(root);
}

} // namespace gantry::console
