// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/support/daemon_process.h"

#include "shared/protocol/json_reader.h"
#include "shared/util/private_file.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <sstream>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::test {

namespace {

using Clock = std::chrono::steady_clock;

std::string readAll(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Waits for a short while without busy work: on a descriptor that never becomes ready.
void pauseBriefly()
{
    ::poll(nullptr, 0, 2);
}

/// Runs in the child between fork and exec: only calls that are safe there.
[[noreturn]] void becomeProgram(const char* program, char* const* arguments, const char* log)
{
    // The child must not outlive us, however we end.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int file = ::open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file >= 0) {
        ::dup2(file, STDOUT_FILENO);
        ::dup2(file, STDERR_FILENO);
    }
    ::execv(program, arguments);
    ::_exit(127);
}

std::string tailOf(const std::string& path)
{
    const std::string text = readAll(path);
    return text.size() > 1000 ? text.substr(text.size() - 1000) : text;
}

} // namespace

ProcessUsage usageOf(pid_t id)
{
    ProcessUsage usage;
    const std::string folder = "/proc/" + std::to_string(id);
    const std::string stat = readAll(folder + "/stat");
    // The program's name may hold blanks; the fields are counted from behind it: utime and stime are the 12th and 13th.
    std::istringstream fields(stat.substr(std::min(stat.rfind(')') + 1, stat.size())));
    std::string skipped;
    for (int i = 0; i < 11; ++i)
        fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    usage.cpuSeconds = (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
    std::istringstream status(readAll(folder + "/status"));
    for (std::string word; status >> word;) {
        if (word == "VmHWM:")
            status >> usage.peakRssKiB;
        else if (word == "VmRSS:")
            status >> usage.rssKiB;
    }
    return usage;
}

Result<ChildProcess> ChildProcess::start(const std::string& program,
    const std::vector<std::string>& arguments, const std::string& readyFile,
    std::chrono::milliseconds timeout)
{
    std::error_code ignored;
    std::filesystem::remove(readyFile, ignored);
    const std::string log = readyFile + ".log";
    std::vector<char*> words{const_cast<char*>(program.c_str())};
    for (const std::string& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    const pid_t pid = ::fork();
    if (pid < 0)
        return failure(ErrorCode::Unavailable, "Can't start a process: fork failed.");
    if (pid == 0)
        becomeProgram(program.c_str(), words.data(), log.c_str());
    ChildProcess child(pid);
    const auto until = Clock::now() + timeout;
    while (!std::filesystem::exists(readyFile, ignored)) {
        if (!child.isRunning())
            return failure(ErrorCode::Unavailable, program + " ended before it was ready: " + tailOf(log));
        if (Clock::now() > until)
            return failure(ErrorCode::Unavailable, program + " was not ready in time: " + tailOf(log));
        pauseBriefly();
    }
    return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : m_pid(std::exchange(other.m_pid, -1))
{
}

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept
{
    if (this != &other) {
        kill();
        m_pid = std::exchange(other.m_pid, -1);
    }
    return *this;
}

ChildProcess::~ChildProcess()
{
    kill();
}

void ChildProcess::signal(int number) const
{
    if (m_pid > 0)
        ::kill(m_pid, number);
}

void ChildProcess::kill()
{
    if (m_pid <= 0)
        return;
    ::kill(m_pid, SIGKILL);
    ::waitpid(m_pid, nullptr, 0);
    m_pid = -1;
}

int ChildProcess::terminate(std::chrono::milliseconds timeout)
{
    if (m_pid <= 0)
        return -1;
    signal(SIGTERM);
    const auto until = Clock::now() + timeout;
    int status = 0;
    while (::waitpid(m_pid, &status, WNOHANG) == 0) {
        if (Clock::now() > until) {
            kill();
            return -1;
        }
        pauseBriefly();
    }
    m_pid = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool ChildProcess::isRunning()
{
    if (m_pid <= 0)
        return false;
    if (::waitpid(m_pid, nullptr, WNOHANG) == 0)
        return true;
    m_pid = -1;
    return false;
}

std::string programFolder()
{
    if (const char* folder = std::getenv("GANTRY_BIN"))
        return folder;
    std::error_code error;
    return std::filesystem::read_symlink("/proc/self/exe", error).parent_path().string();
}

Result<ChildProcess> DaemonProcess::launch(const std::string& dataDir, const Addresses& addresses)
{
    return ChildProcess::start(programFolder() + "/gantryd",
        {"--config", dataDir + "/gantryd.toml", "--data-dir", dataDir, "--http", addresses.http, "--commands",
            addresses.commands, "--events", addresses.events, "--workers", addresses.workers},
        dataDir + "/gantryd.addr");
}

Result<DaemonProcess> DaemonProcess::start(const std::string& dataDir, const std::string& settings)
{
    if (auto written = writePrivateFile(dataDir + "/gantryd.toml", settings); !written)
        return tl::unexpected(written.error());
    auto process = launch(dataDir, {});
    if (!process)
        return tl::unexpected(process.error());
    DaemonProcess daemon(std::move(*process), dataDir);
    JsonParser parser;
    const std::string text = readAll(dataDir + "/gantryd.addr");
    const auto root = parser.parse(text);
    if (!root)
        return tl::unexpected(root.error());
    FieldErrors errors;
    ObjectReader reader(*root, "", errors);
    constexpr std::size_t scheme = std::string_view("tcp://").size();
    daemon.m_addresses = {reader.text("http", 200), reader.text("commands", 200).substr(scheme),
        reader.text("events", 200).substr(scheme), reader.text("workers", 200).substr(scheme)};
    const std::string& http = daemon.m_addresses.http;
    daemon.m_httpPort = static_cast<std::uint16_t>(std::stoul(http.substr(http.rfind(':') + 1)));
    daemon.m_key = readAll(dataDir + "/admin.key");
    while (!daemon.m_key.empty() && daemon.m_key.back() == '\n')
        daemon.m_key.pop_back();
    return daemon;
}

Result<void> DaemonProcess::restart()
{
    m_process.kill();
    auto process = launch(m_dataDir, m_addresses);
    if (!process)
        return tl::unexpected(process.error());
    m_process = std::move(*process);
    return {};
}

} // namespace gantry::test
