#include "sipstack/message/lexical.h"

#include "sipstack/message/byte_search.h"

#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

TEST(Lexical, TrimTakesFoldsOffBothEnds) {
    EXPECT_EQ(trim(" \t\r\n a b \r\n "), "a b");
    EXPECT_EQ(trim("  "), "");
}

TEST(Lexical, ControlCharactersAreSeenAtEveryPlaceAndNothingElse) {
    for (int c = 0; c < 256; ++c) {
        for (std::size_t at = 0; at < 19; ++at) {
            std::string text(19, 'a');
            text[at] = static_cast<char>(c);
            EXPECT_EQ(has_control(text), c < ' ' || c == 0x7f) << c << " at " << at;
        }
    }
    EXPECT_FALSE(has_control(""));
}

TEST(Lexical, AByteIsFoundAtEveryPlace) {
    for (std::size_t at = 0; at < 50; ++at) {
        std::string text(50, 'a');
        const char* const begin = text.data();
        EXPECT_EQ(find_byte(begin, begin + at, controls_in), begin + at) << "there is none";
        text[at] = '\n';
        EXPECT_EQ(find_byte(begin, begin + text.size(), line_feeds_in), begin + at);
        EXPECT_EQ(find_byte(begin, begin + text.size(), controls_in), begin + at);
        text[at] = '\x7f';
        EXPECT_EQ(find_byte(begin, begin + text.size(), line_feeds_in), begin + text.size());
        EXPECT_EQ(find_byte(begin, begin + text.size(), controls_in), begin + at);
    }
}

TEST(Lexical, ACharacterSetHasWhatItWasGivenAndNothingElse) {
    const auto is_member = [](char c) {
        return is_digit(c) || c == '\0' || c == '\x7f' || c == '@';
    };
    const CharacterSet set(is_member);
    for (int c = 0; c < 256; ++c) {
        for (std::size_t at = 0; at < 19; ++at) {
            std::string text(19, '@');
            text[at] = static_cast<char>(c);
            const char* const begin = text.data();
            const char* const end = begin + text.size();
            const auto others = [&](Block bytes) { return set.others_in(bytes); };
            EXPECT_EQ(find_byte(begin, end, others),
                      c < 128 && is_member(static_cast<char>(c)) ? end : begin + at)
                << c << " at " << at;
        }
    }
}

/// Character by character, as the rule reads.
std::size_t plainly_outside_quotes(std::string_view text, char wanted, std::size_t from) {
    bool quoted = false;
    bool bracketed = false;
    for (std::size_t i = from; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            i += c == '\\' ? 1 : 0;
            quoted = c != '"';
        } else if (bracketed) {
            bracketed = c != '>';
        } else if (c == wanted) {
            return i;
        } else {
            quoted = c == '"';
            bracketed = c == '<';
        }
    }
    return std::string_view::npos;
}

TEST(Lexical, OutsideOfQuotesIsTheSameAsReadCharacterByCharacter) {
    constexpr std::string_view alphabet = "a;,<>\"\\";
    for (unsigned number = 0; number < 7 * 7 * 7 * 7 * 7 * 7; ++number) {
        std::string text;
        for (unsigned rest = number; text.size() < 6; rest /= 7) {
            text += alphabet[rest % 7];
        }
        for (const char wanted : {';', '<', '"'}) {
            for (const std::size_t from : {0, 2, 6, 7}) {
                ASSERT_EQ(find_outside_quotes(text, wanted, from),
                          plainly_outside_quotes(text, wanted, from))
                    << text << " from " << from << " for " << wanted;
            }
        }
    }
}

TEST(Lexical, TokensAreThoseOfTheGrammar) {
    EXPECT_TRUE(is_token("!interesting-Method0123456789_*+`.%indeed'~"));
    EXPECT_FALSE(is_token(""));
    EXPECT_FALSE(is_token("a b"));
    EXPECT_FALSE(is_token("a\"b"));
    EXPECT_FALSE(is_token("\xc3\xa4"));
}

TEST(Lexical, NumbersAreDigitsAlone) {
    EXPECT_EQ(parse_number("042"), 42U);
    EXPECT_EQ(parse_number("18446744073709551615"), 18446744073709551615U);
    EXPECT_EQ(parse_number("18446744073709551616"), std::nullopt);
    EXPECT_EQ(parse_number("-1"), std::nullopt);
    EXPECT_EQ(parse_number("+1"), std::nullopt);
    EXPECT_EQ(parse_number(""), std::nullopt);
}

// T29: malformed counts as 3600, too large is clamped.
TEST(Lexical, SecondsAreForgiving) {
    EXPECT_EQ(parse_seconds(" 60 "), 60U);
    EXPECT_EQ(parse_seconds("abc"), 3600U);
    EXPECT_EQ(parse_seconds("-5"), 3600U);
    EXPECT_EQ(parse_seconds(""), 3600U);
    EXPECT_EQ(parse_seconds("\"Thu, 26 Jul 2012 10:34:42 GMT\""), 3600U);
    EXPECT_EQ(parse_seconds("4294967295"), 4294967295U);
    EXPECT_EQ(parse_seconds("4294967296"), 4294967295U);
    EXPECT_EQ(parse_seconds("99999999999999999999999"), 4294967295U);
}

TEST(Lexical, ListValuesPartAtCommasOutsideQuotesAndBrackets) {
    std::string_view list = R"("a, \" b" <sip:x@y?h=1,2>;q=1 , sip:z@y,)";
    EXPECT_EQ(take_list_value(list), R"("a, \" b" <sip:x@y?h=1,2>;q=1)");
    EXPECT_EQ(take_list_value(list), "sip:z@y");
    EXPECT_EQ(list, "");
}

TEST(Lexical, HeaderParametersAreLookedForOutsideTheBrackets) {
    const std::string_view value = R"("q;tag=no" <sip:a@b;tag=no>;x="y;tag=no" ; TAG = yes;lr)";
    EXPECT_EQ(header_parameter(value, "tag"), "yes");
    EXPECT_EQ(header_parameter(value, "lr"), "");
    EXPECT_EQ(header_parameter(value, "ob"), std::nullopt);
}

TEST(Lexical, UnclosedQuotesReachToTheEnd) {
    EXPECT_EQ(find_outside_quotes("a\"b;c\\", ';'), std::string_view::npos);
    EXPECT_EQ(find_outside_quotes("<a;b", ';'), std::string_view::npos);
}

TEST(Lexical, UnquoteTakesEscapesAway) {
    EXPECT_EQ(unquote(R"("a\"b\\")"), R"(a"b\)");
    EXPECT_EQ(unquote("token"), "token");
    EXPECT_EQ(unquote("\""), "\"");
}

}  // namespace
}  // namespace trunkline::sipstack
