#include "mgmt/log.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>
#include <vector>

namespace trunkline::mgmt {
namespace {

class LogTest : public testing::Test {
protected:
    std::shared_ptr<spdlog::logger> log(const std::string& level) {
        return make_log(level, std::make_shared<spdlog::sinks::ostream_sink_mt>(text_));
    }
    std::ostringstream text_;
};

TEST_F(LogTest, WritesOneLineAnEvent) {
    log("info")->info("board  GE_1 is up speed={}", 1000);
    EXPECT_THAT(text_.str(),
                testing::MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
                                      "\\.[0-9]{3}Z info    board  GE_1 is up speed=1000\n"));
}

TEST_F(LogTest, PeersTextCannotForgeALine) {
    log("info")->info("sip  answer reason={}", "OK\r\n2026-01-02 forged\x1b[2J");
    EXPECT_THAT(text_.str(), testing::EndsWith("reason=OK\\x0d\\x0a2026-01-02 forged\\x1b[2J\n"));
}

TEST_F(LogTest, WritesAnObjectALineAsJson) {
    const auto log =
        make_log("info", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_), LogFormat::json);
    log->info("board  GE_1 is up speed={}", 1000);
    log->warn("a \"quoted\"\nline and no UTF-8: \xff");
    std::istringstream lines(text_.str());
    std::string line;
    std::getline(lines, line);
    EXPECT_THAT(
        line, testing::MatchesRegex(R"(\{"time":"[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z","level":"info",)"
                                    R"("part":"board","text":"GE_1 is up speed=1000"\})"));
    std::getline(lines, line);
    const auto second = nlohmann::json::parse(line);
    EXPECT_EQ(second["level"], "warning");
    EXPECT_FALSE(second.contains("part"));
    EXPECT_EQ(second["text"], "a \"quoted\"\nline and no UTF-8: \ufffd");
    EXPECT_FALSE(std::getline(lines, line));
}

TEST_F(LogTest, LevelDecidesWhatIsWritten) {
    for (const auto& [level, lines] :
         {std::pair{"trace", 5}, std::pair{"debug", 4}, std::pair{"info", 3},
          std::pair{"warning", 2}, std::pair{"error", 1}}) {
        text_.str("");
        const auto logger = log(level);
        logger->trace("a");
        logger->debug("a");
        logger->info("a");
        logger->warn("a");
        logger->error("a");
        const std::string text = text_.str();
        EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), lines) << level;
    }
}

TEST(LastLines, AreKeptAsTheyWereWrittenAndNoMoreThanSoMany) {
    const auto log = make_log("error");
    for (std::size_t i = 0; i < most_kept_lines + 1; ++i) {
        log->error("a\n{}", i);
    }
    log->info("below the level");
    const auto lines = last_lines(*log);
    ASSERT_EQ(lines.size(), most_kept_lines);
    EXPECT_THAT(lines.front(), testing::EndsWith("Z error   a\\x0a1\n"));
    EXPECT_THAT(lines.back(), testing::EndsWith(fmt::format("a\\x0a{}\n", most_kept_lines)));
}

TEST(LineEvents, TellLinesThatAreKeptAndThoseThatCome) {
    const auto log = make_log("error");
    EventHub* const lines = line_events(*log);
    ASSERT_NE(lines, nullptr);
    log->error("kept\n{}", 1);
    const auto listener = lines->listen(0);
    log->error("comes");
    log->info("below the level");
    std::vector<nlohmann::json> told;
    Event event;
    while (listener->next(event, {}) == EventHub::Listener::Outcome::event) {
        EXPECT_EQ(event.kind, "line");
        told.push_back(nlohmann::json::parse(event.data));
    }
    ASSERT_EQ(told.size(), 2U);
    EXPECT_EQ(told[0]["text"], "kept\\x0a1");
    EXPECT_EQ(told[0]["level"], "error");
    EXPECT_THAT(told[0]["time"].get<std::string>(),
                testing::MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
                                      "\\.[0-9]{3}Z"));
    EXPECT_EQ(told[1]["text"], "comes");
}

TEST_F(LogTest, ALoggerThatKeepsNothingHasNoLines) {
    const auto logger = log("info");
    logger->info("gone");
    EXPECT_EQ(line_events(*logger), nullptr);
    EXPECT_TRUE(last_lines(*logger).empty());
}

}  // namespace
}  // namespace trunkline::mgmt
