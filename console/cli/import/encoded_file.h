// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "console/cli/import/csv_mapping.h"

#include <array>
#include <istream>
#include <streambuf>
#include <string>

namespace gantry::console {

/// Reads a stream as UTF-8, whatever it is encoded in. Lines stay where they are. What Windows-1252 has no character for becomes a byte that no UTF-8 has, so that the row is refused.
class EncodedFile final : public std::streambuf {
public:
    /// `stream`: outlives this.
    EncodedFile(std::istream& stream, TextEncoding encoding)
        : m_stream(stream)
        , m_encoding(encoding)
    {
    }

protected:
    int_type underflow() override;

private:
    std::istream& m_stream;
    TextEncoding m_encoding;
    std::array<char, 16384> m_raw{};
    std::string m_text;
};

} // namespace gantry::console
