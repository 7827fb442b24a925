// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::console {

/// One value cut out of a stream of JSON.
struct JsonPiece {
    std::string text{}; ///< empty if it was too long to hold
    std::uint64_t line = 0; ///< where it begins, from 1
    bool isTooLong = false;
};

/// Cuts a stream into its orders without reading it whole: `{"orders":[…]}`, `[…]`, or values one after another (JSON lines). Knows just
/// enough JSON to find where a value ends; whether it is right inside is for a parser to say.
class JsonSplitter {
public:
    /// `stream`: outlives the splitter. `maxBytes`: the longest value held.
    JsonSplitter(std::istream& stream, std::size_t maxBytes);

    /// The next value; empty at the end, whether good or bad.
    std::optional<JsonPiece> next();

    /// What is wrong with the file as a whole, once next() gave nothing; empty if nothing is.
    [[nodiscard]] const std::string& fault() const noexcept { return m_fault; }

    /// Where the fault is.
    [[nodiscard]] std::uint64_t faultLine() const noexcept { return m_faultLine; }

    /// Whether the end was reached because reading failed.
    [[nodiscard]] bool hasFailed() const { return m_stream.bad(); }

    [[nodiscard]] std::uint64_t bytesDone() const noexcept { return m_bytesDone; }

private:
    /// How the values stand in the stream.
    enum class Form { Unknown, Array, Wrapped, Lines, Values };
    static constexpr int endOfFile = -1;

    int peek(std::size_t offset = 0);
    int take();
    void skipSpace();
    bool takeLiteral(std::string_view text);
    bool startsWithOrders();
    bool firstLineIsWhole();
    void determineForm();
    bool moveToNext();
    void finish();
    JsonPiece cutValue();
    JsonPiece cutLine();
    void append(JsonPiece& piece, int c) const;
    void fail(std::string fault);

    std::istream& m_stream;
    std::size_t m_maxBytes;
    std::string m_buffer;
    std::size_t m_start = 0;
    std::uint64_t m_line = 1;
    std::uint64_t m_bytesDone = 0;
    Form m_form = Form::Unknown;
    bool m_isFirst = true;
    bool m_isAtEnd = false;
    std::string m_fault;
    std::uint64_t m_faultLine = 0;
};

} // namespace gantry::console
