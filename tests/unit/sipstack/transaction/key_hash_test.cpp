#include "sipstack/transaction/key_hash.h"

#include "sipstack/random.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace trunkline::sipstack {
namespace {

std::vector<std::string> texts_that_differ_in_one_character() {
    std::vector<std::string> texts;
    for (std::size_t size = 1; size < 40; ++size) {
        texts.emplace_back(size, 'a');
        for (std::size_t at = 0; at < size; ++at) {
            texts.emplace_back(size, 'a').at(at) = 'b';
        }
    }
    return texts;
}

TEST(KeyHash, EachCharacterAndTheLengthCount) {
    const KeyHash hash(17);
    std::set<uint64_t> values{hash("")};
    const auto texts = texts_that_differ_in_one_character();
    for (const std::string& text : texts) {
        EXPECT_EQ(hash(text), hash(std::string(text)));
        values.insert(hash(text));
    }
    EXPECT_EQ(values.size(), texts.size() + 1);
}

/// Bytes behind the text do not count, nor where it lies.
TEST(KeyHash, IsOfTheTextAlone) {
    const KeyHash hash(17);
    const std::string text = "..z9hG4bKtl00c1a5cf2f2a8a4b5d9a0b3c4d..";
    for (std::size_t size = 0; size + 2 < text.size(); ++size) {
        const std::string_view inside = std::string_view(text).substr(2, size);
        EXPECT_EQ(hash(inside), hash(std::string(inside))) << size;
    }
}

/// How many of the texts share the bucket that most share, of as many buckets as texts.
std::size_t largest_crowd(const std::vector<std::string>& texts, uint64_t secret) {
    const KeyHash hash(secret);
    std::vector<std::size_t> buckets(1024);
    std::size_t most = 0;
    for (const std::string& text : texts) {
        most = std::max(most, ++buckets[hash(text) & (buckets.size() - 1)]);
    }
    return most;
}

/// Whoever knows one secret can choose such texts; under another they are spread as any.
TEST(KeyHash, TextsThatShareABucketAreSpreadUnderAnotherSecret) {
    Random random(Random::seed_from(5));
    const KeyHash known(17);
    std::vector<std::string> texts;
    while (texts.size() < 1024) {
        std::string text = "z9hG4bK" + random.hex(24);
        if ((known(text) & 1023) == 0) {
            texts.push_back(std::move(text));
        }
    }
    EXPECT_EQ(largest_crowd(texts, 17), texts.size());
    for (int i = 0; i < 20; ++i) {
        EXPECT_LT(largest_crowd(texts, random.next()), 16U);
    }
}

TEST(KeyHash, TextsThatCountUpAreSpread) {
    Random random(Random::seed_from(5));
    std::vector<std::string> texts;
    for (int i = 0; i < 1024; ++i) {
        texts.push_back("z9hG4bK-" + std::to_string(i));
    }
    for (int i = 0; i < 20; ++i) {
        EXPECT_LT(largest_crowd(texts, random.next()), 24U);
    }
}

}  // namespace
}  // namespace trunkline::sipstack
