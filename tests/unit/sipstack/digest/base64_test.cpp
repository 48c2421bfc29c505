#include "sipstack/digest/base64.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace trunkline::sipstack {
namespace {

// RFC 4648 section 10
TEST(Base64, EncodesAndDecodesTheVectorsOfItsRfc) {
    constexpr std::pair<std::string_view, std::string_view> vectors[] = {{"", ""},
                                                                         {"f", "Zg=="},
                                                                         {"fo", "Zm8="},
                                                                         {"foo", "Zm9v"},
                                                                         {"foob", "Zm9vYg=="},
                                                                         {"fooba", "Zm9vYmE="},
                                                                         {"foobar", "Zm9vYmFy"}};
    for (const auto& [bytes, text] : vectors) {
        EXPECT_EQ(encode_base64(bytes), text);
        const auto decoded = decode_base64(text);
        ASSERT_TRUE(decoded) << text;
        EXPECT_EQ(std::string(decoded->begin(), decoded->end()), bytes);
    }
}

TEST(Base64, RefusesWhatIsNone) {
    for (const std::string_view text : {"Z", "Zg", "Zg=", "Zg==Zg==", "Z===", "====", "Zm9v\n",
                                        " Zm9v", "Zm-v", "Zm9v====", "=Zm9", "Zg=a"}) {
        EXPECT_FALSE(decode_base64(text)) << text;
    }
}

}  // namespace
}  // namespace trunkline::sipstack
