#include "mgmt/work_thread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

namespace trunkline::mgmt {
namespace {

using testing::ElementsAre;

class Work : public testing::Test {
protected:
    WorkThread::Job job(const std::string& name) {
        WorkThread::Job made{"anna", "does " + name, false, {}, {}, {}};
        made.begin = [this, name] { order_.push_back(name + " begins"); };
        made.work = [this] { others_.push_back(std::this_thread::get_id()); };
        made.done = [this, name] { order_.push_back(name + " is done"); };
        return made;
    }
    void run_until(std::size_t told) {
        while (order_.size() < told) {
            loop_.run_once(std::chrono::milliseconds(100));
        }
    }
    board::EventLoop loop_;
    std::vector<std::string> order_;       ///< the control thread's
    std::vector<std::thread::id> others_;  ///< the work's
};

TEST_F(Work, IsDoneOneAfterTheOtherAndNotOnTheControlThread) {
    WorkThread work(loop_);
    EXPECT_TRUE(work.add(job("a")));
    EXPECT_TRUE(work.add(job("b")));
    run_until(4);
    EXPECT_THAT(order_, ElementsAre("a begins", "a is done", "b begins", "b is done"));
    EXPECT_THAT(others_, ElementsAre(others_[0], others_[0]));
    EXPECT_NE(others_[0], std::this_thread::get_id());
}

TEST_F(Work, TellsOfTheExclusiveJobUntilItIsDone) {
    WorkThread work(loop_);
    WorkThread::Job whole = job("a");
    whole.is_exclusive = true;
    whole.done = [&] {
        EXPECT_EQ(work.exclusive(), nullptr);
        order_.emplace_back("done");
    };
    EXPECT_EQ(work.exclusive(), nullptr);
    work.add(job("first"));
    work.add(std::move(whole));
    ASSERT_NE(work.exclusive(), nullptr);
    EXPECT_EQ(work.exclusive()->what, "does a");
    run_until(4);
    EXPECT_EQ(work.exclusive(), nullptr);
}

TEST_F(Work, AJobThatIsAddedByADoneOneHasItsTurn) {
    WorkThread work(loop_);
    WorkThread::Job first = job("a");
    first.done = [&] { EXPECT_TRUE(work.add(job("b"))); };
    work.add(std::move(first));
    run_until(3);
    EXPECT_THAT(order_, ElementsAre("a begins", "b begins", "b is done"));
}

TEST_F(Work, EndsWithTheWorkThatIsUnderWayAndDropsWhatWaits) {
    std::promise<void> begun, goes_on;
    bool was_whole = false;
    {
        WorkThread work(loop_);
        WorkThread::Job slow = job("slow");
        slow.work = [&] {
            begun.set_value();
            goes_on.get_future().wait();
            was_whole = true;
        };
        work.add(std::move(slow));
        work.add(job("dropped"));
        begun.get_future().wait();
        goes_on.set_value();
    }
    EXPECT_TRUE(was_whole);
    loop_.run_once(std::chrono::milliseconds(0));
    EXPECT_THAT(order_, ElementsAre("slow begins"));
    EXPECT_TRUE(others_.empty());
}

}  // namespace
}  // namespace trunkline::mgmt
