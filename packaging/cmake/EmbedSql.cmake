# SPDX-License-Identifier: GPL-3.0-or-later
# Script: writes the numbered SQL files of a folder into one C++ source, so that the program carries its own schema.
# cmake -DSQL_FILES=a.sql|b.sql -DOUT=file.cpp -DFUNCTION=sqliteMigrations -P EmbedSql.cmake

string(REPLACE "|" ";" _files "${SQL_FILES}")
set(_entries "")
set(_expected 1)
foreach(_file IN LISTS _files)
    get_filename_component(_name "${_file}" NAME_WE)
    if(NOT _name MATCHES "^([0-9][0-9][0-9][0-9])_([a-z0-9_]+)$")
        message(FATAL_ERROR "${_file}: name it NNNN_name.sql")
    endif()
    math(EXPR _number "1${CMAKE_MATCH_1} - 10000")
    if(NOT _number EQUAL _expected)
        message(FATAL_ERROR "${_file}: its number should be ${_expected}; migrations follow on without a gap")
    endif()
    math(EXPR _expected "${_expected} + 1")
    file(READ "${_file}" _text)
    string(APPEND _entries "    Migration{${_number}, \"${CMAKE_MATCH_2}\", R\"sql(${_text})sql\"},\n")
endforeach()
file(WRITE "${OUT}" "// SPDX-License-Identifier: GPL-3.0-or-later
// Written by packaging/cmake/EmbedSql.cmake from resources/sql.
#include \"daemon/store/sqlite/migrations.h\"

namespace gantry::store {

namespace {

constexpr Migration all[] = {
${_entries}};

} // namespace

std::span<const Migration> ${FUNCTION}()
{
    return all;
}

} // namespace gantry::store
")
