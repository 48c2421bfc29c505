// Alarms with their cursors, and the events that are told of them.
#include "mgmt/alarms/alarm_table.h"

#include "mgmt/alarms/event_hub.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <thread>

namespace trunkline::mgmt {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<uint64_t> ids(const AlarmPage& page) {
    std::vector<uint64_t> all;
    for (const Alarm& alarm : page.alarms) {
        all.push_back(alarm.id);
    }
    return all;
}

TEST(AlarmTable, RaisesOnceAndClearsOnce) {
    AlarmTable table;
    table.raise("lost", "Proxy#1", AlarmSeverity::major, "gone");
    table.raise("lost", "Proxy#1", AlarmSeverity::major, "gone");
    table.raise("lost", "Proxy#2", AlarmSeverity::minor, "gone");
    EXPECT_EQ(table.active_count(), 2U);
    EXPECT_TRUE(table.is_active("lost", "Proxy#1"));
    EXPECT_TRUE(table.clear("lost", "Proxy#1"));
    EXPECT_FALSE(table.clear("lost", "Proxy#1"));
    EXPECT_THAT(ids(table.active({})), ElementsAre(2));
    const AlarmPage history = table.history({});
    EXPECT_THAT(ids(history), ElementsAre(1, 2, 3));
    EXPECT_EQ(history.alarms.back().severity, AlarmSeverity::cleared);
    EXPECT_EQ(to_string(history.alarms.front().severity), "major");
}

TEST(AlarmTable, AnotherSeverityIsARowOfItsOwn) {
    AlarmTable table;
    table.raise("lost", "Proxy#1", AlarmSeverity::minor, "some");
    table.raise("lost", "Proxy#1", AlarmSeverity::major, "all");
    EXPECT_THAT(ids(table.active({})), ElementsAre(2));
    EXPECT_THAT(ids(table.history({})), ElementsAre(1, 2));
}

TEST(AlarmTable, FollowsWhatIsWrongOfOneName) {
    AlarmTable table;
    table.raise("other", "Link#1", AlarmSeverity::minor, "down");
    const std::vector<AlarmCondition> both{{"Link#1", AlarmSeverity::minor, "down"},
                                           {"Link#2", AlarmSeverity::minor, "down"}};
    table.follow("link", both);
    table.follow("link", both);
    EXPECT_THAT(ids(table.active({})), ElementsAre(1, 2, 3));
    table.follow("link", std::span(both).last(1));
    EXPECT_THAT(ids(table.active({})), ElementsAre(1, 3));
    table.follow("link", {});
    EXPECT_THAT(ids(table.active({})), ElementsAre(1));
    EXPECT_EQ(table.history({}).alarms.back().source, "Link#2");
}

TEST(AlarmTable, CursorsWalkForwardAndBack) {
    AlarmTable table;
    for (int i = 0; i < 5; ++i) {
        table.raise("lost", std::to_string(i), AlarmSeverity::major, "gone");
    }
    AlarmPage page = table.active({.after = {}, .before = {}, .limit = 2});
    EXPECT_THAT(ids(page), ElementsAre(1, 2));
    EXPECT_EQ(page.total, 5U);
    EXPECT_FALSE(page.before);
    page = table.active({.after = page.after, .before = {}, .limit = 2});
    EXPECT_THAT(ids(page), ElementsAre(3, 4));
    const AlarmPage last = table.active({.after = page.after, .before = {}, .limit = 2});
    EXPECT_THAT(ids(last), ElementsAre(5));
    EXPECT_FALSE(last.after);
    EXPECT_THAT(ids(table.active({.after = {}, .before = last.before, .limit = 2})),
                ElementsAre(3, 4));
    EXPECT_THAT(ids(table.active({.after = 5, .before = {}, .limit = 2})), IsEmpty());
    EXPECT_THAT(ids(table.active({.after = 9, .before = 2, .limit = 2})), IsEmpty());
}

constexpr std::size_t many = AlarmTable::most_active + 10;

std::vector<AlarmCondition> conditions(std::size_t count) {
    std::vector<AlarmCondition> all;
    for (std::size_t i = 0; i < count; ++i) {
        all.push_back({std::to_string(i), AlarmSeverity::major, "gone"});
    }
    return all;
}

bool tells_overflow(const AlarmTable& table) {
    return table.is_active("acActiveAlarmTableOverflow", "System#0/AlarmManager#0");
}

TEST(AlarmTable, IsBoundedAndSaysSo) {
    AlarmTable table;
    for (const auto& condition : conditions(many)) {
        table.raise("lost", condition.source, condition.severity, condition.description);
    }
    EXPECT_TRUE(tells_overflow(table));
    EXPECT_EQ(table.active_count(), AlarmTable::most_active / 4 * 3 + 1);
    EXPECT_EQ(table.history({.after = {}, .before = {}, .limit = 5000}).alarms.size(),
              AlarmTable::most_active / 4 * 3 + 1);
    table.clear("lost", "0");
    EXPECT_FALSE(tells_overflow(table));
    table.raise("lost", "0", AlarmSeverity::major, "gone");
    EXPECT_FALSE(tells_overflow(table));
}

TEST(AlarmTable, RemembersTheLastOnesOnly) {
    AlarmTable table;
    for (std::size_t i = 0; i <= AlarmTable::most_history / 2; ++i) {
        table.raise("lost", "Proxy#1", AlarmSeverity::major, "gone");
        table.clear("lost", "Proxy#1");
    }
    EXPECT_EQ(table.history({.after = {}, .before = {}, .limit = 5000}).alarms.size(),
              AlarmTable::most_history);
}

TEST(AlarmTable, ManyOfOneNameHideNoneOfOthers) {
    AlarmTable table;
    const auto all = conditions(many);
    for (const char* const name : {"account", "proxy", "certificate", "dns"}) {
        table.follow(name, all);
        EXPECT_TRUE(table.is_active(name, "0")) << name;
    }
    table.follow("link", std::span(all).first(1));
    EXPECT_TRUE(table.is_active("link", "0"));
    EXPECT_TRUE(tells_overflow(table));
    EXPECT_LE(table.active_count(), AlarmTable::most_active);
    EXPECT_EQ(
        table.active({.after = {}, .before = {}, .limit = AlarmTable::most_active}).alarms.size(),
        table.active_count());
}

TEST(AlarmTable, SaysOnceThatThereAreTooManyForAsLongAsThereAre) {
    std::vector<AlarmSeverity> told;
    AlarmTable table(std::chrono::system_clock::now, [&](const Alarm& alarm) {
        if (alarm.name == "acActiveAlarmTableOverflow") {
            told.push_back(alarm.severity);
        }
    });
    const auto all = conditions(many);
    for (std::size_t i = 0; i < 5; ++i) {
        table.follow("lost", std::span(all).subspan(i));
        table.follow("other", {});
    }
    EXPECT_THAT(told, ElementsAre(AlarmSeverity::major));
    table.follow("lost", std::span(all).first(1));
    EXPECT_THAT(told, ElementsAre(AlarmSeverity::major, AlarmSeverity::cleared));
}

TEST(EventHub, TellsWhoListensAndWhoComesBack) {
    using Outcome = EventHub::Listener::Outcome;
    EventHub hub;
    hub.publish("alarm", {{"n", 1}});
    const auto fresh = hub.listen({});
    const auto back = hub.listen(0);
    hub.publish("alarm", {{"n", 2}});
    Event event;
    EXPECT_EQ(fresh->next(event, milliseconds(0)), Outcome::event);
    EXPECT_EQ(event.data, R"({"n":2})");
    EXPECT_EQ(fresh->next(event, milliseconds(0)), Outcome::nothing);
    EXPECT_EQ(back->next(event, milliseconds(0)), Outcome::event);
    EXPECT_EQ(event.id, 1U);
}

TEST(EventHub, LetsGoOfWhoListensTooSlowly) {
    using Outcome = EventHub::Listener::Outcome;
    EventHub hub;
    const auto slow = hub.listen({});
    for (std::size_t i = 0; i < EventHub::most_waiting + 1; ++i) {
        hub.publish("alarm", {{"n", i}});
    }
    const auto other = hub.listen({});
    hub.publish("alarm", {{"n", "last"}});
    Event event;
    for (std::size_t i = 0; i < EventHub::most_waiting; ++i) {
        ASSERT_EQ(slow->next(event, milliseconds(0)), Outcome::event);
    }
    EXPECT_EQ(slow->next(event, milliseconds(0)), Outcome::fell_behind);
    EXPECT_EQ(other->next(event, milliseconds(0)), Outcome::event);
}

TEST(EventHub, WhoHasGoneIsForgottenAndClosingWakesAll) {
    using Outcome = EventHub::Listener::Outcome;
    EventHub hub;
    auto listener = hub.listen({});
    EXPECT_EQ(hub.listeners(), 1U);
    Outcome outcome = Outcome::nothing;
    std::thread waiting([&] {
        Event event;
        outcome = listener->next(event, std::chrono::minutes(10));
    });
    hub.close();
    waiting.join();
    EXPECT_EQ(outcome, Outcome::over);
    listener.reset();
    EXPECT_EQ(hub.listeners(), 0U);
    Event event;
    EXPECT_EQ(hub.listen({})->next(event, milliseconds(0)), Outcome::over);
}

}  // namespace
}  // namespace trunkline::mgmt
