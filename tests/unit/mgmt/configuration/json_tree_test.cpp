#include "mgmt/configuration/json_tree.h"

#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/yaml_reader.h"
#include "samples.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;

ConfigNodePtr read(std::string_view text) {
    ConfigFaults faults;
    ConfigNodePtr root = read_yaml(text, "f.yaml", faults);
    EXPECT_TRUE(faults.empty());
    return root;
}

TEST(JsonTree, HasTheTypesOfTheCatalogueAndNoSecret) {
    const Catalogue catalogue = built_in_catalogue();
    const ConfigNodePtr root =
        canonical(read("ip_network: {ip_interfaces: [{row: 2, name: '7', application_types: "
                       "[media, control]}]}\n"
                       "signaling_and_media:\n"
                       "  accounts: [{name: a, password: x, udp_port_assignment: true}]\n"
                       "  sip_definitions: {proxy_and_registration: {registration_time: 120}}\n"),
                  catalogue);
    EXPECT_EQ(to_json(*root, catalogue, ""), json::parse(R"({
        "ip_network": {"ip_interfaces": [
            {"row": 2, "name": "7", "application_types": ["media", "control"]}]},
        "signaling_and_media": {
            "accounts": [{"name": "a", "password": {"set": true}, "udp_port_assignment": true}],
            "sip_definitions": {"proxy_and_registration": {"registration_time": 120}}}})"));
}

TEST(JsonTree, ComesBackTheSameWithItsSecrets) {
    const Catalogue catalogue = built_in_catalogue();
    const ConfigNodePtr root = canonical(read(small_config), catalogue);
    const auto back = from_json(to_json(*root, catalogue, ""));
    ASSERT_TRUE(back.has_value());
    const ConfigNodePtr whole = with_kept_secrets(*back, root);
    EXPECT_TRUE(same_content(*canonical(whole, catalogue), *root));
}

TEST(JsonTree, ASecretThatIsNotThereIsLeftOut) {
    const auto node = from_json(json::parse(R"({"name": "a", "password": {"set": true}})"));
    EXPECT_EQ(with_kept_secrets(*node, nullptr)->find("password"), nullptr);
}

TEST(JsonTree, NullLeavesOutAndWhatIsNoTextIsRefused) {
    const auto node = from_json(json::parse(R"({"a": null, "b": -1})"));
    ASSERT_TRUE(node.has_value());
    EXPECT_EQ((*node)->find("a"), nullptr);
    EXPECT_EQ((*node)->find("b")->text, "-1");
    EXPECT_EQ(from_json(json::parse(R"({"a": [1, null]})")).error().to_string(),
              "/a/1: found null in an array; allowed: an object, an array, a text, a whole number, "
              "a truth value");
    EXPECT_EQ(from_json(json::parse(R"({"a": 1.5})")).error().to_string(),
              "/a: found 1.5; allowed: an object, an array, a text, a whole number, a truth value");
}

}  // namespace
}  // namespace trunkline::mgmt
