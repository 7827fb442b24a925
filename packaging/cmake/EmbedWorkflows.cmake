# SPDX-License-Identifier: GPL-3.0-or-later
# Script: writes workflow files into one C++ source, so that the program carries what it ships.
# cmake -DFILES=a.toml|b.toml -DOUT=file.cpp -P EmbedWorkflows.cmake

string(REPLACE "|" ";" _files "${FILES}")
set(_entries "")
foreach(_file IN LISTS _files)
    get_filename_component(_name "${_file}" NAME)
    file(READ "${_file}" _text)
    string(APPEND _entries "    ShippedFile{\"${_name}\", R\"toml(${_text})toml\"},\n")
endforeach()
file(WRITE "${OUT}" "// SPDX-License-Identifier: GPL-3.0-or-later
// Written by packaging/cmake/EmbedWorkflows.cmake from resources/workflows.
#include \"daemon/workflows/shipped.h\"

namespace gantry::workflows {

namespace {

constexpr ShippedFile all[] = {
${_entries}};

} // namespace

std::span<const ShippedFile> shippedFiles()
{
    return all;
}

} // namespace gantry::workflows
")
