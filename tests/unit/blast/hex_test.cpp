#include "tools/blast/hex.h"

#include "tools/blast/text_buffer.h"

#include <gtest/gtest.h>

namespace trunkline::blast {
namespace {

TEST(Hex, HasExactlyTheDigitsAskedFor) {
    EXPECT_EQ(view(hex<16>(0x0123456789abcdef)), "0123456789abcdef");
    EXPECT_EQ(view(hex<8>(0x9abcdef)), "09abcdef");
    EXPECT_EQ(view(hex<4>(0x12345)), "2345");
}

TEST(Hex, IsReadAgainInAnyCase) {
    EXPECT_EQ(read_hex("0123456789abcdef"), 0x0123456789abcdefu);
    EXPECT_EQ(read_hex("FFFFFFFFFFFFFFFF"), 0xffffffffffffffffu);
    EXPECT_EQ(read_hex("0"), 0u);
    EXPECT_EQ(read_hex("aB"), 0xabu);
}

TEST(Hex, RefusesWhatIsNoNumber) {
    for (const char* wrong :
         {"", "g", "0x1", " 1", "1 ", "-1", "/", ":", "@", "`", "\xff", "00000000000000000"}) {
        EXPECT_EQ(read_hex(wrong), std::nullopt) << wrong;
    }
}

}  // namespace
}  // namespace trunkline::blast
