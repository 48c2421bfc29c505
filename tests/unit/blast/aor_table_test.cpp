#include "tools/blast/aor_table.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace trunkline::blast {
namespace {

TEST(AorTable, FindsWhatItMade) {
    AorTable table(1000);
    for (int i = 0; i < 1000; ++i) {
        const std::string name = "user" + std::to_string(i) + "@lab.example";
        ASSERT_NE(table.get(text_hash(name), name), nullptr);
    }
    EXPECT_EQ(table.size(), 1000u);
    for (int i = 0; i < 1000; ++i) {
        const std::string name = "user" + std::to_string(i) + "@lab.example";
        table.prefetch_slot(text_hash(name));
        table.prefetch_record(text_hash(name));
        EXPECT_EQ(table.get(text_hash(name), name), &table.at(static_cast<std::size_t>(i)));
        EXPECT_EQ(table.name(static_cast<std::size_t>(i)), name);
    }
    EXPECT_EQ(table.find(text_hash("nobody@lab.example")), nullptr);
}

TEST(AorTable, KeepsAMillion) {
    constexpr uint32_t count = 1'000'000;
    AorTable table(count);
    const auto name_of = [](uint32_t number) { return "u" + std::to_string(number) + "@lab"; };
    for (uint32_t i = 0; i < count; ++i) {
        const std::string name = name_of(i);
        table.get(text_hash(name), name)->cseq = i;
    }
    ASSERT_EQ(table.size(), count);
    EXPECT_EQ(table.get(text_hash("one more"), "one more"), nullptr);
    for (uint32_t i = 0; i < count; i += 7) {
        const Aor* aor = table.find(text_hash(name_of(i)));
        ASSERT_NE(aor, nullptr) << i;
        ASSERT_EQ(aor->cseq, i);
    }
    EXPECT_EQ(table.name(count - 1), name_of(count - 1));
}

TEST(AorTable, KeysThatShareASlotStayApart) {
    AorTable table(4);
    Aor* first = table.get(0x10, "a");
    Aor* same_slot = table.get(0x20, "b");
    Aor* same_tag = table.get(uint64_t{1} << 40 | 0x10, "c");
    EXPECT_EQ(std::set({first, same_slot, same_tag}).size(), 3u);
    EXPECT_EQ(table.find(0x20), same_slot);
    EXPECT_EQ(table.find(uint64_t{1} << 40 | 0x10), same_tag);
}

TEST(AorTable, AFullTableMakesNoMore) {
    AorTable table(2);
    Aor* first = table.get(1, "a");
    table.get(2, "b");
    EXPECT_EQ(table.get(3, "c"), nullptr);
    EXPECT_EQ(table.get(1, "a"), first);
}

TEST(TextHash, PartsTextsThatDifferAnywhere) {
    std::set<uint64_t> hashes;
    const std::string text = "sip:0123456789abcdef@lab";
    hashes.insert(text_hash(text));
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::string other = text;
        other[i] ^= 1;
        hashes.insert(text_hash(other));
        hashes.insert(text_hash(text.substr(0, i)));
    }
    hashes.insert(text_hash(text + '\0'));
    EXPECT_EQ(hashes.size(), 2 * text.size() + 2);
}

}  // namespace
}  // namespace trunkline::blast
