// Test set 19 of 3GPP TS 35.208, as a nonce.
#include "sipstack/digest/aka.h"

#include "sipstack/digest/base64.h"

#include <gtest/gtest.h>

#include <string>

namespace trunkline::sipstack {
namespace {

constexpr std::string_view key = "5122250214c33e723a5dd523fc145fc0";
constexpr std::string_view operator_key = "981d464c7c52eb6e5036234984ad0bcf";
constexpr std::string_view nonce = "gekrbA7g4S6866jZKpnfpbtS6Rx0esOrKlwj0V7jUdU=";
constexpr uint64_t number_in_nonce = 0x16f3b3f70fc2;
constexpr std::string_view response = "\x28\xd7\xb0\xf2\xa2\xec\x3d\xe5";

// T107
TEST(Aka, AnswersANetworkThatHasOurKey) {
    const auto keys = aka_keys(key, operator_key);
    ASSERT_TRUE(keys);
    const AkaCheck check = check_aka(nonce, *keys, number_in_nonce - 1);
    EXPECT_EQ(check.verdict, AkaVerdict::genuine);
    EXPECT_EQ(check.sequence_number, number_in_nonce);
    EXPECT_EQ(check.auts, "");
    EXPECT_EQ(aka_response(nonce, *keys), response);
}

// T107
TEST(Aka, TellsTheNetworkOurNumberWhenItsOwnIsNotNewer) {
    const auto keys = aka_keys(key, operator_key);
    const AkaCheck check = check_aka(nonce, *keys, number_in_nonce + 3);
    EXPECT_EQ(check.verdict, AkaVerdict::out_of_sequence);
    EXPECT_EQ(check.auts, "wpIP4kiY5RvQoNjzRm8=");
    EXPECT_EQ(check_aka(nonce, *keys, number_in_nonce).verdict, AkaVerdict::out_of_sequence);
}

// T107: each bit of AUTN counts.
TEST(Aka, AWrongMacIsNotGenuine) {
    const auto keys = aka_keys(key, operator_key);
    auto bytes = *decode_base64(nonce);
    for (std::size_t i = 16; i < bytes.size(); ++i) {
        bytes[i] ^= 1;
        EXPECT_EQ(check_aka(encode_base64(bytes), *keys, 0).verdict, AkaVerdict::not_genuine) << i;
        bytes[i] ^= 1;
    }
    const auto other_keys = aka_keys(operator_key, key);
    EXPECT_EQ(check_aka(nonce, *other_keys, 0).verdict, AkaVerdict::not_genuine);
}

TEST(Aka, ServerDataBehindAutnIsAllowed) {
    const auto keys = aka_keys(key, operator_key);
    const std::string longer = "gekrbA7g4S6866jZKpnfpbtS6Rx0csOrYtX1LdX/F7dzZXJ2ZXIgZGF0YQ==";
    EXPECT_TRUE(is_aka_nonce(longer));
    const AkaCheck check = check_aka(longer, *keys, number_in_nonce);
    EXPECT_EQ(check.verdict, AkaVerdict::genuine);
    EXPECT_EQ(check.sequence_number, number_in_nonce + 8);
}

TEST(Aka, NoncesThatAreNone) {
    const auto keys = aka_keys(key, operator_key);
    constexpr std::string_view texts[] = {"", "n", "????", "====", nonce.substr(0, 40)};
    for (const std::string_view text : texts) {
        EXPECT_FALSE(is_aka_nonce(text)) << text;
        EXPECT_EQ(check_aka(text, *keys, 0).verdict, AkaVerdict::not_genuine);
        EXPECT_EQ(aka_response(text, *keys), "");
    }
}

TEST(Aka, KeysAreThirtyTwoHexDigitsEach) {
    EXPECT_TRUE(aka_keys("5122250214C33E723A5DD523FC145FC0", operator_key));
    EXPECT_FALSE(aka_keys("", ""));
    EXPECT_FALSE(aka_keys(key, ""));
    EXPECT_FALSE(aka_keys(key.substr(1), operator_key));
    EXPECT_FALSE(aka_keys("x122250214c33e723a5dd523fc145fc0", operator_key));
}

}  // namespace
}  // namespace trunkline::sipstack
