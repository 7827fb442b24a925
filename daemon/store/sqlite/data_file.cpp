// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/data_file.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace gantry::store {

namespace {

constexpr mode_t ownerOnly = S_IRUSR | S_IWUSR;
constexpr std::string_view readyMark =
    "The data file beside this one is in use by Gantry. Do not remove either alone.\n";

tl::unexpected<Error> systemFailure(int number, std::string_view doing, const std::filesystem::path& file)
{
    const bool isFull = number == ENOSPC || number == EDQUOT;
    return failure(isFull ? ErrorCode::StorageFull : ErrorCode::Unavailable,
        "Could not " + std::string(doing) + ' ' + file.string() + ": "
            + std::generic_category().message(number)
            + (isFull ? ". Make room and start again."
                      : ". Check that the data directory exists and that the daemon may write to it."));
}

} // namespace

Result<FileLock> FileLock::take(const std::filesystem::path& dataFile)
{
    const std::filesystem::path path = dataFile.string() + ".lock";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, ownerOnly);
    if (descriptor < 0)
        return systemFailure(errno, "open the lock", path);
    FileLock lock(path, descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0)
        return lock;
    if (errno != EWOULDBLOCK)
        return systemFailure(errno, "lock", path);
    return failure(ErrorCode::Busy,
        "Another process already works on " + dataFile.string()
            + ". Stop it first, or give this one another data directory.");
}

Result<bool> FileLock::isMarked() const
{
    struct stat status { };
    if (::fstat(m_descriptor, &status) != 0)
        return systemFailure(errno, "look at", m_path);
    return status.st_size > 0;
}

Result<void> FileLock::mark()
{
    const auto marked = isMarked();
    if (!marked)
        return tl::unexpected(marked.error());
    if (*marked)
        return {};
    if (::write(m_descriptor, readyMark.data(), readyMark.size()) < 0 || ::fsync(m_descriptor) != 0)
        return systemFailure(errno, "write", m_path);
    return {};
}

FileLock::~FileLock()
{
    if (m_descriptor >= 0)
        ::close(m_descriptor);
}

Result<bool> isDataFileEmpty(const std::filesystem::path& file)
{
    struct stat status { };
    if (::stat(file.c_str(), &status) == 0)
        return status.st_size == 0;
    if (errno == ENOENT)
        return true;
    return systemFailure(errno, "look at", file);
}

Result<void> makeDataFile(const std::filesystem::path& file)
{
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, ownerOnly);
    if (descriptor < 0) {
        if (errno == EEXIST)
            return {};
        return systemFailure(errno, "make", file);
    }
    ::close(descriptor);
    return {};
}

Result<void> syncDirectory(const std::filesystem::path& directory)
{
    const std::filesystem::path path = directory.empty() ? std::filesystem::path(".") : directory;
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0)
        return systemFailure(errno, "open", path);
    const int code = ::fsync(descriptor);
    const int number = errno;
    ::close(descriptor);
    if (code != 0)
        return systemFailure(number, "sync", path);
    return {};
}

} // namespace gantry::store
