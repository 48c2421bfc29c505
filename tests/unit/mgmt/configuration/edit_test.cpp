#include "mgmt/configuration/edit.h"

#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/yaml_reader.h"
#include "mgmt/configuration/yaml_writer.h"

#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

class Edits : public testing::Test {
protected:
    std::string after(std::string_view yaml, std::vector<ConfigEdit> edits) {
        ConfigFaults faults;
        const auto root = apply_edits(canonical(read_yaml(yaml, "f.yaml", faults), catalogue_),
                                      edits, catalogue_);
        return root ? write_yaml(*canonical(*root, catalogue_), catalogue_)
                    : root.error().to_string();
    }
    static ConfigNode::Entry entry(const std::string& key, const std::string& text) {
        return {key, 0, 0, scalar_node(text)};
    }

    const Catalogue catalogue_ = built_in_catalogue();
    static constexpr std::string_view groups_ = "signaling_and_media.ip_groups";
    const std::string three_groups_ =
        "signaling_and_media: {ip_groups: [{name: a}, {name: b}, {name: c}]}\n";
};

TEST_F(Edits, SetAndLeaveOutSettings) {
    EXPECT_EQ(after("appliance: {hostname: one, shards: 2}\n",
                    {{"appliance", {}, {entry("hostname", "two")}, {"shards"}, false}}),
              "appliance:\n  hostname: two\n");
    EXPECT_EQ(after("appliance: {shards: 2}\n", {{"appliance", {}, {}, {"shards"}, false}}),
              "{}\n");
}

TEST_F(Edits, OfOneRowLeaveTheNumbersOfTheOthers) {
    EXPECT_EQ(
        after(three_groups_, {{std::string(groups_), {1}, {}, {}, true},
                              {std::string(groups_), {2}, {entry("contact_user", "x")}, {}, false},
                              {std::string(groups_), {7}, {entry("name", "g")}, {}, false}}),
        "signaling_and_media:\n"
        "  ip_groups:\n"
        "    - name: a\n"
        "    - row: 2\n"
        "      name: c\n"
        "      contact_user: x\n"
        "    - row: 7\n"
        "      name: g\n");
    EXPECT_EQ(after("signaling_and_media: {ip_groups: [{row: 3, name: d}]}\n",
                    {{std::string(groups_), {2}, {entry("name", "c")}, {}, false}}),
              "signaling_and_media:\n"
              "  ip_groups:\n"
              "    - row: 2\n"
              "      name: c\n"
              "    - name: d\n");
}

TEST_F(Edits, ReachRowsWithinRows) {
    const std::string table = "signaling_and_media.proxy_sets.proxy_addresses";
    EXPECT_EQ(after("signaling_and_media: {proxy_sets: [{row: 1, name: p}]}\n",
                    {{table, {1, 0}, {entry("address", "a.example")}, {}, false}}),
              "signaling_and_media:\n"
              "  proxy_sets:\n"
              "    - row: 1\n"
              "      name: p\n"
              "      proxy_addresses:\n"
              "        - address: a.example\n");
    EXPECT_EQ(after("{}\n", {{table, {1, 0}, {entry("address", "a.example")}, {}, false}}),
              "signaling_and_media.proxy_sets[1].proxy_addresses[0]: found row 1 of "
              "signaling_and_media.proxy_sets; allowed: a row that exists");
}

TEST_F(Edits, TellWhatDoesNotExist) {
    EXPECT_EQ(after(three_groups_, {{std::string(groups_), {5}, {}, {}, true}}),
              "signaling_and_media.ip_groups[5]: found row 5 of signaling_and_media.ip_groups; "
              "allowed: a row that exists");
    EXPECT_TRUE(after(three_groups_, {{"no.such", {}, {}, {}, false}})
                    .starts_with("no.such: found "
                                 "no such table"));
    EXPECT_TRUE(after(three_groups_, {{std::string(groups_), {0}, {entry("nam", "x")}, {}, false}})
                    .starts_with("signaling_and_media.ip_groups[0]: found parameter 'nam'"));
    EXPECT_TRUE(after(three_groups_, {{std::string(groups_), {}, {}, {}, false}})
                    .starts_with("signaling_and_media.ip_groups: found 0 row numbers"));
}

TEST(Edit, APartOfAValueLeavesTheOthers) {
    const Catalogue catalogue = built_in_catalogue();
    const auto after = [&](ConfigNodePtr root, const char* table, const char* parameter,
                           std::size_t part, const char* value) {
        ConfigEdit edit;
        edit.table = table;
        edit.rows = {0};
        edit.parts.push_back({parameter, part, value == nullptr ? nullptr : scalar_node(value)});
        return *apply_edits(root, std::span(&edit, 1), catalogue);
    };
    const auto text_at = [](const ConfigNodePtr& root, const char* path) {
        const ConfigNodePtr node = node_at(root, config_path(path));
        return node ? node->text : "";
    };
    const char* const interfaces = "ip_network.ip_interfaces";
    ConfigNodePtr root = after(map_node({}), interfaces, "address", 0, "192.0.2.9");
    root = after(root, interfaces, "address", 1, "24");
    EXPECT_EQ(text_at(root, "ip_network.ip_interfaces[0].address"), "192.0.2.9/24");
    root = after(root, interfaces, "address", 0, "2001:db8::9");
    EXPECT_EQ(text_at(root, "ip_network.ip_interfaces[0].address"), "2001:db8::9/24");
    const char* const groups = "signaling_and_media.gateway.trunk_groups";
    root = after(root, groups, "trunks", 1, "4");
    EXPECT_EQ(text_at(root, "signaling_and_media.gateway.trunk_groups[0].trunks"), "1-4")
        << "the first is the default's";
    const char* const members = "ip_network.ethernet_groups";
    ConfigEdit both{members, {0}, {}, {}, false, {}};
    both.parts = {{"members", 1, scalar_node("GE_2")}, {"members", 0, scalar_node("GE_1")}};
    root = *apply_edits(root, std::span(&both, 1), catalogue);
    EXPECT_EQ(text_at(root, "ip_network.ethernet_groups[0].members[1]"), "GE_2");
    root = after(root, members, "members", 0, nullptr);
    EXPECT_EQ(text_at(root, "ip_network.ethernet_groups[0].members[0]"), "GE_2");
}

}  // namespace
}  // namespace trunkline::mgmt
