#include "sipstack/transport/stun.h"

#include "tests/unit/sipstack/transport/stun_message.h"

#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

using testing::stun_attribute;
using testing::stun_message;
using testing::stun_number;
using testing::stun_success;
using testing::xor_mapped;

std::string from_hex(std::string_view digits) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
        bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
    }
    return bytes;
}

// RFC 5769 2.2 and 2.3.
const std::string ipv4_vector = from_hex(
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147"
    "e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96");
const std::string ipv6_vector = from_hex(
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a147"
    "0113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004"
    "c8fb0b4c");
const StunTransactionId vector_id{0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
                                  0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};

const StunTransactionId id{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
const dataplane::Endpoint mapped{dataplane::IpAddress::v4(0xcb007105), 40'000};

// T126
TEST(Stun, ReadsTheSampleAnswersOfRfc5769) {
    for (const auto& [bytes, endpoint] :
         {std::pair{ipv4_vector, "192.0.2.1:32853"},
          std::pair{ipv6_vector, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"}}) {
        const auto answer = read_stun_answer(bytes);
        ASSERT_TRUE(answer) << endpoint;
        EXPECT_EQ(answer->id, vector_id);
        EXPECT_EQ(answer->error_code, 0);
        ASSERT_TRUE(answer->mapped);
        EXPECT_EQ(answer->mapped->to_string(), endpoint);
    }
}

TEST(Stun, AFingerprintThatDoesNotFitSpoilsTheAnswer) {
    // Whichever byte is another one; with another type it would be no FINGERPRINT.
    const std::size_t type = ipv4_vector.size() - 8;
    for (std::size_t at = 0; at < ipv4_vector.size(); at += at + 1 == type ? 3 : 1) {
        std::string spoilt = ipv4_vector;
        spoilt[at] ^= 1;
        EXPECT_FALSE(read_stun_answer(spoilt)) << at;
    }
}

TEST(Stun, ABindingRequestIsAHeaderAlone) {
    EXPECT_EQ(stun_binding_request(id), from_hex("000100002112a4420102030405060708090a0b0c"));
    EXPECT_TRUE(is_stun(stun_binding_request(id)));
    EXPECT_EQ(stun_transaction_id(stun_binding_request(id)), id);
    EXPECT_FALSE(read_stun_answer(stun_binding_request(id))) << "a request answers nothing";
}

TEST(Stun, IsToldFromSipByItsFirstBitsAndCookie) {
    EXPECT_FALSE(is_stun("OPTIONS sip:a@b SIP/2.0\r\n\r\n"));
    EXPECT_FALSE(is_stun("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n"));
    EXPECT_FALSE(is_stun(stun_binding_request(id).substr(0, 19)));
    EXPECT_FALSE(is_stun(""));
    std::string other = stun_binding_request(id);
    other[0] = '\x40';
    EXPECT_FALSE(is_stun(other));
}

TEST(Stun, TakesMappedAddressWhereThereIsNoOther) {
    const std::string request = stun_binding_request(id);
    const std::string plain = stun_attribute(
        0x0001, std::string("\0\1", 2) + stun_number(5060, 2) + stun_number(0xc0000263, 4));
    const auto old = read_stun_answer(stun_message(0x0101, request, plain));
    ASSERT_TRUE(old && old->mapped);
    EXPECT_EQ(old->mapped->to_string(), "192.0.2.99:5060");
    for (const std::string& both : {plain + xor_mapped(mapped), xor_mapped(mapped) + plain}) {
        EXPECT_EQ(read_stun_answer(stun_message(0x0101, request, both))->mapped, mapped);
    }
}

TEST(Stun, ReadsAnErrorsCode) {
    const std::string request = stun_binding_request(id);
    const auto answer = [&](const std::string& attributes) {
        return read_stun_answer(stun_message(0x0111, request, attributes));
    };
    const auto error = answer(stun_attribute(0x0009, std::string("\0\0\5\0", 4) + "Server Error"));
    ASSERT_TRUE(error);
    EXPECT_EQ(error->error_code, 500);
    EXPECT_EQ(error->mapped, std::nullopt);
    EXPECT_FALSE(answer("")) << "an error without a code";
    EXPECT_FALSE(answer(stun_attribute(0x0009, std::string("\0\0\2\0", 4))));
    EXPECT_FALSE(answer(stun_attribute(0x0009, std::string("\0\0\5\x64", 4))));
    EXPECT_FALSE(answer(stun_attribute(0x0009, "x")));
}

TEST(Stun, AnUnknownAttributeThatMustBeUnderstoodSpoilsTheAnswer) {
    const std::string request = stun_binding_request(id);
    const std::string good = xor_mapped(mapped);
    EXPECT_TRUE(
        read_stun_answer(stun_message(0x0101, request, good + stun_attribute(0x8123, "x"))));
    EXPECT_FALSE(
        read_stun_answer(stun_message(0x0101, request, good + stun_attribute(0x0123, "x"))));
}

TEST(Stun, LengthsThatDoNotFitAreNoAnswer) {
    const std::string whole = stun_success(stun_binding_request(id), mapped);
    ASSERT_TRUE(read_stun_answer(whole));
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(read_stun_answer(whole.substr(0, size))) << size;
    }
    EXPECT_FALSE(read_stun_answer(whole + std::string(4, '\0')));
    std::string endless = whole;
    endless[22] = '\x7f';  // the attribute's length
    EXPECT_FALSE(read_stun_answer(endless));
}

}  // namespace
}  // namespace trunkline::sipstack
