#include "mgmt/configuration/compact.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trunkline::mgmt {
namespace {

/// Rows of a table as they are read: every value a node of its own.
ConfigNodePtr table(std::size_t rows) {
    std::vector<ConfigNodePtr> items;
    for (std::size_t row = 0; row < rows; ++row) {
        const int line = static_cast<int>(row) + 1;
        const std::string user = "user" + std::to_string(row);
        items.push_back(map_node({{"name", line, 1, scalar_node(user, line, 7)},
                                  {"proxy_set", line, 20, scalar_node("ITSP", line, 31)},
                                  {"user_name", line, 40, scalar_node(user, line, 51)}},
                                 line, 1));
    }
    return sequence_node(std::move(items), 1, 1);
}

TEST(Compact, SaysTheSameWithoutPlaces) {
    const ConfigNodePtr read = table(3);
    const ConfigNodePtr kept = compact(read);
    EXPECT_TRUE(same_content(*read, *kept));
    EXPECT_EQ(kept->nodes, read->nodes);
    const ConfigNode& row = *kept->items[2];
    EXPECT_EQ(row.line, 0);
    EXPECT_EQ(row.entries[0].line, 0);
    EXPECT_EQ(row.entries[0].value->line, 0);
}

TEST(Compact, SharesWhatAllRowsSayAndWhatOneSaysTwiceHoweverManyThereAre) {
    constexpr std::size_t many = 20'000;
    const ConfigNodePtr kept = compact(table(many));
    for (const std::size_t row : {std::size_t{0}, many - 1}) {
        const ConfigNode& map = *kept->items[row];
        EXPECT_EQ(map.entries[1].value, kept->items[0]->entries[1].value) << row;
        EXPECT_EQ(map.entries[2].value, map.entries[0].value) << row;
    }
}

}  // namespace
}  // namespace trunkline::mgmt
