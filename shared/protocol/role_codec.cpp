// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/protocol/role_codec.h"

#include "shared/domain/order_document.h"

#include <algorithm>

namespace gantry {

namespace {

void writeNames(JsonWriter& json, std::string_view name, const std::optional<std::vector<std::string>>& names)
{
    if (!names)
        return;
    json.key(name).beginArray();
    for (const std::string& each : *names)
        json.value(each);
    json.endArray();
}

void writeScope(JsonWriter& json, const Scope& scope)
{
    json.beginObject();
    writeNames(json, "channels", scope.channels);
    writeNames(json, "warehouses", scope.warehouses);
    if (scope.limits) {
        json.key("limits").beginObject();
        for (const auto& [currency, most] : *scope.limits)
            json.member(currency, most);
        json.endObject();
    }
    if (scope.steps) {
        json.key("steps").beginArray();
        for (const Role role : *scope.steps)
            json.value(roleName(role));
        json.endArray();
    }
    json.endObject();
}

/// Reads the scope of one right.
class ScopeReader {
public:
    ScopeReader(simdjson::dom::element element, std::string pointer, FieldErrors& errors)
        : m_reader(element, std::move(pointer), errors)
    {
    }

    /// Whatever the right can't be narrowed by is told as a member that is not known.
    Scope read(const RightTraits& traits)
    {
        Scope scope;
        if (traits.hasChannels)
            scope.channels = names("channels");
        if (traits.hasWarehouses)
            scope.warehouses = names("warehouses");
        if (traits.hasLimits)
            readLimits(scope);
        if (traits.hasSteps)
            readSteps(scope);
        m_reader.finish();
        return scope;
    }

private:
    void wrong(std::string_view name, const char* message)
    {
        m_reader.errors().add(m_reader.pointerTo(name), ErrorCode::InvalidValue, message);
    }

    std::optional<std::vector<std::string>> names(std::string_view name)
    {
        const auto list = m_reader.array(name);
        if (!list)
            return std::nullopt;
        std::vector<std::string> names;
        for (const auto item : *list) {
            std::string_view text;
            if (item.get(text) != simdjson::SUCCESS || text.empty() || text.size() > DocumentLimits::keyBytes)
                wrong(name, "must list names of 1 to 100 bytes");
            else
                names.emplace_back(text);
        }
        if (list->size() == 0 || list->size() > RoleLimits::listed)
            wrong(name, "must have 1 to 200 names; without them the right is for all");
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        return names;
    }

    void readLimits(Scope& scope)
    {
        const auto object = m_reader.object("limits");
        simdjson::dom::object pairs;
        if (!object || object->get(pairs) != simdjson::SUCCESS)
            return;
        scope.limits.emplace();
        for (const auto [currency, most] : pairs) {
            std::int64_t amount = 0;
            if (!Currency::fromCode(currency) || most.get(amount) != simdjson::SUCCESS || amount < 0)
                wrong("limits", "must give for currencies of ISO 4217 whole amounts from 0, in minor units");
            else
                scope.limits->emplace(currency, amount);
        }
    }

    void readSteps(Scope& scope)
    {
        const auto list = m_reader.array("steps");
        if (!list)
            return;
        scope.steps.emplace();
        for (const auto item : *list) {
            std::string_view text;
            const auto role = item.get(text) == simdjson::SUCCESS ? roleFromName(text) : std::nullopt;
            if (!role || *role == Role::Viewer)
                wrong("steps", "must list whose steps: warehouse, support, admin");
            else if (std::find(scope.steps->begin(), scope.steps->end(), *role) == scope.steps->end())
                scope.steps->push_back(*role);
        }
        std::sort(scope.steps->begin(), scope.steps->end());
        if (scope.steps->empty())
            wrong("steps", "must list whose steps: warehouse, support, admin");
    }

    ObjectReader m_reader;
};

} // namespace

void writeRoleMembers(JsonWriter& json, const RoleDefinition& role)
{
    json.member("masked", role.isMasked).key("rights").beginObject();
    for (const auto& [right, scope] : role.rights)
        writeScope(json.key(traitsOf(right).name), scope);
    json.endObject();
}

void readRoleMembers(ObjectReader& reader, RoleDefinition& role)
{
    role.isMasked = reader.boolean("masked").value_or(false);
    const auto rights = reader.object("rights");
    simdjson::dom::object pairs;
    if (!rights || rights->get(pairs) != simdjson::SUCCESS) {
        if (!reader.any("rights"))
            reader.errors().add(
                reader.pointerTo("rights"), ErrorCode::MissingField, "must say what the role may do");
        return;
    }
    const std::string pointer = reader.pointerTo("rights");
    for (const auto [name, element] : pairs) {
        std::string at = pointer + '/' + std::string(name);
        const auto right = rightFromName(name);
        if (!right)
            reader.errors().add(
                std::move(at), ErrorCode::InvalidValue, "is no right; GET /v1/roles lists those there are");
        else if (!traitsOf(*right).isGrantable)
            reader.errors().add(std::move(at), ErrorCode::InvalidValue, "stays with the role admin");
        else if (!role.rights
                      .emplace(*right, ScopeReader(element, at, reader.errors()).read(traitsOf(*right)))
                      .second)
            reader.errors().add(std::move(at), ErrorCode::InvalidValue, "stands twice");
    }
    const Scope* read = role.find(Right::ReadOrders);
    for (const Right right : {Right::Work, Right::ReadDeliveries})
        if (read && read->channels && role.find(right))
            reader.errors().add(pointer + '/' + std::string(traitsOf(right).name), ErrorCode::InvalidValue,
                "shows orders of every channel: leave it out, or do not narrow orders.read");
    if (!read)
        for (const auto& [right, scope] : role.rights)
            if (traitsOf(right).hasChannels && right != Right::Submit) {
                reader.errors().add(pointer + '/' + std::string(traitsOf(right).name),
                    ErrorCode::InvalidValue,
                    "needs the right orders.read as well: nobody acts on what he can't see");
                break;
            }
}

std::string encodeRole(const RoleDefinition& role)
{
    JsonWriter json;
    json.beginObject();
    writeRoleMembers(json, role);
    json.endObject();
    return json.take();
}

Result<RoleDefinition> decodeRole(std::string_view json, std::string name, std::uint32_t version)
{
    JsonParser parser;
    const auto root = parser.parse(json);
    RoleDefinition role{.name = std::move(name), .version = version};
    FieldErrors errors;
    if (root) {
        ObjectReader reader(*root, "", errors);
        readRoleMembers(reader, role);
        reader.finish();
    }
    if (!root || !errors.isEmpty())
        return failure(ErrorCode::Corrupt,
            "The stored role " + role.name
                + " can't be read: " + (root ? errors.toError("It").message : root.error().message)
                + " Restore it from a backup.");
    return role;
}

} // namespace gantry
