// SPDX-License-Identifier: GPL-3.0-or-later
#include "console/cli/principal_view.h"

#include "console/cli/printable.h"

#include <filesystem>

namespace gantry::console {

std::string checkRoleName(const std::string& name)
{
    const bool isName = !name.empty()
        && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos;
    return isName ? ""
                  : "a role is viewer, warehouse, support, admin or the name of a custom one (role list)";
}

std::string principalPath(std::string_view name)
{
    return "/v1/principals/" + pathSegment(name);
}

Result<KeyView> readKeyView(const ApiAnswer& answer)
{
    JsonParser parser;
    const auto root = parser.parse(answer.body);
    if (!root)
        return tl::unexpected(root.error());
    FieldErrors ignored;
    ObjectReader reader(*root, "", ignored);
    KeyView view{.secret = reader.text("secret", 1000), .role = reader.text("role", 100)};
    if (const auto key = reader.object("key"))
        view.id = ObjectReader(*key, "/key", ignored).integerOr("id", 0);
    return view;
}

Result<void> isFree(const std::string& path)
{
    std::error_code ignored;
    if (std::filesystem::symlink_status(path, ignored).type() == std::filesystem::file_type::not_found)
        return {};
    return failure(ErrorCode::InvalidValue,
        "There is a file " + printable(path) + " already, or its folder can't be read. Name another.");
}

} // namespace gantry::console
