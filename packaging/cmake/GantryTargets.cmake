# SPDX-License-Identifier: GPL-3.0-or-later
# How every target of Gantry is made: one place for standard, warnings, hardening and sanitizers.

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE_PROGRAM}")
endif()

add_library(gantry-options INTERFACE)
target_compile_features(gantry-options INTERFACE cxx_std_20)
target_include_directories(gantry-options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(gantry-options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast -Wcast-align -Woverloaded-virtual
    -Wconversion -Wno-sign-conversion -Wnull-dereference -Wformat=2 -Wimplicit-fallthrough
    # At -O2 gcc 12 finds null pointers in the standard library's own vector of strings; the dev preset keeps the warning.
    $<$<CONFIG:Release>:-Wno-null-dereference>
    $<$<BOOL:${GANTRY_WERROR}>:-Werror>)
target_compile_definitions(gantry-options INTERFACE
    QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_KEYWORDS QT_STRICT_ITERATORS GANTRY_VERSION="${PROJECT_VERSION}")

if(GANTRY_SANITIZE)
    target_compile_options(gantry-options INTERFACE -fsanitize=${GANTRY_SANITIZE} -fno-omit-frame-pointer
        -fno-sanitize-recover=all)
    target_link_options(gantry-options INTERFACE -fsanitize=${GANTRY_SANITIZE})
    # gcc's flow analysis is unreliable under instrumentation; the other presets keep these warnings.
    target_compile_options(gantry-options INTERFACE -Wno-null-dereference -Wno-maybe-uninitialized -Wno-tsan)
else()
    target_compile_options(gantry-options INTERFACE -fstack-protector-strong -fstack-clash-protection
        -fcf-protection -U_FORTIFY_SOURCE $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
    target_compile_definitions(gantry-options INTERFACE _GLIBCXX_ASSERTIONS)
    target_link_options(gantry-options INTERFACE -Wl,-z,relro,-z,now)
endif()
if(GANTRY_FUZZ) # coverage for the fuzzer
    target_compile_options(gantry-options INTERFACE -fsanitize=fuzzer-no-link)
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

# gantry_library(NAME SOURCES … [PUBLIC libs …] [PRIVATE libs …]): one room of the house.
function(gantry_library NAME)
    cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
    add_library(${NAME} STATIC ${ARG_SOURCES})
    target_link_libraries(${NAME} PUBLIC gantry-options ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

# gantry_program(NAME SOURCES … LINK libs …): a thin main() over the rooms.
function(gantry_program NAME)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
    add_executable(${NAME} ${ARG_SOURCES})
    target_link_libraries(${NAME} PRIVATE gantry-options ${ARG_LINK})
endfunction()

# gantry_test(NAME SOURCES … LINK libs … [LABELS …] [TIMEOUT seconds]): one QtTest program, run off-screen by CTest.
function(gantry_test NAME)
    cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    add_executable(${NAME} ${ARG_SOURCES})
    target_link_libraries(${NAME} PRIVATE gantry-options Qt6::Test ${ARG_LINK})
    if(TARGET gantry-tsan-qttest)
        target_sources(${NAME} PRIVATE $<TARGET_OBJECTS:gantry-tsan-qttest>)
    endif()
    set_target_properties(${NAME} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests/bin")
    add_test(NAME ${NAME} COMMAND ${NAME})
    set_tests_properties(${NAME} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}"
        ENVIRONMENT "QT_QPA_PLATFORM=offscreen;QT_HASH_SEED=0;GANTRY_BIN=${CMAKE_BINARY_DIR}/bin;GANTRY_SOURCE=${CMAKE_SOURCE_DIR}")
endfunction()
