# SPDX-License-Identifier: GPL-3.0-or-later
# Keeps the arrows between folders: a room may include only the rooms listed for it, and no foreign library's headers but those
# listed. Runs at configure time and whenever a listed file changes the build; docs/architecture.md draws the same table.

set(GANTRY_ROOMS
    shared/util shared/domain shared/protocol
    daemon/observe daemon/workflows daemon/store daemon/intake daemon/engine daemon/steps daemon/bulk daemon/verify daemon/api daemon/bus daemon/app
    console/client console/models console/ui console/cli)

set(GANTRY_MAY_shared/util "")
set(GANTRY_MAY_shared/domain shared/util)
set(GANTRY_MAY_shared/protocol shared/util shared/domain)
set(_shared shared/util shared/domain shared/protocol)
set(GANTRY_MAY_daemon/observe ${_shared})
set(GANTRY_MAY_daemon/workflows ${_shared})
set(GANTRY_MAY_daemon/store ${_shared} daemon/observe)
set(GANTRY_MAY_daemon/intake ${_shared} daemon/store) # its records
set(GANTRY_MAY_daemon/engine ${_shared} daemon/observe daemon/store)
set(GANTRY_MAY_daemon/steps ${_shared} daemon/observe daemon/store daemon/engine daemon/workflows)
set(GANTRY_MAY_daemon/bulk ${_shared} daemon/observe daemon/store daemon/engine)
set(GANTRY_MAY_daemon/verify ${_shared} daemon/store)
set(GANTRY_MAY_daemon/api ${_shared} daemon/observe daemon/store daemon/engine daemon/workflows daemon/bulk daemon/verify daemon/intake)
set(GANTRY_MAY_daemon/bus ${_shared} daemon/observe daemon/store daemon/engine daemon/api) # the same router behind both doors
set(GANTRY_MAY_daemon/app ${_shared} daemon/observe daemon/store daemon/engine daemon/steps daemon/bulk daemon/verify daemon/api daemon/bus daemon/workflows daemon/intake)
set(GANTRY_MAY_console/client ${_shared})
set(GANTRY_MAY_console/models ${_shared} console/client)
set(GANTRY_MAY_console/ui ${_shared} console/client console/models)
set(GANTRY_MAY_console/cli ${_shared} console/client)

# Foreign headers that a room must not see: pattern → rooms that may.
set(GANTRY_FOREIGN "<zmq" "<sqlite3" "<libpq" "<boost/" "<QWidget|<QtWidgets" "<QSql|<QtSql" "<QTcp|<QNetwork|<QtNetwork" "<sodium"
    "<toml" "<openssl")
set(GANTRY_FOREIGN_ROOMS_0 daemon/bus daemon/app console/client)
set(GANTRY_FOREIGN_ROOMS_1 daemon/store)
set(GANTRY_FOREIGN_ROOMS_2 daemon/store)
set(GANTRY_FOREIGN_ROOMS_3 daemon/api)
set(GANTRY_FOREIGN_ROOMS_4 console/ui)
set(GANTRY_FOREIGN_ROOMS_5 console/ui console/client)
set(GANTRY_FOREIGN_ROOMS_6 daemon/steps)
set(GANTRY_FOREIGN_ROOMS_7 daemon/api daemon/bus daemon/app daemon/engine daemon/intake daemon/store)
set(GANTRY_FOREIGN_ROOMS_8 daemon/app daemon/workflows console/cli) # the last for mappings of imports
set(GANTRY_FOREIGN_ROOMS_9 daemon/api)

function(gantry_check_file FILE ROOM OUT)
    file(STRINGS "${CMAKE_SOURCE_DIR}/${FILE}" _includes REGEX "^[ \t]*#[ \t]*include")
    set(_bad "")
    foreach(_line IN LISTS _includes)
        if(_line MATCHES "\"(shared|daemon|console|tests)/([a-z_]+)")
            set(_to "${CMAKE_MATCH_1}/${CMAKE_MATCH_2}")
            if(NOT _to STREQUAL ROOM AND NOT _to IN_LIST GANTRY_MAY_${ROOM})
                string(APPEND _bad "  ${FILE}: ${ROOM} must not include ${_to}\n")
            endif()
        elseif(_line MATCHES "\"([^\"]*)\"" AND NOT CMAKE_MATCH_1 MATCHES "\\.moc$|^ui_|^moc_")
            string(APPEND _bad "  ${FILE}: write \"${CMAKE_MATCH_1}\" relative to the root of the project\n")
        endif()
        set(_index 0)
        foreach(_pattern IN LISTS GANTRY_FOREIGN)
            if(_line MATCHES "${_pattern}" AND NOT ROOM IN_LIST GANTRY_FOREIGN_ROOMS_${_index})
                string(APPEND _bad "  ${FILE}: ${ROOM} must not include ${_pattern}\n")
            endif()
            math(EXPR _index "${_index} + 1")
        endforeach()
    endforeach()
    set(${OUT} "${_bad}" PARENT_SCOPE)
endfunction()

function(gantry_check_arrows)
    set(_all "")
    foreach(_room IN LISTS GANTRY_ROOMS)
        file(GLOB_RECURSE _files RELATIVE "${CMAKE_SOURCE_DIR}" CONFIGURE_DEPENDS
            "${CMAKE_SOURCE_DIR}/${_room}/*.h" "${CMAKE_SOURCE_DIR}/${_room}/*.cpp")
        foreach(_file IN LISTS _files)
            gantry_check_file("${_file}" "${_room}" _bad)
            string(APPEND _all "${_bad}")
        endforeach()
    endforeach()
    if(_all)
        message(FATAL_ERROR "These includes break the arrows between folders (packaging/cmake/GantryArrows.cmake):\n${_all}")
    endif()
endfunction()
