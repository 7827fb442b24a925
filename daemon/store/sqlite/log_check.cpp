// SPDX-License-Identifier: GPL-3.0-or-later
#include "daemon/store/sqlite/log_check.h"

#include "daemon/store/sqlite/checksum_vfs.h"

#include <array>
#include <bit>
#include <cstdint>
#include <fstream>

namespace gantry::store {

namespace {

// The log's format, by SQLite's own description (fileformat2, section 4): a header, then frames of a header and a page.
constexpr std::size_t headerBytes = 32;
constexpr std::size_t frameHeaderBytes = 24;
constexpr std::uint32_t magic = 0x377f0682; // the lowest bit: checksums over big-endian words
constexpr std::size_t checkedHeaderBytes = 24;
constexpr std::size_t checkedFrameBytes = 8;
constexpr std::size_t saltsOffset = 16;
constexpr int commitsThatProveDamage = 2;

// The salts of two rounds through the file are random to each other; a damaged bit leaves them near.
constexpr int mostChangedSaltBits = 2;

std::uint32_t bigEndian(const char* bytes) noexcept
{
    std::uint32_t value = 0;
    for (int i = 0; i < 4; ++i)
        value = (value << 8) | static_cast<std::uint8_t>(bytes[i]);
    return value;
}

/// The running checksum of the log.
class Sum {
public:
    explicit Sum(bool isBigEndian) noexcept
        : m_isBigEndian(isBigEndian)
    {
    }

    void add(const char* bytes, std::size_t size) noexcept
    {
        for (std::size_t i = 0; i + 8 <= size; i += 8) {
            m_first += word(bytes + i) + m_second;
            m_second += word(bytes + i + 4) + m_first;
        }
    }

    /// Whether the two words at that place tell this sum.
    [[nodiscard]] bool fits(const char* stored) const noexcept
    {
        return bigEndian(stored) == m_first && bigEndian(stored + 4) == m_second;
    }

private:
    [[nodiscard]] std::uint32_t word(const char* bytes) const noexcept
    {
        const std::uint32_t value = bigEndian(bytes);
        return m_isBigEndian ? value : __builtin_bswap32(value);
    }

    bool m_isBigEndian;
    std::uint32_t m_first = 0;
    std::uint32_t m_second = 0;
};

/// One pass over the frames of a log.
class Pass {
public:
    Pass(std::ifstream& file, const std::array<char, headerBytes>& header)
        : m_file(file)
        , m_salts(header.data() + saltsOffset)
        , m_sum((bigEndian(header.data()) & 1U) != 0)
    {
        m_sum.add(header.data(), checkedHeaderBytes);
        m_isIntact = (bigEndian(header.data()) & ~1U) == magic && bigEndian(header.data() + 8) == pageBytes
            && m_sum.fits(header.data() + checkedHeaderBytes);
    }

    /// Commits of this log that lie behind its first bad frame.
    int commitsBehindDamage()
    {
        int commits = 0;
        while (m_file.read(m_frame.data(), static_cast<std::streamsize>(m_frame.size()))) {
            const int changedBits = changedSaltBits();
            if (m_isIntact && changedBits == 0) {
                m_sum.add(m_frame.data(), checkedFrameBytes);
                m_sum.add(m_frame.data() + frameHeaderBytes, pageBytes);
                m_isIntact = m_sum.fits(m_frame.data() + 16);
                continue;
            }
            m_isIntact = false;
            const bool isCommit = bigEndian(m_frame.data() + 4) != 0;
            commits += isCommit && changedBits <= mostChangedSaltBits;
        }
        return commits;
    }

private:
    /// How far the frame's salts are from the log's. Frames of an earlier round through the file have others.
    [[nodiscard]] int changedSaltBits() const noexcept
    {
        return std::popcount(bigEndian(m_frame.data() + 8) ^ bigEndian(m_salts))
            + std::popcount(bigEndian(m_frame.data() + 12) ^ bigEndian(m_salts + 4));
    }

    std::ifstream& m_file;
    const char* m_salts;
    std::array<char, frameHeaderBytes + pageBytes> m_frame{};
    Sum m_sum;
    bool m_isIntact = true;
};

} // namespace

Result<void> checkLog(const std::filesystem::path& dataFile)
{
    const std::filesystem::path path = dataFile.string() + "-wal";
    std::ifstream file(path, std::ios::binary);
    std::array<char, headerBytes> header{};
    if (!file || !file.read(header.data(), headerBytes))
        return {}; // no log, or one that was just begun
    if (Pass(file, header).commitsBehindDamage() < commitsThatProveDamage)
        return {};
    return failure(ErrorCode::Corrupt,
        "The log " + path.string()
            + " is damaged in a place that was already on disk: orders that were acknowledged would be lost. "
              "Keep a copy of the data "
              "directory, and restore the last backup.");
}

} // namespace gantry::store
