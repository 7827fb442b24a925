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

Result<std::string> readPrivateFile(const std::string& path)
{
    const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.isOpen()) {
        if (errno == ENOENT || errno == ENOTDIR)
            return failure(ErrorCode::NotFound, "There is no file " + path + '.');
        return failure(ErrorCode::Forbidden, "Could not open " + path + ": " + std::strerror(errno) + '.');
    }
    struct stat status { };
    if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
        return failure(ErrorCode::InvalidValue, path + " is not a file.");
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return failure(ErrorCode::Forbidden,
            path + " holds a secret but others than its owner may use it. Run: chmod 600 " + path);
    std::string content(mostBytes + 1, '\0');
    std::size_t length = 0;
    while (length < content.size()) {
        const ssize_t got = ::read(fd.get(), content.data() + length, content.size() - length);
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

} // namespace gantry
