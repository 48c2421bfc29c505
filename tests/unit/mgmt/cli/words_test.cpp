#include "mgmt/cli/words.h"

#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

TEST(CliWords, AreSplitAtBlanksOutsideQuotes) {
    const auto words = cli_words("  proxy-name \"my \\\"proxy\\\" \\\\ 1\"  x\ty ");
    ASSERT_TRUE(words.has_value());
    ASSERT_EQ(words->size(), 4U);
    EXPECT_EQ((*words)[0].text, "proxy-name");
    EXPECT_EQ((*words)[0].column, 3U);
    EXPECT_EQ((*words)[1].text, "my \"proxy\" \\ 1");
    EXPECT_TRUE((*words)[1].is_quoted);
    EXPECT_EQ((*words)[3].text, "y");
    EXPECT_TRUE(cli_words(" \t")->empty());
    EXPECT_TRUE(cli_words("\"\"")->front().is_quoted);
}

TEST(CliWords, AQuoteThatDoesNotEndIsRefused) {
    EXPECT_EQ(cli_words("name \"abc").error(),
              "column 6: found a text that does not end; allowed: \" after it");
}

TEST(CliWords, BytesThatAreNoUtf8AreRefusedWithTheirColumn) {
    EXPECT_EQ(cli_words("proxy-name \"q\xff\xfe\"").error(),
              "column 14: found the byte 0xff; allowed: UTF-8 text without control characters");
    EXPECT_FALSE(cli_words("a\x01"));
    EXPECT_EQ(cli_words("proxy-name \"Gr\xc3\xbc\xc3\x9f\"")->at(1).text, "Gr\xc3\xbc\xc3\x9f");
}

TEST(CliWords, ComeBackFromTheirQuotes) {
    for (const std::string text : {"", "a b", "\"", "\\", "a\\\"b", "'"}) {
        const auto words = cli_words(in_cli_quotes(text));
        ASSERT_TRUE(words.has_value());
        EXPECT_EQ(words->front().text, text);
    }
}

TEST(CliWords, AreQuotedWhereTheyNeedIt) {
    EXPECT_EQ(as_cli_word("ITSP"), "ITSP");
    for (const char* text : {"", "My ITSP", "a\"b", "a\\b", "a?", "a|b"}) {
        EXPECT_EQ(as_cli_word(text), in_cli_quotes(text));
    }
}

TEST(CliWords, TheBegunOneIsFoundWithItsQuotes) {
    EXPECT_EQ(begun_word(""), 0U);
    EXPECT_EQ(begun_word("show "), 5U);
    EXPECT_EQ(begun_word("show sys"), 5U);
    EXPECT_EQ(begun_word("name \"My I"), 5U);
    EXPECT_EQ(begun_word("name \"My I\" x"), 12U);
    EXPECT_EQ(begun_word(R"(name "a\" b)"), 5U);
}

}  // namespace
}  // namespace trunkline::mgmt
