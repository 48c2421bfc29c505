#include "sipstack/shared_text.h"

namespace trunkline::sipstack {
namespace {

TEST(SharedText, CopiesAreOneText) {
    const SharedText text(std::string("sip:registrar.example.com"));
    const SharedText copy = text;
    EXPECT_EQ(copy.view().data(), text.view().data());
    EXPECT_EQ(copy, text);
    EXPECT_EQ(copy, "sip:registrar.example.com");
}

TEST(SharedText, IsComparedByWhatItSays) {
    EXPECT_EQ(SharedText(std::string("a")), SharedText(std::string("a")));
    EXPECT_FALSE(SharedText(std::string("a")) == SharedText(std::string("b")));
    EXPECT_EQ(SharedText(), "");
    EXPECT_EQ(SharedText(std::string()), SharedText());
}

}  // namespace
}  // namespace trunkline::sipstack
