#include "sipstack/digest/auth_row.h"

#include <gtest/gtest.h>

#include <string>

namespace trunkline::sipstack {
namespace {

/// "scheme name=value +token", an item a word.
std::string items(std::string_view row) {
    std::string text;
    AuthRowReader reader(row);
    for (int bound = 0; bound < 1000; ++bound) {
        const auto item = reader.next();
        if (!item) {
            return text;
        }
        text += text.empty() ? "" : " ";
        if (item->kind == AuthItem::Kind::scheme) {
            text += item->name;
        } else if (item->kind == AuthItem::Kind::more_qop) {
            text += "+" + std::string(item->value);
        } else {
            text += std::string(item->name) + "=" + std::string(item->value);
        }
    }
    return "endless";
}

TEST(AuthRow, SchemesAndTheirParameters) {
    EXPECT_EQ(items(R"(Digest a="1", b = 2 ,NTLM, Digest c="x, \"y\"")"),
              R"(Digest a=1 b=2 NTLM Digest c=x, \"y\")");
    EXPECT_EQ(items(R"(nextnonce="n", nc=00000001)"), "nextnonce=n nc=00000001");
}

// T81
TEST(AuthRow, QopWithoutQuotesHasSeveralTokens) {
    EXPECT_EQ(items("Digest qop=auth-int,auth , realm=r"), "Digest qop=auth-int +auth realm=r");
    EXPECT_EQ(items("Digest qop=\"auth\",authentic a=b"), "Digest qop=auth authentic a=b");
}

// T99, T101
TEST(AuthRow, EndsWhateverTheBytesAre) {
    EXPECT_EQ(items(""), "");
    EXPECT_EQ(items(" ,,\t, "), "");
    EXPECT_EQ(items("=,=\"\",\"stray\""), "= =");
    EXPECT_EQ(items("a=\"never closed"), "a=never closed");
    EXPECT_EQ(items("a=\"ends in an escape\\"), "a=ends in an escape\\");
    std::string every_byte;
    for (int byte = 0; byte < 256; ++byte) {
        every_byte += static_cast<char>(byte);
    }
    EXPECT_NE(items(every_byte), "endless");
}

}  // namespace
}  // namespace trunkline::sipstack
