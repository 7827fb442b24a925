// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "shared/util/result.h"

#include <string>
#include <string_view>

namespace gantry {

/// Writes a file that only its owner may read (0600): whole or not at all, on disk when this returns. Replaces what was there.
/// Errors: Unavailable (with what the system said).
Result<void> writePrivateFile(const std::string& path, std::string_view content);

/// What to do about a symbolic link in a file's place. What it leads to is looked at in either case.
enum class Links {
    Followed, ///< files that a person names: certificates and mounted secrets often are links
    Refused, ///< files that we keep ourselves
};

/// Whose a file must be.
enum class Owner {
    UsOrRoot,
    Anyone, ///< for tools that root uses on a service's files: judged as its owner would
};

/// A file that nobody can have changed but us and root.
struct TrustedFile {
    std::string content;
    std::string secretComplaint; ///< why it must hold no secret, and what to do; empty: it may
};

/// Reads a file of at most 64 KiB. What counts is the file that was opened, not what has its name later. Errors: NotFound, Forbidden (others than
/// its owner may write it, it belongs to neither us nor root, or we may not read it), InvalidValue (too long, or not a file).
Result<TrustedFile> readTrustedFile(const std::string& path, Links links = Links::Followed);

/// Reads a secret: as above, and Forbidden if others may read it: group or all if it is ours; all if it is root's, whose secrets services read by
/// their group.
Result<std::string> readPrivateFile(
    const std::string& path, Links links = Links::Followed, Owner owner = Owner::UsOrRoot);

/// Why a file or directory of that mode and owner can't be trusted by the user `self`, and what to do; empty if it can.
std::string complaintOf(const std::string& path, unsigned mode, unsigned owner, unsigned self);

/// The same for one that holds a secret.
std::string secretComplaintOf(const std::string& path, unsigned mode, unsigned owner, unsigned self);

} // namespace gantry
