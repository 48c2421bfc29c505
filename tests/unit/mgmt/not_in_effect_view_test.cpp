#include "mgmt/not_in_effect_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trunkline::mgmt {
namespace {

ApplianceConfig stored(std::vector<StoredValue> values) {
    ApplianceConfig config;
    config.stored = std::move(values);
    return config;
}

TEST(NotInEffectView, TellsPathValueAndWhatItWaitsFor) {
    const auto rows =
        not_in_effect_rows(stored({{"page.mode", Value{EnumChoice{"proxy", 1}}, "calls"}}));
    EXPECT_EQ(rows, nlohmann::json::parse(R"([{"path": "page.mode", "value": "proxy",
                                               "waits_for": "calls", "rows": 1}])"));
    EXPECT_EQ(not_in_effect_line(rows[0]), "page.mode: proxy (acts with calls)");
}

TEST(NotInEffectView, TellsAColumnOnceHoweverManyRowsSetIt) {
    const auto rows = not_in_effect_rows(stored({{"accounts[2].a", Value{true}, "calls"},
                                                 {"accounts[2].b", Value{int64_t{7}}, "DHCP"},
                                                 {"accounts[10].a", Value{false}, "calls"},
                                                 {"accounts[11].a", Value{false}, "calls"}}));
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(not_in_effect_line(rows[0]),
              "accounts[2].a: true, and in 2 more rows (acts with calls)");
    EXPECT_EQ(not_in_effect_line(rows[1]), "accounts[2].b: 7 (acts with DHCP)");
}

TEST(NotInEffectView, TellsNoSecret) {
    const auto rows = not_in_effect_rows(
        stored({{"groups[0].password", Value{sipstack::Secret("sesame")}, "calls"}}));
    EXPECT_EQ(rows[0]["value"], "(a secret)");
}

TEST(ValueText, IsWhatAFileHas) {
    EXPECT_EQ(to_text(Value{IntegerRange{1, 30}}), "1-30");
    EXPECT_EQ(to_text(Value{std::string("a b")}), "a b");
    EXPECT_EQ(to_text(Value{HostPort{"2001:db8::1", 5070}}), "[2001:db8::1]:5070");
    EXPECT_EQ(to_text(Value{HostPort{"proxy.example", std::nullopt}}), "proxy.example");
    EXPECT_EQ(to_text(Value{RowReference{3, "ITSP"}}), "ITSP");
    EXPECT_EQ(to_text(Value{std::vector<Value>{Value{int64_t{503}}, Value{int64_t{486}}}}),
              "[503, 486]");
    EXPECT_EQ(to_text(Value{*dataplane::IpPrefix::parse("192.0.2.1/24")}), "192.0.2.1/24");
}

}  // namespace
}  // namespace trunkline::mgmt
