#include "mgmt/configuration/difference.h"

#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> told(std::string_view before, std::string_view after) {
    const Catalogue catalogue = built_in_catalogue();
    ConfigFaults faults;
    const auto read = [&](std::string_view text) {
        return canonical(read_yaml(text, "f.yaml", faults), catalogue);
    };
    std::vector<std::string> lines;
    for (const auto& one : difference(*read(before), *read(after), catalogue)) {
        lines.push_back(one.to_string());
    }
    EXPECT_TRUE(faults.empty());
    return lines;
}

TEST(Difference, TellsParametersThatCameWentAndChanged) {
    EXPECT_THAT(
        told("appliance: {hostname: one}\n"
             "signaling_and_media:\n"
             "  sip_definitions:\n"
             "    proxy_and_registration: {registration_time: 120, proxy_name: a.example}\n",
             "appliance: {hostname: two}\n"
             "signaling_and_media:\n"
             "  sip_definitions:\n"
             "    proxy_and_registration: {registration_time: 240, gateway_name: b.example}\n"),
        ElementsAre("~ appliance.hostname: one -> two (after a reset)",
                    "- signaling_and_media.sip_definitions.proxy_and_registration.proxy_name: "
                    "a.example",
                    "+ signaling_and_media.sip_definitions.proxy_and_registration.gateway_name: "
                    "b.example",
                    "~ signaling_and_media.sip_definitions.proxy_and_registration."
                    "registration_time: 120 -> 240"));
}

TEST(Difference, KnowsRowsByTheirNumbers) {
    EXPECT_THAT(told("signaling_and_media:\n"
                     "  accounts: [{name: a}, {name: b, register: regular}, {name: c}]\n",
                     "signaling_and_media:\n"
                     "  accounts: [{name: a}, {row: 2, name: c, password: x}, {name: d}]\n"),
                ElementsAre("- signaling_and_media.accounts[1] b",
                            "+ signaling_and_media.accounts[2].password: (a secret)",
                            "+ signaling_and_media.accounts[3] d"));
}

TEST(Difference, NeverShowsASecret) {
    EXPECT_THAT(
        told("signaling_and_media: {accounts: [{name: a, password: old}]}\n",
             "signaling_and_media: {accounts: [{name: a, password: {file: new}}]}\n"),
        ElementsAre("~ signaling_and_media.accounts[0].password: (a secret) -> (a secret)"));
}

TEST(Difference, IsNoneWhereTheSameIsSaidOtherwise) {
    EXPECT_THAT(told("appliance: {shards: 1, hostname: x}\n", "appliance: {hostname: x}\n"),
                IsEmpty());
}

}  // namespace
}  // namespace trunkline::mgmt
