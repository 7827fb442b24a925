// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/support/daemon_process.h"

#include <filesystem>
#include <string>

namespace gantry::bench {

/// A new directory, removed with everything in it at the end.
class TempFolder {
public:
    TempFolder();
    ~TempFolder();
    TempFolder(TempFolder&& other) noexcept;
    TempFolder& operator=(TempFolder&&) = delete;
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return m_path; }

private:
    std::filesystem::path m_path;
};

/// A service that lets itself be called and never answers: orders that come to its step stay there.
class SilentService {
public:
    SilentService();
    ~SilentService();
    SilentService(const SilentService&) = delete;
    SilentService& operator=(const SilentService&) = delete;
    [[nodiscard]] std::string url() const;

private:
    int m_socket;
};

/// The settings for a daemon under load from one address, whose orders stop at the payment.
/// `connections`: how many it lets in; 0: as it is unless said.
std::string loadSettings(const SilentService& payment, std::size_t connections = 0);

/// Request line and headers of a POST with the daemon's admin key, as LoadPlan wants them.
std::string postHead(const std::string& target, const std::string& key);

} // namespace gantry::bench
