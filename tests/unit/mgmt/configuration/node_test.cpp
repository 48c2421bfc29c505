#include "mgmt/configuration/node.h"

#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

ConfigNodePtr tree() {
    ConfigNodePtr root = map_node({});
    root = with_node(root, config_path("a.list[0].name"), scalar_node("first"));
    root = with_node(root, config_path("a.list[1].name"), scalar_node("second"));
    return with_node(root, config_path("b"), scalar_node("1"));
}

std::string text_at(const ConfigNodePtr& root, std::string_view path) {
    const ConfigNodePtr node = node_at(root, config_path(path));
    return node ? node->text : "(nothing)";
}

TEST(ConfigPath, IsReadAsItIsWritten) {
    for (const char* text : {"a", "a.b", "a.list[2].name", "a[0][1].b", "[3].x", ""}) {
        EXPECT_EQ(to_text(config_path(text)), text);
    }
}

TEST(ConfigPath, WithoutAPositionInBracketsIsAKey) {
    EXPECT_EQ(config_path("a[x]").size(), 2U);
    EXPECT_EQ(std::get<std::string>(config_path("a[x]")[1]), "[x]");
    EXPECT_EQ(std::get<std::string>(config_path("a[1")[1]), "[1");
}

TEST(ConfigNode, IsMadeWhereAPathLeads) {
    EXPECT_EQ(text_at(tree(), "a.list[1].name"), "second");
    EXPECT_EQ(text_at(tree(), "a.list[2].name"), "(nothing)");
    EXPECT_EQ(text_at(tree(), "b.c"), "(nothing)");
}

TEST(ConfigNode, AnEditLeavesTheTreeBeforeItAndSharesTheRest) {
    const ConfigNodePtr before = tree();
    const ConfigNodePtr after =
        with_node(before, config_path("a.list[0].name"), scalar_node("other"));
    EXPECT_EQ(text_at(before, "a.list[0].name"), "first");
    EXPECT_EQ(text_at(after, "a.list[0].name"), "other");
    EXPECT_EQ(node_at(after, config_path("a.list[1]")), node_at(before, config_path("a.list[1]")));
    EXPECT_EQ(after->nodes, before->nodes);
}

TEST(ConfigNode, WhatStandsInTheWayIsReplaced) {
    const ConfigNodePtr root = with_node(tree(), config_path("b.c"), scalar_node("2"));
    EXPECT_EQ(text_at(root, "b.c"), "2");
}

TEST(ConfigNode, TakesOutARowAndWhatBecomesEmpty) {
    ConfigNodePtr root = without_node(tree(), config_path("a.list[0]"));
    EXPECT_EQ(text_at(root, "a.list[0].name"), "second");
    root = without_node(root, config_path("a.list[0].name"));
    EXPECT_EQ(node_at(root, config_path("a")), nullptr);
    EXPECT_EQ(text_at(root, "b"), "1");
    EXPECT_EQ(without_node(root, config_path("no.such[7]")), root);
}

TEST(ConfigNode, SaysTheSameWhateverTheOrderAndThePlace) {
    const ConfigNodePtr left =
        map_node({{"x", 1, 1, scalar_node("1", 1, 4)}, {"y", 2, 1, scalar_node("2", 2, 4)}});
    const ConfigNodePtr right =
        map_node({{"y", 0, 0, scalar_node("2")}, {"x", 0, 0, scalar_node("1")}});
    EXPECT_TRUE(same_content(*left, *right));
    EXPECT_FALSE(same_content(*left, *with_node(right, config_path("x"), scalar_node("2"))));
    EXPECT_FALSE(same_content(*left, *with_node(right, config_path("z"), scalar_node("2"))));
    EXPECT_FALSE(same_content(*sequence_node({scalar_node("1"), scalar_node("2")}),
                              *sequence_node({scalar_node("2"), scalar_node("1")})));
}

}  // namespace
}  // namespace trunkline::mgmt
