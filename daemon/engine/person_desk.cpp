// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/engine/person_desk.h"

#include <algorithm>

namespace gantry::engine {

namespace {

using store::PeopleChanges;
using store::PersonPassword;
using store::PersonSession;

constexpr std::chrono::minutes noteInterval{1};

} // namespace

Result<void> PersonDesk::load()
{
    auto stored = m_settings.reader.listSessions(m_settings.clock.now());
    if (!stored)
        return tl::unexpected(std::move(stored.error()));
    m_sessions = std::move(*stored);
    return {};
}

Result<PersonOutcome> PersonDesk::change(const PersonCommand& command)
{
    return std::visit([&](const auto& act) { return perform(command, act); }, command.act);
}

PersonDesk::Outcome PersonDesk::perform(const PersonCommand& command, const OpenSession& act)
{
    auto password = proved(command.person, act.provedHash);
    if (!password)
        return tl::unexpected(std::move(password.error()));
    const Timestamp now = m_settings.clock.now();
    PeopleChanges changes{.at = now, .by = "system", .forgetBefore = now - SessionLimits::kept};
    changes.newSession = PersonSession{.person = command.person,
        .tokenHash = act.tokenHash,
        .mustChange = password->mustChange,
        .peer = act.peer,
        .startedAt = now,
        .lastUsedAt = now,
        .idle = SessionLimits::idle,
        .expiresAt = now + SessionLimits::whole};
    if (!act.betterHash.empty()) {
        changes.password = std::move(*password);
        changes.password->hash = act.betterHash;
    }
    std::vector<const PersonSession*> own;
    for (const PersonSession& session : m_sessions)
        if (session.person == command.person && session.expiresAt > now)
            own.push_back(&session);
    if (own.size() >= SessionLimits::ofPerson)
        changes.ended.push_back((*std::min_element(own.begin(), own.end(), [](auto* a, auto* b) {
            return a->startedAt < b->startedAt;
        }))->id);
    PersonOutcome outcome{*changes.newSession};
    const auto id = write(std::move(changes));
    if (!id)
        return tl::unexpected(id.error());
    outcome.session.id = *id;
    return outcome;
}

PersonDesk::Outcome PersonDesk::perform(const PersonCommand& command, const SetPassword& act)
{
    const bool isOwn = !act.provedHash.empty();
    if (isOwn)
        if (auto password = proved(command.person, act.provedHash); !password)
            return tl::unexpected(std::move(password.error()));
    const Timestamp now = m_settings.clock.now();
    PeopleChanges changes{.at = now, .by = command.actor};
    changes.password = PersonPassword{command.person, act.hash, !isOwn, now, command.actor};
    for (const PersonSession& session : m_sessions)
        if (session.person == command.person && session.id != act.keep)
            changes.ended.push_back(session.id);
    if (act.keep != 0)
        changes.freed = act.keep;
    changes.log = {entryOf(command, command.person,
        isOwn ? store::PrincipalAct::passwordChanged : store::PrincipalAct::passwordReset)};
    const auto id = write(std::move(changes));
    return id ? Outcome(PersonOutcome{}) : tl::unexpected(id.error());
}

PersonDesk::Outcome PersonDesk::perform(const PersonCommand& command, const EndSession& act)
{
    const auto session = std::find_if(m_sessions.begin(), m_sessions.end(),
        [&](const PersonSession& each) { return each.id == act.session; });
    if (session == m_sessions.end())
        return failure(ErrorCode::NotFound,
            "There is no session " + std::to_string(act.session)
                + " that has not ended. List the sessions and choose again.");
    PersonOutcome outcome{*session};
    PeopleChanges changes{.ended = {act.session}, .at = m_settings.clock.now(), .by = command.actor};
    if (command.actor != session->person) // who logs out is on record with the session
        changes.log = {entryOf(command, session->person, store::PrincipalAct::sessionEnded)};
    const auto id = write(std::move(changes));
    return id ? Outcome(std::move(outcome)) : tl::unexpected(id.error());
}

Result<void> PersonDesk::endAllOf(const std::string& person, const std::string& actor)
{
    PeopleChanges changes{.at = m_settings.clock.now(), .by = actor};
    for (const PersonSession& session : m_sessions)
        if (session.person == person)
            changes.ended.push_back(session.id);
    if (changes.ended.empty())
        return {};
    const auto id = write(std::move(changes));
    return id ? Result<void>() : tl::unexpected(id.error());
}

Result<PersonPassword> PersonDesk::proved(const std::string& person, const std::string& hash)
{
    auto password = m_settings.reader.findPassword(person);
    if (!password)
        return tl::unexpected(std::move(password.error()));
    if (!*password || (*password)->hash != hash)
        return failure(ErrorCode::Unauthenticated,
            "The password was changed while it was looked at. Log in again with the new one.");
    return std::move(**password);
}

store::PrincipalLogEntry PersonDesk::entryOf(
    const PersonCommand& command, const std::string& person, const char* act) const
{
    return {.at = m_settings.clock.now(),
        .actor = command.actor,
        .act = act,
        .principal = person,
        .reason = command.reason};
}

Result<std::uint64_t> PersonDesk::write(PeopleChanges changes)
{
    const auto id = m_settings.store.writePeople(changes);
    if (!id || m_settings.store.isRehearsing())
        return id;
    std::erase_if(m_sessions, [&](const PersonSession& session) {
        return session.expiresAt <= changes.at
            || std::find(changes.ended.begin(), changes.ended.end(), session.id) != changes.ended.end();
    });
    for (PersonSession& session : m_sessions)
        if (changes.freed == session.id)
            session.mustChange = false;
    if (changes.newSession) {
        m_sessions.push_back(std::move(*changes.newSession));
        m_sessions.back().id = *id;
    }
    if (m_settings.listener)
        m_settings.listener(m_sessions);
    return id;
}

Result<void> PersonDesk::noteUses()
{
    const auto now = m_settings.clock.monotonic();
    if (!m_settings.takeUses || (m_noted && now - *m_noted < noteInterval))
        return {};
    m_noted = now;
    const auto uses = m_settings.takeUses();
    return uses.empty() ? Result<void>() : m_settings.store.noteSessionUses(uses);
}

} // namespace gantry::engine
