// SPDX-License-Identifier: GPL-3.0-or-later
// Plays every file of a folder to a fuzz target, once: what a fuzzer has found stays mended, in every build.
#include "tests/fuzz/fuzz_target.h"

#include <filesystem>
#include <fstream>
#include <string>

int main(int argc, char** argv)
{
    if (argc != 2) {
        std::fprintf(stderr, "Usage: %s FOLDER\n", argv[0]);
        return 64;
    }
    int played = 0;
    for (const auto& entry : std::filesystem::directory_iterator(argv[1])) {
        std::ifstream file(entry.path(), std::ios::binary);
        std::string bytes(entry.file_size(), '\0');
        file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        std::fprintf(
            stderr, "%s\n", entry.path().filename().c_str()); // the last one named is the one that failed
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
        ++played;
    }
    std::printf("%d inputs\n", played);
    return played > 0 ? 0 : 66;
}
