// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/session_file.h"

#include "console/cli/printable.h"
#include "shared/util/private_file.h"

#include <filesystem>
#include <termios.h>
#include <unistd.h>
#include <utility>

namespace gantry::console {

namespace {

class SessionClient final : public CommandClient {
public:
    SessionClient(std::unique_ptr<CommandClient> client, std::string token)
        : m_client(std::move(client))
        , m_header("Bearer " + std::move(token))
    {
    }

    Result<ApiAnswer> call(const ApiCall& call, std::chrono::milliseconds timeout) override
    {
        return m_client->call(shown(call), timeout);
    }
    Result<std::uint64_t> send(const ApiCall& call) override { return m_client->send(shown(call)); }
    Result<std::pair<std::uint64_t, ApiAnswer>> receive(std::chrono::milliseconds timeout) override
    {
        return m_client->receive(timeout);
    }

private:
    [[nodiscard]] ApiCall shown(ApiCall call) const
    {
        call.headers.emplace_back("authorization", m_header);
        return call;
    }

    std::unique_ptr<CommandClient> m_client;
    std::string m_header;
};

/// Standard input, if it is a terminal, shows nothing while this lives.
class Unseen {
public:
    Unseen()
        : m_isTerminal(::tcgetattr(STDIN_FILENO, &m_before) == 0)
    {
        if (!m_isTerminal)
            return;
        termios hidden = m_before;
        hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    ~Unseen()
    {
        if (m_isTerminal)
            ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &m_before);
    }
    Unseen(const Unseen&) = delete;
    Unseen& operator=(const Unseen&) = delete;

private:
    termios m_before{};
    bool m_isTerminal;
};

} // namespace

std::string sessionFileOf(const std::string& profilePath, const DataDirSurroundings& surroundings)
{
    std::string state = surroundings.environment("XDG_STATE_HOME");
    if (state.empty())
        state = surroundings.environment("HOME") + "/.local/state";
    std::error_code ignored;
    const std::filesystem::path absolute = std::filesystem::absolute(profilePath, ignored);
    return state + "/gantry/session-" + pathSegment(absolute.lexically_normal().string());
}

Result<std::optional<std::string>> loadSession(const std::string& file)
{
    auto token = readPrivateFile(file);
    if (token)
        return std::optional(std::move(*token));
    if (token.error().code == ErrorCode::NotFound)
        return std::nullopt;
    return tl::unexpected(std::move(token.error()));
}

Result<void> saveSession(const std::string& file, const std::string& token)
{
    const std::filesystem::path folder = std::filesystem::path(file).parent_path();
    std::error_code error;
    if (std::filesystem::create_directories(folder, error); error)
        return failure(ErrorCode::Unavailable,
            "Can't make the folder " + printable(folder.string()) + " for the session: " + error.message()
                + ". Set XDG_STATE_HOME to one that can be written.");
    return writePrivateFile(file, token);
}

ClientFactory withSession(ClientFactory connect, std::string token)
{
    return
        [connect = std::move(connect), token = std::move(token)]() -> Result<std::unique_ptr<CommandClient>> {
            auto client = connect();
            if (!client)
                return client;
            return std::make_unique<SessionClient>(std::move(*client), token);
        };
}

Result<std::string> readSecret(std::istream& input, const char* what)
{
    const Unseen unseen;
    std::string line;
    if (!std::getline(input, line) || line.empty())
        return failure(ErrorCode::InvalidValue,
            std::string("Standard input has no ") + what + ". Type it, or give it as a line.");
    return line;
}

} // namespace gantry::console
