#include "mgmt/configuration/store.h"

#include "mgmt/configuration/yaml_reader.h"
#include "samples.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <sstream>

namespace trunkline::mgmt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ConfigurationStoreTest : public testing::Test {
protected:
    ConfigurationStoreTest() {
        std::string name = testing::TempDir() + "store-XXXXXX";
        folder_ = ::mkdtemp(name.data());
        file_ = folder_ + "/config.yaml";
        std::ofstream(file_) << small_config;
    }
    ~ConfigurationStoreTest() override { std::filesystem::remove_all(folder_); }

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
        options.act = [this](const ApplianceConfig& config) { acted_.push_back(config); };
        options.clock = [] { return std::chrono::system_clock::time_point{}; };
        options.activity = [this](const std::string& line) { activity_.push_back(line); };
        return ConfigurationStore(catalogue_, read(small_config), std::move(options));
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
    std::string folder_, file_;
    std::vector<ApplianceConfig> acted_;
    std::vector<std::string> activity_;
};

TEST_F(ConfigurationStoreTest, AppliesWhatIsRightAndTellsWhoChangedWhat) {
    ConfigurationStore store = this->store();
    EXPECT_EQ(store.revision(), 1U);
    EXPECT_FALSE(store.save_needed());
    const auto changed = store.apply(with_user("other"), "admin (CLI)");
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
        store.apply(read(replaced(replaced(small_config, "user_name: office", "user_name: other"),
                                  "register: regular", "register: regulr")),
                    "admin");
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().faults.front().to_string(), HasSubstr("did you mean 'regular'?"));
    EXPECT_THAT(acted_, IsEmpty());
    EXPECT_THAT(activity_, IsEmpty());
    EXPECT_EQ(store.running(), before);
    EXPECT_EQ(store.revision(), 1U);
}

TEST_F(ConfigurationStoreTest, DoesNothingWhereNothingChanges) {
    ConfigurationStore store = this->store();
    EXPECT_TRUE(store.apply(read(small_config), "admin").value().empty());
    EXPECT_THAT(acted_, IsEmpty());
    EXPECT_EQ(store.revision(), 1U);
}

TEST_F(ConfigurationStoreTest, RefusesAnEditOfWhatSomebodyElseChanged) {
    ConfigurationStore store = this->store();
    ASSERT_TRUE(store.apply(with_user("first"), "anna (REST)", 1).has_value());
    const auto refused = store.apply(with_user("second"), "bert (CLI)", 1);
    ASSERT_FALSE(refused.has_value());
    EXPECT_TRUE(refused.error().is_conflict);
    EXPECT_EQ(refused.error().message,
              "the configuration has changed since revision 1: anna (REST) at 1970-01-01 00:00:00 "
              "UTC; ~ signaling_and_media.accounts[0].user_name: office -> first; look at it and "
              "try again");
    EXPECT_TRUE(store.apply(with_user("second"), "bert (CLI)", 2).has_value());
}

TEST_F(ConfigurationStoreTest, NeedsAResetWhileWhatActsIsNotWhatIsConfigured) {
    ConfigurationStore store = this->store();
    ASSERT_TRUE(
        store.apply(read(replaced(small_config, "hostname: sbc1", "hostname: sbc2")), "admin")
            .has_value());
    EXPECT_TRUE(store.reset_needed());
    ASSERT_TRUE(store.apply(read(small_config), "admin").has_value());
    EXPECT_FALSE(store.reset_needed());
    EXPECT_FALSE(store.save_needed());
}

TEST_F(ConfigurationStoreTest, SavesWithTheVersionsBefore) {
    ConfigurationStore store = this->store();
    for (int round = 1; round <= 12; ++round) {
        ASSERT_TRUE(store.apply(with_user(fmt::format("user{}", round)), "admin").has_value());
        ASSERT_TRUE(store.save("admin").has_value());
        EXPECT_FALSE(store.save_needed());
    }
    EXPECT_THAT(text(file_), HasSubstr("user_name: user12"));
    EXPECT_THAT(text(file_ + ".1"), HasSubstr("user_name: user11"));
    EXPECT_THAT(text(file_ + ".9"), HasSubstr("user_name: user3"));
    EXPECT_FALSE(std::filesystem::exists(file_ + ".10"));
    EXPECT_TRUE(load_config_file(file_).has_value());

    ASSERT_TRUE(store.rollback(2, "admin").has_value());
    EXPECT_EQ(acted_.back().sip.accounts[0].user_name, "user10");
    EXPECT_TRUE(store.save_needed());
    EXPECT_THAT(activity_.back(), HasSubstr("admin, rollback 2: ~ signaling_and_media"));
    const auto refused = store.rollback(10, "admin");
    ASSERT_FALSE(refused.has_value());
    EXPECT_THAT(refused.error().faults.front().to_string(), HasSubstr("no readable file"));
}

TEST_F(ConfigurationStoreTest, LosesNoVersionByASaveThatFails) {
    ConfigurationStore store = this->store();
    ASSERT_TRUE(store.apply(with_user("first"), "admin").has_value());
    ASSERT_TRUE(store.save("admin").has_value());
    std::filesystem::remove(file_);
    std::filesystem::create_directory(file_);  // which no file can replace
    ASSERT_TRUE(store.apply(with_user("second"), "admin").has_value());
    for (int attempt = 0; attempt < 3; ++attempt) {
        EXPECT_FALSE(store.save("admin").has_value());
    }
    EXPECT_TRUE(store.save_needed());
    EXPECT_THAT(text(file_ + ".1"), HasSubstr("user_name: office"));
    EXPECT_FALSE(std::filesystem::exists(file_ + ".2"));
}

TEST_F(ConfigurationStoreTest, StaysUnsavedWhenTheFileCannotBeWritten) {
    ConfigurationStore store = this->store();
    ASSERT_TRUE(store.apply(with_user("other"), "admin").has_value());
    std::filesystem::remove_all(folder_);
    const auto saved = store.save("admin");
    ASSERT_FALSE(saved.has_value());
    EXPECT_THAT(saved.error().message, HasSubstr("cannot write " + file_));
    EXPECT_TRUE(store.save_needed());
}

}  // namespace
}  // namespace trunkline::mgmt
