#include "mgmt/alarms/seen_registrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trunkline::mgmt {
namespace {

using sipstack::RegistrationState;
using testing::ElementsAre;
using testing::IsEmpty;

struct Row {
    std::string name;
    RegistrationState state = RegistrationState::registered;
    bool registered = true;
};

class Seen : public testing::Test {
protected:
    /// The names that changed since the last look.
    std::vector<std::string> look(const std::vector<Row>& rows) {
        std::vector<std::string> changed;
        failing_.clear();
        seen_.begin();
        for (const Row& row : rows) {
            const auto verdict = seen_.note(
                {row.name, "", row.state, row.registered, 0, sipstack::RegistrantKind::account});
            if (verdict.has_changed) {
                changed.push_back(row.name);
            }
            if (verdict.is_failing) {
                failing_.push_back(row.name);
            }
        }
        return changed;
    }
    std::vector<std::string> failing_;  ///< of the last look
    SeenRegistrations seen_;
};

TEST_F(Seen, TellsWhatIsNewAndThenWhatIsAnother) {
    EXPECT_THAT(look({{"a"}, {"b"}}), ElementsAre("a", "b"));
    EXPECT_THAT(look({{"a"}, {"b"}}), IsEmpty());
    EXPECT_THAT(look({{"a"}, {"b", RegistrationState::failed}}), ElementsAre("b"));
    EXPECT_THAT(look({{"a"}, {"b", RegistrationState::failed, false}}), ElementsAre("b"));
    EXPECT_THAT(look({{"a"}, {"b"}}), ElementsAre("b"));
}

TEST_F(Seen, ARefreshIsNoChange) {
    look({{"a"}});
    EXPECT_THAT(look({{"a", RegistrationState::refreshing}}), IsEmpty());
}

TEST_F(Seen, KnowsARowWhereverAnotherConfigurationPutsIt) {
    look({{"a"}, {"b"}, {"c", RegistrationState::failed, false}});
    EXPECT_THAT(look({{"a"}, {"b"}, {"c", RegistrationState::failed, false}}), IsEmpty());
    EXPECT_THAT(look({{"b"}, {"c"}, {"new"}}), ElementsAre("c", "new"));
    EXPECT_THAT(look({{"b"}, {"c"}}), IsEmpty());
}

TEST_F(Seen, OneThatFailedFailsUntilSomebodySaysYesOrNobodyAsksAnyMore) {
    const Row trying{"a", RegistrationState::registering, false};
    const Row failed{"a", RegistrationState::failed, false};
    look({trying, {"b"}});
    EXPECT_THAT(failing_, IsEmpty());
    look({failed, {"b", RegistrationState::failed, true}});
    EXPECT_THAT(failing_, ElementsAre("a")) << "the binding of the other one stands";
    look({trying, {"b"}});
    EXPECT_THAT(failing_, ElementsAre("a"));
    look({{"b"}, trying});
    EXPECT_THAT(failing_, ElementsAre("a")) << "wherever it is";
    look({{"b"}, {"a"}});
    EXPECT_THAT(failing_, IsEmpty());
    look({{"b"}, failed});
    look({{"b"}, {"a", RegistrationState::unregistered, false}});
    EXPECT_THAT(failing_, IsEmpty());
}

TEST_F(Seen, CountsTheRowsOfItsLook) {
    look({{"a"}, {"b", RegistrationState::failed, false}, {"c", RegistrationState::refreshing}});
    EXPECT_EQ(seen_.counts().total, 3U);
    EXPECT_EQ(seen_.counts().registered, 2U);
    EXPECT_EQ(seen_.counts().failed, 1U);
    EXPECT_EQ(seen_.next_row(), 3U);
    look({});
    EXPECT_EQ(seen_.counts().total, 0U);
}

}  // namespace
}  // namespace trunkline::mgmt
