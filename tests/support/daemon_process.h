// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace gantry::test {

/// What a process has used until now.
struct ProcessUsage {
    double cpuSeconds = 0;
    std::int64_t peakRssKiB = 0;
    std::int64_t rssKiB = 0;
};

/// What a process has used until now; zeros if there is none of that id.
ProcessUsage usageOf(pid_t id);

/// A program of Gantry's as a child process: started on free ports, known by its own process id, ended by it. Bounded in time. One thread.
class ChildProcess {
public:
    /// Starts `program` (a path) and waits until `readyFile` is there. Errors: Unavailable with the last lines it said.
    static Result<ChildProcess> start(const std::string& program, const std::vector<std::string>& arguments,
        const std::string& readyFile, std::chrono::milliseconds timeout = std::chrono::seconds(30));

    ChildProcess(ChildProcess&& other) noexcept;
    ChildProcess& operator=(ChildProcess&& other) noexcept;
    ~ChildProcess(); ///< kill -9, if it still runs

    /// Sends a signal.
    void signal(int number) const;

    /// Sends SIGKILL and waits.
    void kill();

    /// Sends SIGTERM and waits for the end. Gives the exit code, or -1 if it had to be killed or ended by a signal.
    int terminate(std::chrono::milliseconds timeout = std::chrono::seconds(30));

    /// Whether it still runs.
    [[nodiscard]] bool isRunning();

    [[nodiscard]] pid_t id() const noexcept { return m_pid; }
    [[nodiscard]] ProcessUsage usage() const { return usageOf(m_pid); }

private:
    explicit ChildProcess(pid_t pid)
        : m_pid(pid)
    {
    }
    pid_t m_pid = -1;
};

/// A gantryd on a data directory, on free ports.
class DaemonProcess {
public:
    /// `settings`: lines of its configuration file (TOML). The directory must exist; use it again to restart the daemon on what it has.
    static Result<DaemonProcess> start(const std::string& dataDir, const std::string& settings = {});

    /// Ends it (kill -9), and starts it again on the same directory and the same addresses.
    Result<void> restart();

    [[nodiscard]] ChildProcess& process() noexcept { return m_process; }
    [[nodiscard]] const std::string& dataDir() const noexcept { return m_dataDir; }
    [[nodiscard]] std::uint16_t httpPort() const noexcept { return m_httpPort; }

    /// HOST:PORT of the workers' socket.
    [[nodiscard]] const std::string& workersAddress() const noexcept { return m_addresses.workers; }

    /// The admin's API key.
    [[nodiscard]] const std::string& key() const noexcept { return m_key; }

private:
    struct Addresses {
        std::string http = "127.0.0.1:0";
        std::string commands = "127.0.0.1:0";
        std::string events = "127.0.0.1:0";
        std::string workers = "127.0.0.1:0";
    };
    static Result<ChildProcess> launch(const std::string& dataDir, const Addresses& addresses);

    DaemonProcess(ChildProcess process, std::string dataDir)
        : m_process(std::move(process))
        , m_dataDir(std::move(dataDir))
    {
    }
    ChildProcess m_process;
    std::string m_dataDir;
    Addresses m_addresses;
    std::uint16_t m_httpPort = 0;
    std::string m_key;
};

/// The folder of the built programs: the environment's GANTRY_BIN, else that of the running program.
std::string programFolder();

} // namespace gantry::test
