// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/app/data_directory.h"

#include "shared/util/private_file.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::app {

namespace {

/// The files of the embedded store.
constexpr const char* storeFiles[] = {"gantry.db", "gantry.db-wal", "gantry.db-shm", "gantry.db.lock"};

Result<void> makeDirectory(const std::string& path)
{
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
        return {};
    if (!std::filesystem::create_directories(path, error) || ::chmod(path.c_str(), S_IRWXU) != 0)
        return failure(ErrorCode::Unavailable,
            "Can't make the data directory " + path + ": " + error.message()
                + ". Choose another with --data-dir.");
    return {};
}

/// By name within a directory that nobody else can change. The files are not opened: closing a descriptor would drop the locks that SQLite has on them.
Result<void> checkStoreFile(int directory, const std::string& path, const char* name)
{
    struct stat status { };
    if (::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return {}; // it will be made, or the store says why not
    const std::string file = path + '/' + name;
    if (!S_ISREG(status.st_mode))
        return failure(ErrorCode::Forbidden,
            file
                + " is a symbolic link or something else that is no file. Put the file itself in its place.");
    if (std::string complaint = secretComplaintOf(file, status.st_mode, status.st_uid, ::geteuid());
        !complaint.empty())
        return failure(ErrorCode::Forbidden, std::move(complaint));
    return {};
}

Result<void> checkDirectory(int directory, const std::string& path)
{
    struct stat status { };
    if (::fstat(directory, &status) != 0)
        return failure(ErrorCode::Unavailable, "Can't look at " + path + ": " + std::strerror(errno) + '.');
    if (std::string complaint = complaintOf(path, status.st_mode, status.st_uid, ::geteuid());
        !complaint.empty())
        return failure(ErrorCode::Forbidden, std::move(complaint));
    for (const char* name : storeFiles)
        if (auto checked = checkStoreFile(directory, path, name); !checked)
            return checked;
    return {};
}

} // namespace

Result<void> prepareDataDirectory(const std::string& path)
{
    if (auto made = makeDirectory(path); !made)
        return made;
    const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return failure(ErrorCode::Forbidden,
            "Can't open the data directory " + path + ": " + std::strerror(errno)
                + ". Give it to the user that gantryd runs as.");
    auto checked = checkDirectory(directory, path);
    ::close(directory);
    return checked;
}

} // namespace gantry::app
