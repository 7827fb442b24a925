// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/daemon/app/principal_world.h"

#include <QFile>

namespace gantry::test {

namespace {

QJsonObject objectOf(const std::string& text)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
}

std::string textOf(const QJsonObject& object, const char* name)
{
    return object[QLatin1String(name)].toString().toStdString();
}

} // namespace

PrincipalWorld::HttpCaller::HttpCaller(const PrincipalWorld& world, std::string key)
    : m_client("127.0.0.1", world.m_daemon->httpPort(), std::chrono::seconds(30))
    , m_key(std::move(key))
{
}

PrincipalWorld::Answer PrincipalWorld::HttpCaller::call(const std::string& method, const std::string& target,
    const std::string& body, const std::string& idempotencyKey)
{
    HttpHeaders headers;
    if (!m_key.empty())
        headers.emplace_back("Authorization", "Bearer " + m_key);
    if (!body.empty())
        headers.emplace_back("Content-Type", "application/json");
    if (!idempotencyKey.empty())
        headers.emplace_back("Idempotency-Key", '"' + idempotencyKey + '"');
    auto answer = m_client.request(method, target, headers, body);
    if (!answer)
        return {};
    m_last = std::move(*answer);
    return {m_last.status, objectOf(m_last.body)};
}

PrincipalWorld::BusCaller::BusCaller(const PrincipalWorld& world, const bus::CurveKeyPair& keys)
    : m_peer(zmq::socket_type::dealer, world.m_commands, world.identity(keys))
{
}

PrincipalWorld::Answer PrincipalWorld::BusCaller::call(
    const std::string& method, const std::string& target, const std::string& body)
{
    const std::string head = R"({"method":")" + method + R"(","target":")" + target + "\"}";
    std::vector<std::string> frames{numberFrame(++m_number), head};
    if (!body.empty())
        frames.push_back(body);
    const auto answer = m_peer.send(frames) ? m_peer.receive(std::chrono::seconds(30)) : std::nullopt;
    if (!answer || answer->size() < 2)
        return {};
    const QJsonObject said = objectOf(answer->at(1));
    if (said.contains(QLatin1String("problem"))) {
        const QJsonObject problem = said[QLatin1String("problem")].toObject();
        return {problem[QLatin1String("status")].toInt(), problem};
    }
    return {
        said[QLatin1String("status")].toInt(), answer->size() > 2 ? objectOf(answer->at(2)) : QJsonObject()};
}

int PrincipalWorld::BusCaller::ask(const std::string& json)
{
    const auto answer =
        m_peer.request(++m_number, json) ? m_peer.receive(std::chrono::seconds(30)) : std::nullopt;
    if (!answer || answer->size() < 2)
        return 0;
    const QJsonObject said = objectOf(answer->at(1));
    if (!said.contains(QLatin1String("problem")))
        return 200;
    return said[QLatin1String("problem")].toObject()[QLatin1String("status")].toInt();
}

PrincipalWorld::PrincipalWorld()
{
    auto daemon = DaemonProcess::start(m_data.path().toStdString());
    if (!daemon)
        qFatal("%s", daemon.error().message.c_str());
    m_daemon = std::make_unique<DaemonProcess>(std::move(*daemon));
    connect();
}

void PrincipalWorld::connect()
{
    QFile addresses(m_data.filePath(QStringLiteral("gantryd.addr")));
    if (!addresses.open(QIODevice::ReadOnly))
        qFatal("no addresses");
    const QJsonObject told = objectOf(addresses.readAll().toStdString());
    m_commands = textOf(told, "commands");
    m_events = textOf(told, "events");
    const auto server = bus::loadKeyPair(m_data.filePath(QStringLiteral("server.curve")).toStdString());
    if (!server)
        qFatal("%s", server.error().message.c_str());
    m_serverKey = server->publicKey;
    m_admin = std::make_unique<HttpCaller>(*this, m_daemon->key());
}

void PrincipalWorld::restart()
{
    if (const auto done = m_daemon->restart(); !done)
        qFatal("%s", done.error().message.c_str());
    connect();
}

void PrincipalWorld::add(const std::string& name, const std::string& role, const std::string& more)
{
    const auto made = m_admin->call(
        "POST", "/v1/principals", R"({"name":")" + name + R"(","role":")" + role + '"' + more + '}');
    if (made.status != 201)
        qFatal("%s was not made: %s", name.c_str(), m_admin->last().body.c_str());
}

std::string PrincipalWorld::addKey(const std::string& name, const std::string& more, int* id)
{
    const auto made = m_admin->call("POST", "/v1/principals/" + name + "/keys",
        R"({"kind":"api")" + more + '}', "key " + std::to_string(++m_keys));
    if (made.status != 201)
        qFatal("no key for %s: %s", name.c_str(), m_admin->last().body.c_str());
    if (id)
        *id = made.body[QLatin1String("key")].toObject()[QLatin1String("id")].toInt();
    return textOf(made.body, "secret");
}

bus::CurveKeyPair PrincipalWorld::addCurveKey(const std::string& name, int* id)
{
    auto keys = bus::makeCurveKeyPair().value();
    const auto made = m_admin->call("POST", "/v1/principals/" + name + "/keys",
        R"({"kind":"curve","public_key":")" + keys.publicKey + "\"}", "key " + std::to_string(++m_keys));
    if (made.status != 201)
        qFatal("no key for %s: %s", name.c_str(), m_admin->last().body.c_str());
    if (id)
        *id = made.body[QLatin1String("key")].toObject()[QLatin1String("id")].toInt();
    return keys;
}

} // namespace gantry::test
