// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/client/command_client.h"

#include "console/client/call_codec.h"
#include "console/client/client_socket.h"

#include <array>
#include <cerrno>
#include <deque>
#include <optional>
#include <set>

namespace gantry::console {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t mostOnWire = 256;
constexpr ClientSocketLimits socketLimits{1'000, 1'000, 64 * 1024 * 1024};

class ZmqCommandClient final : public CommandClient {
public:
    explicit ZmqCommandClient(Profile profile)
        : m_profile(std::move(profile))
    {
        connect();
    }

    Result<ApiAnswer> call(const ApiCall& call, milliseconds timeout) override
    {
        const auto number = send(call);
        if (!number)
            return tl::unexpected(number.error());
        const auto deadline = steady_clock::now() + timeout;
        while (true) {
            auto answer = nextAnswer(deadline);
            if (!answer)
                return tl::unexpected(giveUp(*number, answer.error()));
            if (answer->first == *number)
                return std::move(answer->second);
            m_ready.push_back(std::move(*answer));
        }
    }

    Result<std::uint64_t> send(const ApiCall& call) override
    {
        auto frames = encodeCall(call);
        if (!frames)
            return tl::unexpected(frames.error());
        if (m_socket->state() == ClientSocket::State::Refused)
            connect();
        m_waiting.push_back({++m_lastNumber, std::move(*frames)});
        flush();
        return m_lastNumber;
    }

    Result<std::pair<std::uint64_t, ApiAnswer>> receive(milliseconds timeout) override
    {
        if (!m_ready.empty()) {
            auto answer = std::move(m_ready.front());
            m_ready.pop_front();
            return answer;
        }
        if (m_waiting.empty() && m_onWire.empty())
            return failure(ErrorCode::Unavailable, "No call is under way.");
        auto answer = nextAnswer(steady_clock::now() + timeout);
        if (!answer) {
            m_waiting.clear();
            m_onWire.clear();
            connect(); // what was sent must not be answered, or done, later than it is waited for
        }
        return answer;
    }

private:
    struct Waiting {
        std::uint64_t number = 0;
        CallFrames frames;
    };
    using Numbered = std::pair<std::uint64_t, ApiAnswer>;

    void connect()
    {
        m_socket.reset();
        m_socket.emplace(m_context, zmq::socket_type::dealer, m_profile.commands, m_profile, socketLimits);
    }

    /// Hands over what the window and the connection take.
    void flush()
    {
        while (!m_waiting.empty() && m_onWire.size() < mostOnWire) {
            const Waiting& next = m_waiting.front();
            if (!sendCall(m_socket->socket(), next.number, next.frames))
                return;
            m_onWire.insert(next.number);
            m_waiting.pop_front();
        }
    }

    /// Waits for the answer to any call; answers to calls given up are passed over.
    Result<Numbered> nextAnswer(steady_clock::time_point deadline)
    {
        while (true) {
            flush();
            while (auto answer = receiveAnswer(m_socket->socket(), m_parser))
                if (m_onWire.erase(answer->number) > 0)
                    return Numbered{answer->number, toApiAnswer(std::move(*answer))};
            const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now());
            if (left <= milliseconds(0))
                return failure(ErrorCode::Unavailable, silence());
            const bool wantsOut = !m_waiting.empty() && m_onWire.size() < mostOnWire;
            std::array<zmq::pollitem_t, 2> items{
                {{m_socket->socket().handle(), 0,
                     static_cast<short>(wantsOut ? ZMQ_POLLIN | ZMQ_POLLOUT : ZMQ_POLLIN), 0},
                    {m_socket->monitor().handle(), 0, ZMQ_POLLIN, 0}}};
            const unsigned losses = m_socket->losses();
            if (!waitFor(items, left))
                return failure(ErrorCode::Unavailable, "A signal ended the wait for the daemon's answer.");
            m_socket->takeEvents();
            if (m_socket->state() == ClientSocket::State::Refused)
                return failure(ErrorCode::Unauthenticated, m_socket->trouble());
            if (m_socket->losses() != losses && !m_onWire.empty())
                return failure(ErrorCode::Unavailable, silence()); // no need to wait for what can't come
        }
    }

    /// Waits for something to happen; false if a signal did.
    static bool waitFor(std::array<zmq::pollitem_t, 2>& items, milliseconds time)
    {
        try {
            zmq::poll(items.data(), items.size(), time);
            return true;
        } catch (const zmq::error_t& error) {
            if (error.num() != EINTR)
                throw;
            return false;
        }
    }

    std::string silence() const
    {
        return m_socket->trouble().empty()
            ? "The daemon at " + m_profile.commands + " did not answer in time."
            : m_socket->trouble();
    }

    /// Forgets a call, and says whether it may have been done.
    Error giveUp(std::uint64_t number, Error error)
    {
        for (auto it = m_waiting.begin(); it != m_waiting.end(); ++it)
            if (it->number == number) {
                m_waiting.erase(it);
                error.message += " Nothing was sent.";
                return error;
            }
        m_onWire.erase(number);
        error.message += " Whether the request was done is unknown: repeat it with the same key.";
        return error;
    }

    zmq::context_t m_context{1};
    Profile m_profile;
    std::optional<ClientSocket> m_socket;
    JsonParser m_parser;
    std::uint64_t m_lastNumber = 0;
    std::deque<Waiting> m_waiting; ///< not yet sent
    std::set<std::uint64_t> m_onWire; ///< sent and not yet answered
    std::deque<Numbered> m_ready; ///< answered while another was waited for
};

} // namespace

Result<std::unique_ptr<CommandClient>> CommandClient::open(const Profile& profile)
{
    try {
        return std::make_unique<ZmqCommandClient>(profile);
    } catch (const zmq::error_t& error) {
        return failure(ErrorCode::InvalidValue,
            "The keys or addresses of profile '" + profile.name + "' can't be used: " + error.what()
                + ". Ask an administrator for a new profile.");
    }
}

} // namespace gantry::console
