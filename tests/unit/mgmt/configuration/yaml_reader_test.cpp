#include "mgmt/configuration/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace trunkline::mgmt {
namespace {

using testing::HasSubstr;

std::string faults_of(std::string_view text) {
    ConfigFaults faults;
    read_yaml(text, "f.yaml", faults);
    std::string told;
    for (const ConfigFault& fault : faults) {
        told += fault.to_string() + "\n";
    }
    return told;
}

ConfigNodePtr read(std::string_view text) {
    ConfigFaults faults;
    ConfigNodePtr root = read_yaml(text, "f.yaml", faults);
    EXPECT_TRUE(faults.empty()) << faults.front().to_string();
    return root;
}

TEST(YamlReader, NodesKnowTheirPlaces) {
    const ConfigNodePtr root = read("a: 1\nb:\n  - x\n  - {c: d}\n");
    EXPECT_EQ(root->entries[1].key, "b");
    EXPECT_EQ(root->entries[1].line, 2);
    const ConfigNode* list = root->find("b");
    ASSERT_NE(list, nullptr);
    EXPECT_EQ(list->items[0]->text, "x");
    EXPECT_EQ(list->items[0]->line, 3);
    EXPECT_EQ(list->items[0]->column, 5);
    EXPECT_EQ(list->items[1]->find("c")->text, "d");
    EXPECT_EQ(root->find("nothing"), nullptr);
}

TEST(YamlReader, ColumnsCountBytes) {
    EXPECT_EQ(read("{ä: 1, b: 2}")->find("b")->column, 12);
}

TEST(YamlReader, NullIsAWordOrNothing) {
    const ConfigNodePtr root = read("{a: null, b: , c: ~, d: \"null\", e: Null}");
    EXPECT_EQ(root->find("a")->kind, ConfigNode::Kind::nothing);
    EXPECT_EQ(root->find("a")->text, "null");
    EXPECT_EQ(root->find("b")->text, "");
    EXPECT_EQ(root->find("c")->text, "");
    EXPECT_EQ(root->find("d")->kind, ConfigNode::Kind::scalar);
    EXPECT_EQ(root->find("e")->text, "null");
    EXPECT_EQ(read("vdev: null\n")->find("vdev")->text, "null");
    EXPECT_EQ(read("vdev: null # none\n")->find("vdev")->text, "null");
}

TEST(YamlReader, MissingValueIsNotTakenFromTheNextLine) {
    for (const char* text : {"vdev:\nnull_: 1\n", "vdev:\nnull: 1\n", "vdev:\nnull : 1\n"}) {
        const ConfigNodePtr root = read(text);
        EXPECT_EQ(root->find("vdev")->text, "") << text;
        EXPECT_EQ(root->find("vdev")->line, 1) << text;
    }
}

TEST(YamlReader, EmptyTextIsNothing) {
    EXPECT_EQ(read("")->kind, ConfigNode::Kind::nothing);
    EXPECT_EQ(read("\xef\xbb\xbf# only a comment\n")->kind, ConfigNode::Kind::nothing);
}

TEST(YamlReader, SyntaxErrorsHaveAPlace) {
    EXPECT_THAT(faults_of("a: 1\nb: [1, 2\nc: 3\n"), HasSubstr("f.yaml:3:"));
    EXPECT_THAT(faults_of("a: 1\n b: 2\n"), HasSubstr("found a YAML syntax error: "));
    EXPECT_THAT(faults_of("a: *nobody\n"), HasSubstr("f.yaml:1:4: found a YAML syntax error: "));
    EXPECT_THAT(faults_of("a:\n\t- b\n"), HasSubstr("f.yaml:2:2: found a YAML syntax error"));
}

TEST(YamlReader, KeysTwiceAreFaultsEachAndTheFirstStays) {
    EXPECT_EQ(
        faults_of("a: 1\nb: {c: 1, c: 2}\na: 3\n"),
        "f.yaml:2:11: found key 'c' a second time; allowed: each key once; it stands in line "
        "2 already\n"
        "f.yaml:3:1: found key 'a' a second time; allowed: each key once; it stands in line 1 "
        "already\n");
    ConfigFaults faults;
    EXPECT_EQ(read_yaml("a: 1\na: 2\n", "f.yaml", faults)->find("a")->text, "1");
}

TEST(YamlReader, WhatIsNoTextIsRefused) {
    EXPECT_EQ(faults_of("a: \x04"
                        "b"),
              "f.yaml:1:4: found byte 0x04; allowed: UTF-8 text without control characters; save "
              "the file as UTF-8, or take the byte out\n");
    EXPECT_THAT(faults_of(std::string_view("a: b\n\0c: d", 10)),
                HasSubstr("f.yaml:2:1: found byte 0x00"));
    for (const char* broken : {"\xff", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
                               "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "\xe2\x82", "\x80"}) {
        EXPECT_THAT(faults_of("a: " + std::string(broken)), HasSubstr("f.yaml:1:4: found byte 0x"));
    }
    EXPECT_EQ(faults_of("a: \xc3\xa4 \xe2\x82\xac \xf0\x9f\x93\x9e\r\n"), "");
}

TEST(YamlReader, TextsBeyondTheLimitAreRefused) {
    EXPECT_EQ(faults_of(std::string(largest_yaml_text + 1, '#')),
              "f.yaml: found 16777217 bytes; allowed: at most 16777216 bytes\n");
}

TEST(YamlReader, DeepNestingIsRefused) {
    for (const std::string open : {"[", "{a: ", "- ", "? "}) {
        std::string bomb;
        for (int level = 0; level < 100'000; ++level) {
            bomb += open;
        }
        EXPECT_NE(faults_of(bomb), "") << open;
    }
    EXPECT_THAT(faults_of(std::string(25, '[') + std::string(25, ']')),
                HasSubstr("f.yaml:1:25: found nesting deeper than anything here needs"));
    EXPECT_EQ(faults_of(std::string(24, '[') + std::string(24, ']')), "");
}

TEST(YamlReader, AliasBombsAreRefused) {
    std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int level = 1; level < 12; ++level) {
        const std::string below = "*a" + std::to_string(level - 1);
        bomb += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [";
        for (int at = 0; at < 10; ++at) {
            bomb += (at > 0 ? ", " : "") + below;
        }
        bomb += "]\n";
    }
    EXPECT_THAT(faults_of(bomb), HasSubstr("found more values than can be read"));
}

TEST(YamlReader, AliasOfItselfIsRefused) {
    EXPECT_THAT(faults_of("a: &a [*a]\n"),
                HasSubstr("f.yaml:1:8: found an alias (*) of a node that holds it"));
}

TEST(YamlReader, AliasesShareTheNode) {
    const ConfigNodePtr root = read("a: &x {b: c}\nd: *x\n");
    EXPECT_EQ(root->find("a"), root->find("d"));
}

TEST(YamlReader, OneDocumentIsReadAndNamesAreKeys) {
    EXPECT_THAT(faults_of("a: 1\n---\nb: 2\n"), HasSubstr("found a second YAML document"));
    EXPECT_THAT(faults_of("? [a]\n: b\n"), HasSubstr("found a list or map as a key"));
    EXPECT_THAT(faults_of("x: &k {a: b}\n*k : c\n"), HasSubstr("found a list or map as a key"));
}

}  // namespace
}  // namespace trunkline::mgmt
