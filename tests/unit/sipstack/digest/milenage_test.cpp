#include "sipstack/digest/milenage.h"

#include "sipstack/digest/aka.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace trunkline::sipstack {
namespace {

/// A test set of 3GPP TS 35.208 4.3, in hex.
struct TestSet {
    std::string_view key, random, sequence_number, management_field, operator_key;
    std::string_view f1, f1_star, f2, f3, f4, f5, f5_star;
};

constexpr TestSet test_sets[] = {
    {"465b5ce8b199b49faa5f0a2ee238a6bc", "23553cbe9637a89d218ae64dae47bf35", "ff9bb4d0b607", "b9b9",
     "cd63cb71954a9f4e48a5994e37a02baf", "4a9ffac354dfafb3", "01cfaf9ec4e871e9", "a54211d5e3ba50bf",
     "b40ba9a3c58b2a05bbf0d987b21bf8cb", "f769bcd751044604127672711c6d3441", "aa689c648370",
     "451e8beca43b"},
    {"0396eb317b6d1c36f19c1c84cd6ffd16", "c00d603103dcee52c4478119494202e8", "fd8eef40df7d", "af17",
     "53c15671c60a4b731c55b4a441c0bde2", "5df5b31807e258b0", "a8c016e51ef4a343", "d3a628ed988620f0",
     "58c433ff7a7082acd424220f2b67c556", "21a8c1f929702adb3e738488b9f5c5da", "c47783995f72",
     "30f1197061c1"},
    {"fec86ba6eb707ed08905757b1bb44b8f", "9f7c8d021accf4db213ccff0c7f71a6a", "9d0277595ffc", "725c",
     "1006020f0a478bf6b699f15c062e42b3", "9cabc3e99baf7281", "95814ba2b3044324", "8011c48c0c214ed2",
     "5dbdbb2954e8f3cde665b046179a5098", "59a92d3b476a0443487055cf88b2307b", "33484dc2136b",
     "deacdd848cc6"},
    {"9e5944aea94b81165c82fbf9f32db751", "ce83dbc54ac0274a157c17f80d017bd6", "0b604a81eca8", "9e09",
     "a64a507ae1a2a98bb88eb4210135dc87", "74a58220cba84c49", "ac2cc74a96871837", "f365cd683cd92e96",
     "e203edb3971574f5a94b0d61b816345d", "0c4524adeac041c4dd830d20854fc46b", "f0b9c08ad02e",
     "6085a86c6f63"},
    {"4ab1deb05ca6ceb051fc98e77d026a84", "74b0cd6031a1c8339b2b6ce2b8c4a186", "e880a1b580b6", "9f07",
     "dcf07cbd51855290b92a07a9891e523e", "49e785dd12626ef2", "9e85790336bb3fa2", "5860fc1bce351e7e",
     "7657766b373d1c2138f307e3de9242f9", "1c42e960d89b8fa99f2744e0708ccb53", "31e11a609118",
     "fe2555e54aa9"},
    {"6c38a116ac280c454f59332ee35c8c4f", "ee6466bc96202c5a557abbeff8babf63", "414b98222181", "4464",
     "3803ef5363b947c6aaa225e58fae3934", "078adfb488241a57", "80246b8d0186bcf1", "16c8233f05a0ac28",
     "3f8c7587fe8e4b233af676aede30ba3b", "a7466cc1e6b2a1337d49d3b66e95d7b4", "45b0f69ab06c",
     "1f53cd2b1113"},
};

template <std::size_t size>
std::array<uint8_t, size> bytes(std::string_view hex) {
    EXPECT_EQ(hex.size(), 2 * size);
    std::array<uint8_t, size> result{};
    for (std::size_t i = 0; i < size; ++i) {
        result[i] = static_cast<uint8_t>(std::stoi(std::string(hex.substr(2 * i, 2)), nullptr, 16));
    }
    return result;
}

// T107
TEST(Milenage, TestSetsOfTs35208) {
    for (const TestSet& set : test_sets) {
        SCOPED_TRACE(set.key);
        const AkaKeys keys{bytes<16>(set.key), bytes<16>(set.operator_key)};
        const AkaBlock random = bytes<16>(set.random);
        const MilenageMacs macs = milenage_macs(keys, random, bytes<6>(set.sequence_number),
                                                bytes<2>(set.management_field));
        EXPECT_EQ(macs.network, bytes<8>(set.f1));
        EXPECT_EQ(macs.resynchronisation, bytes<8>(set.f1_star));
        const MilenageVector vector = milenage(keys, random);
        EXPECT_EQ(vector.response, bytes<8>(set.f2));
        EXPECT_EQ(vector.cipher_key, bytes<16>(set.f3));
        EXPECT_EQ(vector.integrity_key, bytes<16>(set.f4));
        EXPECT_EQ(vector.anonymity_key, bytes<6>(set.f5));
        EXPECT_EQ(vector.resynchronisation, bytes<6>(set.f5_star));
    }
}

}  // namespace
}  // namespace trunkline::sipstack
