#include "sipstack/message/header_rows.h"

#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

TEST(HeaderRows, GivesNamesValuesAndTheBody) {
    constexpr std::string_view bytes =
        "\r\n\r\nOPTIONS sip:a SIP/2.0\r\nTo :  x \r\nSubject:\r\n\r\nB";
    HeaderRows rows(bytes);
    EXPECT_EQ(rows.start_line(), "OPTIONS sip:a SIP/2.0");  // T125
    auto row = rows.next();
    ASSERT_TRUE(row);
    EXPECT_EQ(row->name, "To");
    EXPECT_EQ(row->value, "x");
    row = rows.next();
    ASSERT_TRUE(row);
    EXPECT_EQ(row->name, "Subject");
    EXPECT_EQ(row->value, "");
    EXPECT_FALSE(rows.next());
    EXPECT_TRUE(rows.ended());
    EXPECT_EQ(bytes.substr(rows.offset()), "B");
}

// T142
TEST(HeaderRows, FoldedRowIsOneRow) {
    HeaderRows rows("X y SIP/2.0\nA: 1\r\n\t2\r\n  3\r\nB: 4\r\n");
    auto row = rows.next();
    ASSERT_TRUE(row);
    EXPECT_TRUE(row->folded);
    EXPECT_EQ(row->value, "1\r\n\t2\r\n  3");
    row = rows.next();
    ASSERT_TRUE(row);
    EXPECT_EQ(row->value, "4");
    EXPECT_FALSE(rows.next());
    EXPECT_FALSE(rows.ended());
}

TEST(HeaderRows, RowWithoutColonHasNoName) {
    HeaderRows rows("X y SIP/2.0\r\nnonsense\r\n\r\n");
    const auto row = rows.next();
    ASSERT_TRUE(row);
    EXPECT_TRUE(row->name.empty());
}

// T140, T141
TEST(HeaderRows, CompactAndLongNamesAreTheSameHeader) {
    EXPECT_TRUE(same_header("v", "VIA"));
    EXPECT_TRUE(same_header("call-id", "I"));
    EXPECT_TRUE(same_header("x", "Session-Expires"));
    EXPECT_FALSE(same_header("v", "t"));
    EXPECT_FALSE(same_header("z", "Via"));
    EXPECT_FALSE(same_header("", "Via"));
}

}  // namespace
}  // namespace trunkline::sipstack
