#include "mgmt/configuration/store.h"

#include "mgmt/configuration/canonical.h"
#include "mgmt/configuration/yaml_reader.h"
#include "samples.h"
#include "tests/temporary_folder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sstream>

namespace trunkline::mgmt {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ConfigurationStoreTest : public testing::Test {
protected:
    ConfigurationStoreTest() {
        file_ = folder_ + "/config.yaml";
        std::ofstream(file_) << small_config;
    }

    ConfigNodePtr read(const std::string& text) const {
        ConfigFaults faults;
        ConfigNodePtr root = read_yaml(text, "f.yaml", faults);
        EXPECT_TRUE(faults.empty());
        return root;
    }
    ConfigurationStore store() {
        ConfigurationStore::Options options;
        options.startup_file = file_;
        options.folder = folder_;
        options.act = [this](const ApplianceConfig& config, const ConfigurationStore::Done& done) {
            acted_.push_back(config);
            done({.added = 1, .removed = 2, .kept = 3});
        };
        options.clock = [] { return std::chrono::system_clock::time_point{}; };
        options.activity = [this](const std::string& line) { activity_.push_back(line); };
        return ConfigurationStore(catalogue_, read(small_config), std::move(options));
    }
    static std::expected<std::vector<ConfigDifference>, ConfigRefusal> carry_out(
        ConfigurationStore& store, std::expected<ConfigPlan, ConfigRefusal> plan,
        const std::string& who) {
        if (!plan) {
            return std::unexpected(plan.error());
        }
        const auto differences = plan->differences;
        std::size_t done = 0;
        EXPECT_TRUE(store.carry_out(*std::move(plan), who, [&](auto) { ++done; }));
        EXPECT_EQ(done, 1U);
        return differences;
    }
    static std::expected<std::vector<ConfigDifference>, ConfigRefusal> apply(
        ConfigurationStore& store, const ConfigNodePtr& root, const std::string& who,
        std::optional<uint64_t> based_on = std::nullopt) {
        return carry_out(store, store.plan({root, {}, {}}, "", based_on), who);
    }
    /// small_config with another user of the account.
    ConfigNodePtr with_user(const std::string& user) const {
        return read(replaced(small_config, "user_name: office", "user_name: " + user));
    }
    static std::string text(const std::string& path) {
        std::stringstream all;
        all << std::ifstream(path).rdbuf();
        return all.str();
    }

    const Catalogue catalogue_ = built_in_catalogue();
    const tests::TemporaryFolder temporary_;
    std::string folder_ = temporary_.path();
    std::string file_;
    std::vector<ApplianceConfig> acted_;
    std::vector<std::string> activity_;
};

TEST_F(ConfigurationStoreTest, AppliesWhatIsRightAndTellsWhoChangedWhat) {
    ConfigurationStore store = this->store();
    EXPECT_EQ(store.revision(), 1U);
    EXPECT_FALSE(store.save_needed());
    const auto changed = apply(store, with_user("other"), "admin (CLI)");
    ASSERT_TRUE(changed.has_value());
    ASSERT_EQ(acted_.size(), 1U);
    EXPECT_EQ(acted_[0].sip.accounts[0].user_name, "other");
    EXPECT_EQ(store.revision(), 2U);
    EXPECT_TRUE(store.save_needed());
    EXPECT_FALSE(store.reset_needed());
    EXPECT_THAT(activity_, ElementsAre("admin (CLI): ~ signaling_and_media.accounts[0].user_name: "
                                       "office -> other"));
}

TEST_F(ConfigurationStoreTest, AppliesNothingOfWhatIsWrong) {
    ConfigurationStore store = this->store();
    const ConfigNodePtr before = store.running();
    const auto refused =
        apply(store,
              read(replaced(replaced(small_config, "user_name: office", "user_name: other"),
                            "register: regular", "register: regulr")),
              "admin");
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().faults.front().to_string(), HasSubstr("did you mean 'regular'?"));
    EXPECT_THAT(acted_, IsEmpty());
    EXPECT_THAT(activity_, IsEmpty());
    EXPECT_EQ(store.running(), before);
    EXPECT_EQ(store.revision(), 1U);
}

/// The files that it names may have changed.
TEST_F(ConfigurationStoreTest, ActsAgainWhereNothingChangesAndIsNoChange) {
    ConfigurationStore store = this->store();
    EXPECT_TRUE(apply(store, read(small_config), "admin").value().empty());
    EXPECT_EQ(acted_.size(), 1U);
    EXPECT_EQ(store.revision(), 1U);
    EXPECT_THAT(activity_, IsEmpty());
    EXPECT_TRUE(store.changes().empty());
}

TEST_F(ConfigurationStoreTest, DoesNotCarryOutWhatWasPlannedBeforeAnotherChange) {
    ConfigurationStore store = this->store();
    auto late = store.plan({with_user("late"), {}, {}}, "");
    ASSERT_TRUE(late.has_value());
    ASSERT_TRUE(apply(store, with_user("early"), "anna").has_value());
    EXPECT_FALSE(store.carry_out(*std::move(late), "bert", [](auto) { FAIL(); }));
    EXPECT_EQ(acted_.back().sip.accounts[0].user_name, "early");
    EXPECT_EQ(acted_.size(), 1U);
}

TEST_F(ConfigurationStoreTest, TellsTheRegistrationsThatItMoved) {
    ConfigurationStore store = this->store();
    std::optional<sipstack::ConfigChange> told;
    auto plan = store.plan({with_user("other"), {}, {}}, "");
    ASSERT_TRUE(plan.has_value());
    ASSERT_TRUE(store.carry_out(*std::move(plan), "admin", [&](auto change) { told = change; }));
    ASSERT_TRUE(told.has_value());
    EXPECT_EQ(told->added, 1U);
    EXPECT_EQ(told->kept, 3U);
}

TEST_F(ConfigurationStoreTest, ActsAtOnceOnWhatNeedsNoReset) {
    ConfigurationStore store = this->store();
    const auto plan =
        store.plan({read(replaced(replaced(small_config, "user_name: office", "user_name: other"),
                                  "udp_port: 5060", "udp_port: 5070")),
                    {},
                    {}},
                   "");
    ASSERT_TRUE(plan.has_value());
    EXPECT_EQ(plan->waits, "");
    ASSERT_TRUE(plan->acts.has_value());
    EXPECT_EQ(plan->acts->sip.accounts[0].user_name, "other");
    EXPECT_EQ(plan->acts->sip.sip_interfaces[0].udp_port, 5060);
    EXPECT_TRUE(needs_reset(plan->differences));
    ASSERT_TRUE(carry_out(store, plan, "admin").has_value());
    EXPECT_TRUE(store.reset_needed());
    EXPECT_TRUE(store.save_needed());
}

TEST_F(ConfigurationStoreTest, WaitsAsAWholeForARowThatAResetBrings) {
    ConfigurationStore store = this->store();
    std::string text = replaced(
        small_config, "  proxy_sets:",
        "    - {name: Other, network_interface: Voice, udp_port: 5070, tcp_port: 0, tls_port: 0}\n"
        "  proxy_sets:");
    text = replaced(text, "sip_interface: SIPInterface_0", "sip_interface: Other");
    text = replaced(text, "user_name: office", "user_name: other");
    const auto plan = store.plan({read(text), {}, {}}, "");
    ASSERT_TRUE(plan.has_value()) << told(plan.error().faults);
    EXPECT_FALSE(plan->acts.has_value());
    EXPECT_THAT(plan->waits,
                AllOf(HasSubstr("nothing of it acts before a reset"), HasSubstr("sip_interface")));
    ASSERT_TRUE(carry_out(store, plan, "admin").has_value());
    EXPECT_THAT(acted_, IsEmpty());
    EXPECT_TRUE(store.reset_needed());
    EXPECT_EQ(store.revision(), 2U);
    EXPECT_THAT(activity_.back(), HasSubstr("nothing of it acts before a reset"));
}

TEST_F(ConfigurationStoreTest, TellsAndKeepsABoundedPartOfALargeChange) {
    ConfigurationStore store = this->store();
    std::string text = small_config;
    for (int row = 0; row < 250; ++row) {
        text += fmt::format(
            "    - {{name: a{0}, serving_ip_group: ITSP, user_name: u{0}, contact_user: 'c{0}', "
            "register: regular}}\n",
            row);
    }
    ASSERT_EQ(apply(store, read(text), "admin").value().size(), 250U);
    EXPECT_EQ(activity_.size(), ConfigurationStore::most_told + 1);
    EXPECT_EQ(activity_.back(), "admin: and 150 more differences");
    EXPECT_EQ(store.changes().back().differences.size(), ConfigurationStore::most_told);
    EXPECT_EQ(store.changes().back().all_differences, 250U);
    EXPECT_THAT(store.plan({read(small_config), {}, {}}, "", 1).error().message,
                HasSubstr("; and 245 more; look at it and try again"));
}

/// Large configurations repeat their values, and what is kept was read from nowhere.
TEST_F(ConfigurationStoreTest, KeepsEqualValuesOnceAndNoPlaces) {
    const ConfigurationStore store = this->store();
    const ConfigNodePtr media = store.running()->find_shared("signaling_and_media");
    const ConfigNodePtr account = media->find_shared("accounts")->items[0];
    const ConfigNodePtr group = media->find_shared("ip_groups")->items[0];
    EXPECT_EQ(account->find("serving_ip_group"), group->find("name"));
    EXPECT_EQ(account->line, 0);
    EXPECT_TRUE(same_content(*store.running(), *canonical(read(small_config), catalogue_)));
}

TEST_F(ConfigurationStoreTest, RefusesAnEditOfWhatSomebodyElseChanged) {
    ConfigurationStore store = this->store();
    ASSERT_TRUE(apply(store, with_user("first"), "anna (REST)", 1).has_value());
    const auto refused = apply(store, with_user("second"), "bert (CLI)", 1);
    ASSERT_FALSE(refused.has_value());
    EXPECT_TRUE(refused.error().is_conflict);
    EXPECT_EQ(refused.error().message,
              "the configuration has changed since revision 1: anna (REST) at 1970-01-01 00:00:00 "
              "UTC; ~ signaling_and_media.accounts[0].user_name: office -> first; look at it and "
              "try again");
    EXPECT_TRUE(apply(store, with_user("second"), "bert (CLI)", 2).has_value());
}

TEST_F(ConfigurationStoreTest, NeedsAResetWhileWhatActsIsNotWhatIsConfigured) {
    ConfigurationStore store = this->store();
    ASSERT_TRUE(
        apply(store, read(replaced(small_config, "hostname: sbc1", "hostname: sbc2")), "admin")
            .has_value());
    EXPECT_TRUE(store.reset_needed());
    ASSERT_TRUE(apply(store, read(small_config), "admin").has_value());
    EXPECT_FALSE(store.reset_needed());
    EXPECT_FALSE(store.save_needed());
}

TEST_F(ConfigurationStoreTest, SavesWithTheVersionsBefore) {
    ConfigurationStore store = this->store();
    for (int round = 1; round <= 12; ++round) {
        ASSERT_TRUE(apply(store, with_user(fmt::format("user{}", round)), "admin").has_value());
        ASSERT_TRUE(store.save("admin").has_value());
        EXPECT_FALSE(store.save_needed());
    }
    EXPECT_THAT(text(file_), HasSubstr("user_name: user12"));
    EXPECT_THAT(text(file_ + ".1"), HasSubstr("user_name: user11"));
    EXPECT_THAT(text(file_ + ".9"), HasSubstr("user_name: user3"));
    EXPECT_FALSE(std::filesystem::exists(file_ + ".10"));
    EXPECT_TRUE(load_config_file(file_).has_value());

    const auto versions = store.versions();
    ASSERT_EQ(versions.size(), ConfigurationStore::most_versions);
    EXPECT_EQ(versions.front().number, 1U);
    EXPECT_GE(versions.front().when, versions.back().when);
    ASSERT_TRUE(
        carry_out(store, store.judge_rollback(2, store.basis()), "admin, rollback 2").has_value());
    EXPECT_EQ(acted_.back().sip.accounts[0].user_name, "user10");
    EXPECT_TRUE(store.save_needed());
    EXPECT_THAT(activity_.back(), HasSubstr("admin, rollback 2: ~ signaling_and_media"));
    const auto refused = store.judge_rollback(10, store.basis());
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().message, "version: found 10; allowed: 1, 2, 3, 4, 5, 6, 7, 8, 9");
}

TEST_F(ConfigurationStoreTest, LosesNoVersionByASaveThatFails) {
    ConfigurationStore store = this->store();
    ASSERT_TRUE(apply(store, with_user("first"), "admin").has_value());
    ASSERT_TRUE(store.save("admin").has_value());
    std::filesystem::remove(file_);
    std::filesystem::create_directory(file_);  // which no file can replace
    ASSERT_TRUE(apply(store, with_user("second"), "admin").has_value());
    for (int attempt = 0; attempt < 3; ++attempt) {
        EXPECT_FALSE(store.save("admin").has_value());
    }
    EXPECT_TRUE(store.save_needed());
    EXPECT_THAT(text(file_ + ".1"), HasSubstr("user_name: office"));
    EXPECT_FALSE(std::filesystem::exists(file_ + ".2"));
}

TEST_F(ConfigurationStoreTest, StaysUnsavedWhenTheFileCannotBeWritten) {
    ConfigurationStore store = this->store();
    ASSERT_TRUE(apply(store, with_user("other"), "admin").has_value());
    std::filesystem::remove_all(folder_);
    const auto saved = store.save("admin");
    ASSERT_FALSE(saved.has_value());
    EXPECT_THAT(saved.error().message, HasSubstr("cannot write " + file_));
    EXPECT_TRUE(store.save_needed());
}

}  // namespace
}  // namespace trunkline::mgmt
