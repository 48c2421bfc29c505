#include "tools/blast/finder.h"

#include <gtest/gtest.h>

#include <string>

namespace trunkline::blast {
namespace {

TEST(Finder, FindsWhatAPlainSearchFinds) {
    // Every length around two blocks, hits at distances that fall on each place of a block.
    for (std::size_t length = 0; length <= 200; ++length) {
        std::string text(length, '.');
        for (std::size_t at = length % 7; at < length; at += 1 + at % 11) {
            text[at] = ':';
        }
        Finder finder(text, ':');
        for (std::size_t from = 0; from <= length + 1; ++from) {
            ASSERT_EQ(finder.next(from), text.find(':', from)) << length << " from " << from;
        }
    }
}

TEST(Finder, MayLeap) {
    const std::string text = std::string(300, '.') + "x" + std::string(10, '.') + "x";
    Finder finder(text, 'x');
    EXPECT_EQ(finder.next(10), 300u);
    EXPECT_EQ(finder.next(301), 311u);
    EXPECT_EQ(finder.next(312), std::string_view::npos);
}

TEST(Finder, FindsEveryByteAlike) {
    const std::string text("\xff\0\x80z", 4);
    for (std::size_t at = 0; at < text.size(); ++at) {
        EXPECT_EQ(Finder(text, text[at]).next(0), at);
    }
    EXPECT_EQ(Finder(text, 'y').next(0), std::string_view::npos);
}

}  // namespace
}  // namespace trunkline::blast
