#define OPENSSL_SUPPRESS_DEPRECATED
#include "sipstack/digest/hash.h"

#include <gtest/gtest.h>
#include <openssl/md5.h>

#include <array>

namespace trunkline::sipstack {
namespace {

TEST(DigestHash, IsLowerCaseHexOfEachAlgorithm) {
    EXPECT_EQ(hash_hex(DigestAlgorithm::md5, "abc"), "900150983cd24fb0d6963f7d28e17f72");
    EXPECT_EQ(hash_hex(DigestAlgorithm::sha256, "abc"),
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hash_hex(DigestAlgorithm::sha512_256, "abc"),
              "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23");
    EXPECT_EQ(hash_hex(DigestAlgorithm::md5, ""), "d41d8cd98f00b204e9800998ecf8427e");
}

TEST(DigestHash, JoinsPartsWithColons) {
    EXPECT_EQ(std::string(hash_joined(DigestAlgorithm::md5, {"a", "", "b"})),
              hash_hex(DigestAlgorithm::md5, "a::b"));
}

TEST(DigestHash, PartsOfAnyLengthAreHashedWhole) {
    // Around what is handed to OpenSSL at a time, and beyond it.
    for (const std::size_t size : {254, 255, 256, 257, 600}) {
        const std::string whole(size, 'x');
        EXPECT_EQ(std::string(hash_joined(DigestAlgorithm::sha256, {"a", whole, "b", whole})),
                  hash_hex(DigestAlgorithm::sha256, "a:" + whole + ":b:" + whole))
            << size;
    }
    // sha256sum of 1000 times 'y'.
    EXPECT_EQ(hash_hex(DigestAlgorithm::sha256, std::string(1000, 'y')),
              "7e33ae3f1e88ddf3291109cc366b12dcd8bf8fe77bec53009f200a76e4649c07");
}

// The fast path for short texts, and the way of the others behind it.
TEST(DigestHash, Md5OfEveryLengthIsThatOfOpenSsl) {
    std::string text;
    for (std::size_t size = 0; size < 600; ++size) {
        std::array<unsigned char, MD5_DIGEST_LENGTH> bytes;
        MD5(reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes.data());
        ASSERT_EQ(hash_hex(DigestAlgorithm::md5, text), to_hex(bytes)) << size;
        text += static_cast<char>('a' + size % 26);
    }
}

// T78
TEST(DigestHash, TokensAreKnownInAnyCase) {
    EXPECT_EQ(algorithm_from_token("md5"), DigestAlgorithm::md5);
    EXPECT_EQ(algorithm_from_token("Sha-256"), DigestAlgorithm::sha256);
    EXPECT_EQ(algorithm_from_token("SHA-512-256"), DigestAlgorithm::sha512_256);
    EXPECT_EQ(algorithm_from_token("MD5-sess"), std::nullopt);
    EXPECT_EQ(algorithm_from_token("SHA-512"), std::nullopt);
    EXPECT_EQ(algorithm_from_token(""), std::nullopt);
}

}  // namespace
}  // namespace trunkline::sipstack
