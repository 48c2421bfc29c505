#include "mgmt/registration_query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using sipstack::RegistrationState;

TEST(RegistrationQuery, WithoutWishesIsForAllRows) {
    const auto query = registration_query({{"command", "show registration"}});
    ASSERT_TRUE(query);
    EXPECT_TRUE(query->name.empty());
    EXPECT_TRUE(query->text.empty());
    EXPECT_FALSE(query->state);
    EXPECT_EQ(query->offset, 0U);
    EXPECT_EQ(query->limit, sipstack::RegistrationQuery().limit);
}

TEST(RegistrationQuery, TakesWhatThereIs) {
    const auto query = registration_query(
        {{"name", "office"}, {"text", "lab"}, {"state", "FAILED"}, {"offset", 20}, {"limit", 10}});
    ASSERT_TRUE(query);
    EXPECT_EQ(query->name, "office");
    EXPECT_EQ(query->text, "lab");
    EXPECT_EQ(query->state, RegistrationState::failed);
    EXPECT_EQ(query->offset, 20U);
    EXPECT_EQ(query->limit, 10U);
}

TEST(RegistrationQuery, ReadsEveryState) {
    for (std::size_t state = 0; state < sipstack::registration_state_count; ++state) {
        const auto wanted = static_cast<RegistrationState>(state);
        const auto query = registration_query({{"state", to_string(wanted)}});
        ASSERT_TRUE(query) << to_string(wanted);
        EXPECT_EQ(query->state, wanted);
    }
}

TEST(RegistrationQuery, ReadsEveryOrder) {
    using sipstack::RegistrationOrder;
    EXPECT_EQ(registration_query(json::object())->order, RegistrationOrder::configuration);
    std::size_t count = 0;
    for (const std::string_view order : registration_orders()) {
        const auto query = registration_query({{"sort", order}});
        ASSERT_TRUE(query) << order;
        EXPECT_EQ(static_cast<std::size_t>(query->order), ++count) << order;
        EXPECT_FALSE(query->descending);
    }
    EXPECT_EQ(registration_query({{"sort", "state"}})->order, RegistrationOrder::state);
    EXPECT_EQ(registration_query({{"sort", "consecutive_failures"}})->order,
              RegistrationOrder::consecutive_failures);
    EXPECT_TRUE(registration_query({{"sort", "aor"}, {"order", "desc"}})->descending);
    EXPECT_FALSE(registration_query({{"sort", "aor"}, {"order", "asc"}})->descending);
    const auto unknown = registration_query({{"sort", "colour"}});
    ASSERT_FALSE(unknown);
    EXPECT_THAT(unknown.error().message, ::testing::HasSubstr("next_attempt_in"));
    EXPECT_FALSE(registration_query({{"order", "up"}}));
}

TEST(RegistrationQuery, RefusesWhatIsNoPageOrState) {
    for (const json& request :
         {json{{"offset", -1}}, json{{"limit", -5}}, json{{"limit", "ten"}}, json{{"offset", 0.5}},
          json{{"limit", nullptr}}, json{{"offset", 18446744073709551615ULL}}}) {
        EXPECT_FALSE(registration_query(request)) << request;
    }
    const auto query = registration_query({{"state", "HAPPY"}});
    ASSERT_FALSE(query);
    EXPECT_THAT(query.error().message, ::testing::HasSubstr("REFRESHING"));
}

}  // namespace
}  // namespace trunkline::mgmt
