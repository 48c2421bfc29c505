#include "sipstack/registration_rows.h"

#include "tests/unit/sipstack/fleet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <vector>

namespace trunkline::sipstack {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAreArray;

/// Accounts a0, a1, ... on three shards.
struct Shards {
    explicit Shards(std::size_t accounts) : Shards(with_accounts(accounts)) {}
    explicit Shards(Config config) {
        config.shards = 3;
        for (uint32_t index = 0; index < config.shards; ++index) {
            fleets.emplace_back(config, index);
        }
    }

    /// Turns that the longest of the shards needed.
    template <typename Turn>
    static std::size_t turns(Turn turn) {
        std::size_t count = 1;
        while (!turn()) {
            ++count;
        }
        return count;
    }
    void find(RegistrationRows& rows) {
        for (std::size_t index = 0; index < fleets.size(); ++index) {
            auto& fleet = fleets[index];
            most_find = std::max(most_find,
                                 turns([&] { return rows.find(index, fleet.shard, fleet.now); }));
        }
        rows.choose_page();
    }
    std::vector<std::string> copy(RegistrationRows& rows) {
        for (std::size_t index = 0; index < fleets.size(); ++index) {
            auto& fleet = fleets[index];
            most_copy = std::max(most_copy,
                                 turns([&] { return rows.copy(index, fleet.shard, fleet.now); }));
        }
        std::vector<std::string> names;
        for (const RegistrationStatus& row : rows.take()) {
            names.push_back(row.name);
        }
        return names;
    }
    std::vector<std::string> ask(RegistrationRows& rows) {
        find(rows);
        return copy(rows);
    }
    std::vector<std::string> ask(RegistrationQuery query) {
        RegistrationRows rows(std::move(query), fleets.size());
        return ask(rows);
    }

    std::deque<Fleet> fleets;
    std::size_t most_find = 0, most_copy = 0;
};

std::vector<std::string> names(std::size_t first_number, std::size_t count) {
    std::vector<std::string> all;
    for (std::size_t number = first_number; number < first_number + count; ++number) {
        all.push_back(fmt::format("a{}", number));
    }
    return all;
}

TEST(RegistrationRows, AreAllInTheOrderOfTheConfigurationUnlessTold) {
    Shards shards(40);
    for (const Fleet& fleet : shards.fleets) {
        ASSERT_GT(fleet.shard.registration_count(), 0U) << "else it would prove less";
    }
    RegistrationRows rows({}, 3);
    EXPECT_EQ(shards.ask(rows), names(0, 40));
    EXPECT_EQ(rows.total(), 40U);
    EXPECT_EQ(rows.registered(), 0U);
}

TEST(RegistrationRows, OfANameIsThatOneAndNothingElseIsCopied) {
    constexpr std::size_t many = 3 * RegistrationRows::glances_a_turn;
    Shards shards(many);
    RegistrationRows rows({.name = "a77"}, 3);
    EXPECT_THAT(shards.ask(rows), ElementsAre("a77"));
    EXPECT_EQ(rows.total(), 1U);
    EXPECT_EQ(shards.most_copy, 1U);
    EXPECT_THAT(shards.ask({.name = "a7777777"}), IsEmpty());
    EXPECT_THAT(shards.ask({.name = "A77"}), IsEmpty());
}

TEST(RegistrationRows, ComeInPagesAcrossTheShards) {
    Shards shards(50);
    std::vector<std::string> paged;
    for (std::size_t offset = 0; offset < 50; offset += 7) {
        RegistrationRows rows({.offset = offset, .limit = 7}, 3);
        const auto page = shards.ask(rows);
        EXPECT_EQ(page.size(), std::min<std::size_t>(7, 50 - offset));
        EXPECT_EQ(rows.total(), 50U);
        paged.insert(paged.end(), page.begin(), page.end());
    }
    EXPECT_EQ(paged, names(0, 50));
    EXPECT_THAT(shards.ask({.offset = 50}), IsEmpty());
    EXPECT_THAT(shards.ask({.offset = 1'000'000, .limit = 10}), IsEmpty());
    EXPECT_THAT(shards.ask({.limit = 0}), IsEmpty());
}

TEST(RegistrationRows, AreCopiedInSlices) {
    constexpr std::size_t many = 6 * RegistrationRows::rows_a_turn;
    Shards shards(many);
    EXPECT_EQ(shards.ask({}).size(), many);
    EXPECT_GT(shards.most_copy, 1U);
    shards.most_copy = 0;
    EXPECT_EQ(shards.ask({.offset = many - 10, .limit = 10}), names(many - 10, 10));
    EXPECT_EQ(shards.most_copy, 1U);
}

TEST(RegistrationRows, AreLookedAtInSlices) {
    Shards shards(9 * RegistrationRows::glances_a_turn / 2);
    EXPECT_THAT(shards.ask({.name = "a1"}), ElementsAre("a1"));
    EXPECT_GT(shards.most_find, 1U);
}

TEST(RegistrationRows, AreFoundByAPieceOfNameOrAddressInAnyCase) {
    Shards shards(30);
    EXPECT_THAT(shards.ask({.text = "A29"}), ElementsAre("a29"));
    EXPECT_THAT(shards.ask({.text = "SIP:105@"}), ElementsAre("a5"));
    EXPECT_EQ(shards.ask({.text = "a1", .offset = 1, .limit = 2}),
              (std::vector<std::string>{"a10", "a11"}));
}

TEST(RegistrationRows, ComeInTheOrderThatIsAskedForWhicheverPageIsShown) {
    Shards shards(30);
    EXPECT_EQ(shards.ask({.order = RegistrationOrder::name, .limit = 3}),
              (std::vector<std::string>{"a0", "a1", "a10"}));
    EXPECT_EQ(shards.ask({.order = RegistrationOrder::name, .descending = true, .limit = 3}),
              (std::vector<std::string>{"a9", "a8", "a7"}));
    EXPECT_EQ(shards.ask({.order = RegistrationOrder::aor, .descending = true, .offset = 28}),
              (std::vector<std::string>{"a1", "a0"}));
    EXPECT_EQ(shards.ask({.descending = true, .offset = 1, .limit = 2}),
              (std::vector<std::string>{"a28", "a27"}));
}

TEST(RegistrationRows, ThatHaveTheSameAreInTheOrderOfTheConfiguration) {
    Shards shards(30);
    shards.fleets[1].start();
    shards.fleets[1].answer_all();
    const auto registered = shards.ask({.state = RegistrationState::registered});
    ASSERT_THAT(registered, Not(IsEmpty()));
    ASSERT_LT(registered.size(), 30U);
    const auto last = shards.ask(
        {.order = RegistrationOrder::state, .descending = true, .offset = 30 - registered.size()});
    EXPECT_EQ(last, registered);  // "RESOLVING" goes ahead of "REGISTERED" then
    for (const auto order : {RegistrationOrder::last_status, RegistrationOrder::answered_by,
                             RegistrationOrder::expires_in, RegistrationOrder::next_attempt_in}) {
        EXPECT_THAT(shards.ask({.order = order, .descending = true, .limit = registered.size()}),
                    UnorderedElementsAreArray(registered))
            << static_cast<int>(order);
    }
    EXPECT_EQ(shards.ask({.order = RegistrationOrder::consecutive_failures}), names(0, 30));
}

TEST(RegistrationRows, AreFoundByStateAndCountedAsRegistered) {
    Shards shards(30);
    for (std::size_t index = 0; index < 2; ++index) {
        shards.fleets[index].start();
        shards.fleets[index].answer_all();
    }
    std::size_t up = 0;
    for (std::size_t index = 0; index < 2; ++index) {
        up += shards.fleets[index].shard.registration_count();
    }
    RegistrationRows all({}, 3);
    shards.ask(all);
    EXPECT_EQ(all.registered(), up);
    EXPECT_EQ(shards.ask({.state = RegistrationState::registered}).size(), up);
    EXPECT_EQ(shards.ask({.state = RegistrationState::resolving}).size(), 30 - up);
    EXPECT_THAT(shards.ask({.state = RegistrationState::failed}), IsEmpty());
}

TEST(RegistrationRows, LeaveOutWhatIsAnotherOneBetweenTheRounds) {
    Shards shards(10);
    RegistrationRows rows({.name = "a9"}, 3);
    shards.find(rows);
    Config config = with_accounts(10);
    config.shards = 3;
    config.accounts.erase(config.accounts.begin());
    config.accounts.push_back(config.accounts.front());
    config.accounts.back().name = "new";
    for (Fleet& fleet : shards.fleets) {
        fleet.shard.apply(config, fleet.now);
    }
    EXPECT_THAT(shards.copy(rows), IsEmpty());
}

}  // namespace
}  // namespace trunkline::sipstack
