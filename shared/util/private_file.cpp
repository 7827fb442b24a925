// SPDX-License-Identifier: GPL-3.0-or-later
#include "shared/util/private_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry {

namespace {

constexpr std::size_t mostBytes = 64 * 1024;
constexpr unsigned rootUser = 0; ///< can do everything anyway

/// Closes a descriptor at the end of its scope.
class Descriptor {
public:
    explicit Descriptor(int fd) noexcept
        : m_fd(fd)
    {
    }
    ~Descriptor()
    {
        if (m_fd >= 0)
            ::close(m_fd);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    [[nodiscard]] int get() const noexcept { return m_fd; }
    [[nodiscard]] bool isOpen() const noexcept { return m_fd >= 0; }

private:
    int m_fd;
};

tl::unexpected<Error> unavailable(const char* what, const std::string& path)
{
    const std::string reason = std::strerror(errno);
    return failure(
        ErrorCode::Unavailable, std::string("Could not ") + what + ' ' + path + ": " + reason + '.');
}

bool writeAll(int fd, std::string_view content)
{
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

Result<std::string> readAtMost(int fd, const std::string& path)
{
    std::string content(mostBytes + 1, '\0');
    std::size_t length = 0;
    while (length < content.size()) {
        const ssize_t got = ::read(fd, content.data() + length, content.size() - length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failure(
                ErrorCode::Forbidden, "Could not read " + path + ": " + std::strerror(errno) + '.');
        if (got == 0)
            break;
        length += static_cast<std::size_t>(got);
    }
    if (length > mostBytes)
        return failure(ErrorCode::InvalidValue, path + " is longer than 64 KiB: not a file of ours.");
    content.resize(length);
    return content;
}

std::string ownerComplaintOf(const std::string& path, unsigned owner, unsigned self)
{
    if (owner == self || owner == rootUser)
        return {};
    return path + " belongs to another user (" + std::to_string(owner) + "), who could change it. Run: chown "
        + std::to_string(self) + ' ' + path;
}

/// Says why a file of that path, mode and owner is refused by us; empty if it is not.
using Complaint = std::string (*)(const std::string&, unsigned, unsigned, unsigned);

Result<TrustedFile> readFile(const std::string& path, Links links, Owner owner, Complaint complaintFor)
{
    const int follow = links == Links::Refused ? O_NOFOLLOW : 0;
    // Not to be held up by a pipe that somebody has put there.
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | follow));
    if (!fd.isOpen()) {
        if (errno == ENOENT || errno == ENOTDIR)
            return failure(ErrorCode::NotFound, "There is no file " + path + '.');
        if (errno == ELOOP && links == Links::Refused)
            return failure(ErrorCode::Forbidden,
                path + " is a symbolic link, which is not followed here. Put the file itself in its place.");
        return failure(ErrorCode::Forbidden, "Could not open " + path + ": " + std::strerror(errno) + '.');
    }
    struct stat status { };
    if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return failure(ErrorCode::InvalidValue, path + " is not a file.");
    const unsigned self = owner == Owner::Anyone ? status.st_uid : ::geteuid();
    if (std::string complaint = complaintFor(path, status.st_mode, status.st_uid, self); !complaint.empty())
        return failure(ErrorCode::Forbidden, std::move(complaint));
    auto content = readAtMost(fd.get(), path);
    if (!content)
        return tl::unexpected(content.error());
    return TrustedFile{std::move(*content), secretComplaintOf(path, status.st_mode, status.st_uid, self)};
}

/// Makes a rename last through a power cut.
bool syncFolderOf(const std::string& path)
{
    const auto slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return fd.isOpen() && ::fsync(fd.get()) == 0;
}

} // namespace

Result<void> writePrivateFile(const std::string& path, std::string_view content)
{
    const std::string temporary = path + ".new";
    ::unlink(temporary.c_str());
    {
        const Descriptor fd(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        if (!fd.isOpen())
            return unavailable("create", temporary);
        if (::fchmod(fd.get(), 0600) != 0 || !writeAll(fd.get(), content) || ::fsync(fd.get()) != 0)
            return unavailable("write", temporary);
    }
    if (std::rename(temporary.c_str(), path.c_str()) != 0)
        return unavailable("put in place", path);
    if (!syncFolderOf(path))
        return unavailable("sync the folder of", path);
    return {};
}

std::string complaintOf(const std::string& path, unsigned mode, unsigned owner, unsigned self)
{
    if (std::string complaint = ownerComplaintOf(path, owner, self); !complaint.empty())
        return complaint;
    if ((mode & (S_IWGRP | S_IWOTH)) != 0)
        return path + " may be changed by others than its owner. Run: chmod go-w " + path;
    return {};
}

std::string secretComplaintOf(const std::string& path, unsigned mode, unsigned owner, unsigned self)
{
    if (std::string complaint = ownerComplaintOf(path, owner, self); !complaint.empty())
        return complaint;
    const unsigned open = owner == self ? S_IRWXG | S_IRWXO : S_IWGRP | S_IXGRP | S_IRWXO;
    if ((mode & open) == 0)
        return {};
    return path + " holds a secret but others than its owner may use it. Run: chmod "
        + (owner == self ? "600 " : "640 ") + path;
}

Result<TrustedFile> readTrustedFile(const std::string& path, Links links)
{
    return readFile(path, links, Owner::UsOrRoot, complaintOf);
}

Result<std::string> readPrivateFile(const std::string& path, Links links, Owner owner)
{
    auto file = readFile(path, links, owner, secretComplaintOf);
    if (!file)
        return tl::unexpected(file.error());
    return std::move(file->content);
}

} // namespace gantry
