#include "mgmt/cli/configurator.h"

#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/yaml_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::mgmt {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

class ConfiguratorTest : public testing::Test {
protected:
    /// The edits of a line; its error is a failure.
    std::vector<ConfigEdit> type(std::string_view line) {
        const auto step = configurator_.line(cli_words(line).value());
        EXPECT_TRUE(step.has_value()) << line << ": " << step.error();
        return step ? step->edits : std::vector<ConfigEdit>{};
    }
    std::string error_of(std::string_view line) {
        const auto step = configurator_.line(cli_words(line).value());
        return step ? "" : step.error();
    }
    std::string yaml_after(std::vector<ConfigEdit> edits) {
        const auto root = apply_edits(map_node({}), edits, catalogue_);
        return root ? write_yaml(**root, catalogue_) : root.error().to_string();
    }

    std::vector<std::string> words_after(std::string_view line) {
        const auto words = cli_words(line).value();
        return words_that_begin("", configurator_.choices(words));
    }

    const Catalogue catalogue_ = built_in_catalogue();
    const ModeTree modes_{catalogue_};
    Configurator configurator_{catalogue_, modes_};
};

TEST_F(ConfiguratorTest, GoesDownIntoRowsAndUpAgain) {
    EXPECT_TRUE(configurator_.is_outside());
    type("configure voip");
    EXPECT_EQ(configurator_.prompt(), "config-voip");
    type("proxy-set 1");
    EXPECT_EQ(configurator_.prompt(), "proxy-set-1");
    type("proxy-ip 0");
    EXPECT_EQ(configurator_.prompt(), "proxy-ip-1/0");
    type("exit");
    type("exit");
    type("sip-definition proxy-and-registration");
    EXPECT_EQ(configurator_.prompt(), "sip-def-proxy-and-reg");
    type("exit");
    type("exit");
    EXPECT_TRUE(configurator_.is_outside());
}

TEST_F(ConfiguratorTest, AppliesWithActivateOnTheWayInAndOnTheWayOut) {
    type("configure voip");
    EXPECT_THAT(type("ip-group 3"), IsEmpty());
    EXPECT_THAT(type("name \"my \\\"group\\\"\""), IsEmpty());
    EXPECT_THAT(type("contact-user x"), IsEmpty());
    EXPECT_EQ(configurator_.pending().size(), 1U);
    EXPECT_EQ(yaml_after(type("activate")),
              "signaling_and_media:\n"
              "  ip_groups:\n"
              "    - row: 3\n"
              "      name: my \"group\"\n"
              "      contact_user: x\n");
    EXPECT_THAT(type("activate"), IsEmpty());
    type("no contact-user");
    const auto edits = type("exit");
    ASSERT_EQ(edits.size(), 1U);
    EXPECT_THAT(edits[0].left_out, ElementsAre("contact_user"));
    EXPECT_THAT(type("ip-group 3"), IsEmpty());
    type("name y");
    type("abort");
    EXPECT_EQ(configurator_.prompt(), "config-voip");
    EXPECT_THAT(configurator_.pending(), IsEmpty());
}

TEST_F(ConfiguratorTest, ARowThatIsEnteredIsMadeWithItsDefaults) {
    type("configure voip");
    type("ip-group 0");
    EXPECT_EQ(yaml_after(type("exit")),
              "signaling_and_media:\n  ip_groups:\n    - name: IPGroup_0\n");
}

TEST_F(ConfiguratorTest, RemovesRows) {
    type("configure voip");
    const auto edits = type("no sip-definition account 7");
    ASSERT_EQ(edits.size(), 1U);
    EXPECT_TRUE(edits[0].removes_row);
    EXPECT_THAT(edits[0].rows, ElementsAre(7U));
    EXPECT_EQ(edits[0].table, "signaling_and_media.accounts");
}

TEST_F(ConfiguratorTest, TakesTheWordsThatTheFamilyUses) {
    type("configure voip");
    type("sip-definition proxy-and-registration");
    type("enable-registration on");
    type("enable-proxy 1");
    type("redundancy-mode homing");
    const std::string yaml = yaml_after(type("activate"));
    EXPECT_THAT(yaml, HasSubstr("enable_registration: true"));
    EXPECT_THAT(yaml, HasSubstr("redundancy_mode: homing"));
}

TEST_F(ConfiguratorTest, TakesAValueInItsPartsAsTheFamilyWritesThem) {
    type("configure network");
    type("interface network-if 1");
    type("ip-address 198.51.100.9");
    type("prefix-length 24");
    type("exit");
    type("ether-group 0");
    type("member1 \"GE_1\"");
    type("member2 \"GE_2\"");
    const std::string yaml = yaml_after(type("exit"));
    EXPECT_THAT(yaml, HasSubstr("members: [GE_1, GE_2]"));
    EXPECT_EQ(error_of("interface network-if 1"), "");
    EXPECT_THAT(error_of("prefix-length wide"), HasSubstr("found 'wide'; allowed: a number"));
    type("ip-address 198.51.100.9");
    type("prefix-length 24");
    EXPECT_THAT(yaml_after(type("activate")), HasSubstr("address: 198.51.100.9/24"));
}

TEST_F(ConfiguratorTest, WordsThatMeanOneThingHereMustAgree) {
    type("configure voip");
    type("proxy-set 0");
    type("gwipv4-sip-int-name \"SI_LAN\"");
    type("sbcipv4-sip-int-name \"SI_LAN\"");
    EXPECT_THAT(error_of("sbcipv6-sip-int-name \"SI_V6\""),
                HasSubstr("found 'SI_V6'; allowed: 'SI_LAN', as sbcipv4-sip-int-name says"));
    EXPECT_THAT(yaml_after(type("activate")), HasSubstr("sip_interface: SI_LAN"));
}

TEST_F(ConfiguratorTest, SaysWhatIsAllowed) {
    EXPECT_THAT(error_of("registration-time 3"),
                StartsWith("column 1: found 'registration-time'; allowed: configure"));
    type("configure voip");
    EXPECT_THAT(error_of("proxy-sets 1"), HasSubstr("did you mean 'proxy-set'?"));
    type("proxy-set 1");
    EXPECT_EQ(error_of("is-proxy-hot-swap maybe"), "is-proxy-hot-swap: allowed: enable, disable");
    EXPECT_THAT(error_of("proxy-name a b"), HasSubstr("allowed: one value"));
    EXPECT_EQ(configurator_.prompt(), "proxy-set-1");
}

TEST_F(ConfiguratorTest, RefusesAValueAsSoonAsItIsTyped) {
    type("configure voip");
    type("sip-definition proxy-and-registration");
    EXPECT_EQ(error_of("registration-time 5"),
              "registration-time: found 5; allowed: 10..2000000 s");
    EXPECT_THAT(error_of("registration-time soon"),
                StartsWith("registration-time: found 'soon'; allowed: 10..2000000 s"));
    EXPECT_THAT(type("activate"), IsEmpty());
    type("registration-time 600");
    EXPECT_THAT(yaml_after(type("activate")), HasSubstr("registration_time: 600"));
}

TEST_F(ConfiguratorTest, LeavesToTheWholeWhatAValueRefersTo) {
    type("configure voip");
    type("proxy-set 1");
    type("sbcipv4-sip-int-name \"of another day\"");
    EXPECT_THAT(type("activate"), testing::SizeIs(1));
}

TEST_F(ConfiguratorTest, OffersWhatMayComeNext) {
    EXPECT_THAT(words_after(""), ElementsAre("configure"));
    type("configure voip");
    EXPECT_THAT(words_after(""), Contains("sip-definition"));
    EXPECT_THAT(words_after("sip-definition"), Contains("account"));
    type("proxy-set 1");
    EXPECT_THAT(words_after(""), Contains("activate"));
    EXPECT_THAT(words_after("proxy-enable-keep-alive"), Contains("using-options"));
    EXPECT_THAT(words_after("proxy-enable-keep-alive"), Not(Contains("using-fake-register")));
}

}  // namespace
}  // namespace trunkline::mgmt
