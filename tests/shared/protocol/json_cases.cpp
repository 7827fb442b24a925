// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/shared/protocol/json_cases.h"

namespace gantry::test {

using namespace std::string_literals;

namespace {

std::string nested(int levels, char open, char close)
{
    return std::string(static_cast<std::size_t>(levels), open)
        + std::string(static_cast<std::size_t>(levels), close);
}

} // namespace

const std::vector<JsonCase>& jsonCases()
{
    static const std::vector<JsonCase> cases{
        {"y_object_empty", "{}", ""},
        {"y_array_empty", "[]", ""},
        {"y_array_of_everything", R"([null,true,false,0,"",{},[]])", ""},
        {"y_space_around", " \t\r\n[ \t\r\n1 \t\r\n, 2 ] \t\r\n", ""},
        {"y_scalar_null", "null", ""},
        {"y_scalar_number", "-12", ""},
        {"y_scalar_string", R"("a")", ""},
        {"y_number_minus_zero", "[-0]", ""},
        {"y_number_fraction", "[0.25]", ""},
        {"y_number_exponents", "[1e5,1E5,1e+5,1E-5,0e0]", ""},
        {"y_number_largest_uint64", "[18446744073709551615]", ""},
        {"y_number_smallest_int64", "[-9223372036854775808]", ""},
        {"y_number_long_fraction", "[3.14159265358979323846264338327950288419716939937510]", ""},
        {"y_string_escapes", R"(["\"\\\/\b\f\n\r\t"])", ""},
        {"y_string_unicode_escape", R"(["\u00e9\u6771\u0000"])", ""},
        {"y_string_surrogate_pair", R"(["\ud83d\ude00"])", ""},
        {"y_string_utf8", "[\"é東😀\xf4\x8f\xbf\xbf\"]", ""},
        {"y_string_delete", "[\"\x7f\"]", ""},
        {"y_string_line_separator", "[\"\u2028\"]", ""},
        {"y_object_empty_name", R"({"":0})", ""},
        {"y_object_name_twice", R"({"a":1,"a":2})", ""}, // refused where the object is read
        {"y_depth_32_arrays", nested(32, '[', ']'), ""},
        {"n_depth_33_arrays", nested(33, '[', ']'), "malformed_json"},
        {"n_depth_100000_arrays", nested(100'000, '[', ']'), "malformed_json"},
        {"n_depth_unclosed", std::string(100'000, '['), "malformed_json"},
        {"n_empty", "", "malformed_json"},
        {"n_space_only", " \n\t", "malformed_json"},
        {"n_zero_byte", "\0"s, "malformed_json"},
        {"n_byte_order_mark", "\xef\xbb\xbf{}", "malformed_json"},
        {"n_utf16", "\xff\xfe{\0}\0"s, "invalid_utf8"},
        {"n_two_documents", "{}{}", "malformed_json"},
        {"n_rest_behind", "[] x", "malformed_json"},
        {"n_zero_byte_behind", "[]\0"s, "malformed_json"},
        {"n_comma_behind", "[],", "malformed_json"},
        {"n_array_unclosed", "[1", "malformed_json"},
        {"n_array_closed_twice", "[1]]", "malformed_json"},
        {"n_array_closed_as_object", "[1}", "malformed_json"},
        {"n_array_trailing_comma", "[1,]", "malformed_json"},
        {"n_array_leading_comma", "[,1]", "malformed_json"},
        {"n_array_two_commas", "[1,,2]", "malformed_json"},
        {"n_array_no_comma", "[1 2]", "malformed_json"},
        {"n_array_colon", "[1:2]", "malformed_json"},
        {"n_object_unclosed", R"({"a":1)", "malformed_json"},
        {"n_object_trailing_comma", R"({"a":1,})", "malformed_json"},
        {"n_object_no_colon", R"({"a" 1})", "malformed_json"},
        {"n_object_no_value", R"({"a":})", "malformed_json"},
        {"n_object_no_name", "{:1}", "malformed_json"},
        {"n_object_bare_name", "{a:1}", "malformed_json"},
        {"n_object_single_quotes", "{'a':1}", "malformed_json"},
        {"n_object_number_as_name", "{1:1}", "malformed_json"},
        {"n_comment", "[1/* one */]", "malformed_json"},
        {"n_comment_line", "[1] // one", "malformed_json"},
        {"n_capital_literal", "[True]", "malformed_json"},
        {"n_cut_literal", "[tru]", "malformed_json"},
        {"n_long_literal", "[nullx]", "malformed_json"},
        {"n_nan", "[NaN]", "malformed_json"},
        {"n_infinity", "[-Infinity]", "malformed_json"},
        {"n_number_plus", "[+1]", "malformed_json"},
        {"n_number_leading_zero", "[01]", "malformed_json"},
        {"n_number_minus_only", "[-]", "malformed_json"},
        {"n_number_point_behind", "[1.]", "malformed_json"},
        {"n_number_point_before", "[.5]", "malformed_json"},
        {"n_number_exponent_empty", "[1e]", "malformed_json"},
        {"n_number_exponent_sign_only", "[1e+]", "malformed_json"},
        {"n_number_two_points", "[1.2.3]", "malformed_json"},
        {"n_number_hexadecimal", "[0x1F]", "malformed_json"},
        {"n_number_underscore", "[1_000]", "malformed_json"},
        {"n_number_letter_behind", "[1a]", "malformed_json"},
        {"n_number_minus_space", "[- 1]", "malformed_json"},
        {"n_number_over_uint64", "[18446744073709551616]", "malformed_json"},
        {"n_number_under_int64", "[-9223372036854775809]", "malformed_json"},
        {"n_number_huge", "[1" + std::string(10'000, '0') + "]", "malformed_json"},
        {"n_number_exponent_huge", "[1e400]", "malformed_json"},
        {"n_number_full_width_digit", "[１]", "malformed_json"},
        {"n_string_unclosed", R"(["a)", "malformed_json"},
        {"n_string_escape_unclosed", R"(["\"])", "malformed_json"},
        {"n_string_unknown_escape", R"(["\x41"])", "malformed_json"},
        {"n_string_octal_escape", R"(["\012"])", "malformed_json"},
        {"n_string_short_unicode", R"(["\u00g0"])", "malformed_json"},
        {"n_string_lone_high_surrogate", R"(["\ud83d"])", "malformed_json"},
        {"n_string_lone_low_surrogate", R"(["\ude00"])", "malformed_json"},
        {"n_string_high_surrogate_twice", R"(["\ud83d\ud83d"])", "malformed_json"},
        {"n_string_newline", "[\"a\nb\"]", "malformed_json"},
        {"n_string_tab", "[\"a\tb\"]", "malformed_json"},
        {"n_string_zero_byte", "[\"a\0b\"]"s, "malformed_json"},
        {"n_utf8_lone_continuation", "[\"\x80\"]", "invalid_utf8"},
        {"n_utf8_cut", "[\"\xe6\x9d\"]", "invalid_utf8"},
        {"n_utf8_latin1", "[\"Caf\xe9\"]", "invalid_utf8"},
        {"n_utf8_overlong", "[\"\xc0\xaf\"]", "invalid_utf8"},
        {"n_utf8_surrogate", "[\"\xed\xa0\x80\"]", "invalid_utf8"},
        {"n_utf8_over_range", "[\"\xf4\x90\x80\x80\"]", "invalid_utf8"},
        {"n_utf8_in_name", "{\"\xff\":1}", "invalid_utf8"},
    };
    return cases;
}

} // namespace gantry::test
