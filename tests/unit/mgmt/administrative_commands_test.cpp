#include "mgmt/administrative_commands.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <utility>
#include <vector>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using sipstack::AdministrativeState;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class AdministrativeCommandsTest : public ::testing::Test {
protected:
    AdministrativeCommandsTest() { commands_.add_to(table_); }

    /// The answer; null: it waits for the shards.
    json ask(const char* command, AccessLevel level = AccessLevel::administrator) {
        answered_ = nullptr;
        table_.answer({{"command", command}}, {"anna (CLI)", level},
                      [this](const json& reply) { answered_ = reply; });
        return answered_;
    }

    std::vector<AdministrativeState> told_, changes_;
    std::vector<std::string> notes_;
    std::function<void()> shards_are_done_;
    json answered_;
    AdministrativeCommands commands_{
        {[this](auto state, auto done) {
             told_.push_back(state);
             shards_are_done_ = std::move(done);
         },
         [this](const auto& who, const auto& what) { notes_.push_back(who + " " + what); },
         [this](auto state) { changes_.push_back(state); }}};
    CommandTable table_;
};

TEST_F(AdministrativeCommandsTest, AnswerOnceTheShardsGoByIt) {
    EXPECT_FALSE(commands_.is_locked());
    EXPECT_TRUE(ask("lock").is_null());
    EXPECT_TRUE(commands_.is_locked()) << "nothing registers from now on";
    shards_are_done_();
    EXPECT_EQ(answered_, (json{{"ok", true}, {"changed", true}}));
    EXPECT_TRUE(ask("unlock").is_null());
    EXPECT_FALSE(commands_.is_locked());
    shards_are_done_();
    EXPECT_EQ(answered_, (json{{"ok", true}, {"changed", true}}));
    const auto both = ElementsAre(AdministrativeState::locked, AdministrativeState::unlocked);
    EXPECT_THAT(told_, both);
    EXPECT_THAT(changes_, both);
    EXPECT_THAT(notes_,
                ElementsAre("anna (CLI) locks the appliance", "anna (CLI) unlocks the appliance"));
}

TEST_F(AdministrativeCommandsTest, ChangeNothingThatIsSoAlready) {
    EXPECT_EQ(ask("unlock"), (json{{"ok", true}, {"changed", false}}));
    EXPECT_THAT(told_, IsEmpty());
    ask("lock");
    EXPECT_EQ(ask("lock"), (json{{"ok", true}, {"changed", false}}));
    EXPECT_THAT(told_, ElementsAre(AdministrativeState::locked));
    EXPECT_EQ(changes_.size(), 1U);
    EXPECT_EQ(notes_.size(), 1U);
}

TEST_F(AdministrativeCommandsTest, AreAnAdministrators) {
    for (const char* const command : {"lock", "unlock"}) {
        EXPECT_EQ(ask(command, AccessLevel::monitor)["denied"], true) << command;
    }
    EXPECT_FALSE(commands_.is_locked());
    EXPECT_THAT(notes_, IsEmpty());
}

}  // namespace
}  // namespace trunkline::mgmt
