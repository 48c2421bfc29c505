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

}  // namespace
}  // namespace trunkline::mgmt
