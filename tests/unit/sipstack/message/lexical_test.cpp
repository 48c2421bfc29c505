#include "sipstack/message/lexical.h"

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

TEST(Lexical, ControlCharactersAreCountedInTextsOfEveryLength) {
    // Up to beyond what is counted at a time, all of them and one alone at each end.
    for (const std::size_t size : {0, 1, 15, 16, 17, 33, 4063, 4064, 4065, 4080, 4081, 9000}) {
        EXPECT_EQ(count_controls(std::string(size, 'a')), 0U) << size;
        EXPECT_EQ(count_controls(std::string(size, '\n')), size);
        EXPECT_EQ(count_controls("\x7f" + std::string(size, ' ') + "\t"), 2U) << size;
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
