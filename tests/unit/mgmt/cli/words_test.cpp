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

TEST(CliWords, ComeBackFromTheirQuotes) {
    for (const std::string text : {"", "a b", "\"", "\\", "a\\\"b", "'"}) {
        const auto words = cli_words(in_cli_quotes(text));
        ASSERT_TRUE(words.has_value());
        EXPECT_EQ(words->front().text, text);
    }
}

}  // namespace
}  // namespace trunkline::mgmt
