#include "mgmt/rest/hub_stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace trunkline::mgmt {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class HubStream : public ::testing::Test {
protected:
    HttpResponse open(const std::string& last_id = "") {
        HttpRequest request;
        request.last_event_id = last_id;
        return answer_({request, caller_, "ann", {}});
    }
    /// What the client reads who goes after so many pieces.
    static std::vector<std::string> read(const HttpResponse& response, std::size_t pieces) {
        std::vector<std::string> told;
        response.stream([&](std::string_view piece) {
            if (!piece.empty()) {
                told.emplace_back(piece);
            }
            return told.size() < pieces;
        });
        return told;
    }

    EventHub hub_;

private:
    const Caller caller_{"ann (REST 192.0.2.7)", AccessLevel::master};
    const std::function<HttpResponse(const RestCall&)> answer_ = hub_stream(hub_, 2);
};

TEST_F(HubStream, TellsWhatIsKeptBehindAnIdAndWhatComes) {
    hub_.publish("line", "one");
    hub_.publish("line", "two");
    const HttpResponse response = open("1");
    EXPECT_EQ(response.content_type, "text/event-stream");
    hub_.publish("line", "three");
    EXPECT_THAT(read(response, 3),
                ElementsAre(HasSubstr("begins"), "id: 2\nevent: line\ndata: \"two\"\n\n",
                            "id: 3\nevent: line\ndata: \"three\"\n\n"));
}

TEST_F(HubStream, WithoutAnIdItBeginsNow) {
    hub_.publish("line", "before");
    const HttpResponse response = open();
    hub_.publish("line", "after");
    EXPECT_THAT(read(response, 2), ElementsAre(HasSubstr("begins"), HasSubstr("after")));
}

TEST_F(HubStream, OneMoreThanMayListenIsToldToComeAgainAndMayOnceOneHasGone) {
    auto first = std::make_unique<HttpResponse>(open());
    const HttpResponse second = open();
    const HttpResponse third = open();
    EXPECT_EQ(third.status, 503);
    EXPECT_THAT(third.headers, testing::Contains(testing::Pair("Retry-After", "30")));
    first.reset();
    EXPECT_EQ(open().status, 200);
}

TEST_F(HubStream, EndsWithItsHub) {
    const HttpResponse response = open();
    hub_.close();
    EXPECT_EQ(read(response, 10).size(), 1U);
}

}  // namespace
}  // namespace trunkline::mgmt
