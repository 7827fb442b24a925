// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/api/principal_request.h"

#include "daemon/api/fingerprint.h"
#include "shared/domain/command.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace gantry::api {

namespace {

constexpr std::size_t wordBytes = 50;
constexpr std::size_t curveKeyBytes = 40;

/// Names that records give to what is no principal, or that stand in a path of their own.
constexpr std::array<std::string_view, 3> reservedNames{"anonymous", "log", "system"};

bool isName(std::string_view name)
{
    const auto isWord = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
    return !name.empty() && name.size() <= engine::PrincipalLimits::nameBytes && isWord(name.front())
        && std::all_of(name.begin(), name.end(),
            [&](char c) { return isWord(c) || c == '.' || c == '-' || c == '_' || c == '@'; });
}

bool isZ85(std::string_view text)
{
    constexpr std::string_view letters =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
    return text.find_first_not_of(letters) == std::string_view::npos;
}

/// What makes something may come with a key against doing it twice. What changes something is the same again when repeated, and needs a reason.
enum class Purpose { Make, Change };

/// Reads one request: who asks, why, under which key, and the other members of the body by `fill`.
template <typename Fill>
Result<engine::PrincipalCommand> readCommand(const Call& call, Purpose purpose, Fill fill)
{
    const bool makes = purpose == Purpose::Make;
    const auto body = bodyOf(call.request);
    if (!body)
        return tl::unexpected(body.error());
    using Key = std::optional<engine::IdempotencyKey>;
    auto key = makes ? idempotencyKeyOf(call, fingerprintOf(call.request.path + '\n' + call.request.body))
                     : Result<Key>(Key());
    if (!key)
        return tl::unexpected(key.error());
    FieldErrors errors;
    ObjectReader reader(*body, "", errors);
    engine::PrincipalCommand command;
    command.actor = call.principal.name;
    command.idempotency = std::move(*key);
    if (!call.parts.empty())
        command.name = call.parts.front();
    command.reason = makes ? reader.text("reason", CommandLimits::reason)
                           : reader.requiredText("reason", CommandLimits::reason);
    fill(reader, command);
    reader.finish();
    if (!errors.isEmpty())
        return tl::unexpected(errors.toError("The request"));
    return command;
}

enum class Presence { Optional, Required };

/// One of the names that `from` knows. `names`: for the message.
template <typename From>
auto readWord(ObjectReader& reader, std::string_view name, Presence presence, From from, const char* names)
    -> decltype(from(std::string_view()))
{
    const bool isRequired = presence == Presence::Required;
    const std::string word = isRequired ? reader.requiredText(name, wordBytes) : reader.text(name, wordBytes);
    const auto known = from(word);
    const bool isTold = word.empty() && (isRequired || !reader.any(name));
    if (!known && !isTold)
        reader.errors().add(reader.pointerTo(name), ErrorCode::InvalidValue, std::string("must be ") + names);
    return known;
}

/// The role of that name in the body: a built-in one, or the name of another.
template <typename Act>
void readRole(ObjectReader& reader, Presence presence, Act& act)
{
    const std::string name = presence == Presence::Required ? reader.requiredText("role", wordBytes)
                                                            : reader.text("role", wordBytes);
    if (const auto builtIn = roleFromName(name))
        act.role = *builtIn;
    else
        act.customRole = name;
}

std::optional<Timestamp> readExpiry(ObjectReader& reader, Timestamp now)
{
    const auto time = reader.time("expires_at");
    if (time && *time <= now)
        reader.errors().add(
            reader.pointerTo("expires_at"), ErrorCode::InvalidValue, "must lie in the future");
    return time;
}

} // namespace

Result<engine::PrincipalCommand> readPrincipal(const Call& call, Timestamp now)
{
    return readCommand(call, Purpose::Make, [now](ObjectReader& reader, engine::PrincipalCommand& command) {
        command.name = reader.requiredText("name", 1000);
        if (!command.name.empty() && !isName(command.name))
            reader.errors().add(reader.pointerTo("name"), ErrorCode::InvalidValue,
                "must have 1 to 64 of the characters a-z, 0-9, '.', '-', '_' and '@', and begin with a "
                "letter or "
                "digit");
        else if (std::find(reservedNames.begin(), reservedNames.end(), command.name) != reservedNames.end())
            reader.errors().add(
                reader.pointerTo("name"), ErrorCode::InvalidValue, "is reserved; choose another");
        engine::CreatePrincipal act;
        readRole(reader, Presence::Required, act);
        act.kind =
            readWord(reader, "kind", Presence::Optional, store::principalKindFromName, "person or service")
                .value_or(store::PrincipalKind::Service);
        act.expiresAt = readExpiry(reader, now);
        command.act = act;
    });
}

Result<engine::PrincipalCommand> readPrincipalChange(const Call& call)
{
    return readCommand(call, Purpose::Change, [](ObjectReader& reader, engine::PrincipalCommand& command) {
        engine::ChangePrincipal act;
        readRole(reader, Presence::Optional, act);
        act.isDisabled = reader.boolean("disabled");
        command.act = act;
    });
}

Result<engine::PrincipalCommand> readNewKey(const Call& call, Timestamp now)
{
    auto command =
        readCommand(call, Purpose::Make, [now](ObjectReader& reader, engine::PrincipalCommand& into) {
            engine::AddKey act;
            act.kind = readWord(reader, "kind", Presence::Required, store::keyKindFromName, "api or curve")
                           .value_or(store::KeyKind::Api);
            if (act.kind == store::KeyKind::Curve) {
                act.material = reader.requiredText("public_key", 1000);
                if (!act.material.empty() && (act.material.size() != curveKeyBytes || !isZ85(act.material)))
                    reader.errors().add(reader.pointerTo("public_key"), ErrorCode::InvalidValue,
                        "must be a public CURVE key: 40 characters of Z85");
            }
            act.expiresAt = readExpiry(reader, now);
            into.act = std::move(act);
        });
    // A lost answer must not leave a living key behind that nobody has.
    if (command && !command->idempotency)
        return failure(ErrorCode::MalformedRequest,
            "Making a key needs an Idempotency-Key, so that a repeat makes no second one. Send a UUID in "
            "double "
            "quotes.");
    return command;
}

Result<engine::PrincipalCommand> readRevocation(const Call& call)
{
    std::uint64_t key = 0;
    const std::string& text = call.parts[1];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), key);
    if (error != std::errc() || end != text.data() + text.size())
        return failure(
            ErrorCode::NotFound, "There is no key of that id. List the principal's keys and choose again.");
    return readCommand(call, Purpose::Change,
        [key](ObjectReader&, engine::PrincipalCommand& command) { command.act = engine::RevokeKey{key}; });
}

} // namespace gantry::api
