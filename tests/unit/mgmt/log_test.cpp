#include "mgmt/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include <sstream>

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

}  // namespace
}  // namespace trunkline::mgmt
