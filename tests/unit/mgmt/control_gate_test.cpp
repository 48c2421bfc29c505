#include "mgmt/control_gate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

namespace trunkline::mgmt {
namespace {

using nlohmann::json;
using namespace std::chrono_literals;

const Caller tester{"tester (REST 192.0.2.7)", AccessLevel::administrator};
/// Longer than any test takes: what needs it to pass would hang.
constexpr std::chrono::milliseconds long_enough = 60s;

/// The control thread is the test's own.
class Gate : public testing::Test {
protected:
    Gate() {
        commands_.add("echo", AccessLevel::monitor,
                      [](const json& request, const Caller& caller, const Reply& reply) {
                          reply({{"ok", true}, {"n", request.at("n")}, {"who", caller.who}});
                      });
        commands_.add(
            "keep", AccessLevel::monitor,
            [this](const json&, const Caller&, Reply reply) { kept_.push_back(std::move(reply)); });
        commands_.add("master's", AccessLevel::master,
                      [](const json&, const Caller&, const Reply& reply) {
                          reply({{"ok", true}});
                      });
        gate_.emplace(commands_, loop_);
    }

    std::future<json> ask(json request, std::chrono::milliseconds patience = long_enough) {
        return std::async(std::launch::async, [this, request = std::move(request), patience] {
            return gate_->ask(request, tester, patience);
        });
    }
    template <typename Condition>
    void run_until(Condition done) {
        while (!done()) {
            loop_.run_once(10ms);
        }
    }
    json answer_of(std::future<json> asked) {
        run_until([&] { return asked.wait_for(0ms) == std::future_status::ready; });
        return asked.get();
    }

    board::EventLoop loop_;
    CommandTable commands_;
    std::vector<Reply> kept_;
    std::optional<ControlGate> gate_;
};

TEST_F(Gate, AnswersAnotherThread) {
    EXPECT_EQ(answer_of(ask({{"command", "echo"}, {"n", 7}})),
              (json{{"ok", true}, {"n", 7}, {"who", tester.who}}));
}

TEST_F(Gate, AnswersManyThreadsEachItsOwn) {
    constexpr int threads = 8;
    constexpr int questions = 50;
    std::atomic<int> right = 0;
    std::atomic<int> ended = 0;
    std::vector<std::thread> askers;
    for (int asker = 0; asker < threads; ++asker) {
        askers.emplace_back([&, asker] {
            for (int question = 0; question < questions; ++question) {
                const int number = asker * questions + question;
                const json reply =
                    gate_->ask({{"command", "echo"}, {"n", number}}, tester, long_enough);
                right += reply["n"] == number ? 1 : 0;
            }
            ++ended;
        });
    }
    run_until([&] { return ended == threads; });
    for (std::thread& asker : askers) {
        asker.join();
    }
    EXPECT_EQ(right, threads * questions);
}

TEST_F(Gate, KeepsTheLevelsOfTheCommands) {
    EXPECT_EQ(answer_of(ask({{"command", "master's"}}))["denied"], true);
}

TEST_F(Gate, HandlerMayAnswerLater) {
    auto asked = ask({{"command", "keep"}});
    run_until([&] { return !kept_.empty(); });
    EXPECT_EQ(asked.wait_for(0ms), std::future_status::timeout);
    kept_.front()({{"ok", "late"}});
    kept_.front()({{"ok", "twice"}});
    EXPECT_EQ(asked.get(), (json{{"ok", "late"}}));
}

TEST_F(Gate, WhoWaitsTooLongIsToldThatItMayStillAct) {
    json told;
    std::chrono::milliseconds patience = 1ms;
    // Until the loop was quick enough to begin it.
    for (; kept_.empty(); patience *= 2) {
        auto asked = ask({{"command", "keep"}}, patience);
        run_until(
            [&] { return !kept_.empty() || asked.wait_for(0ms) == std::future_status::ready; });
        told = asked.get();
    }
    EXPECT_EQ(told["unavailable"], true);
    EXPECT_THAT(told["error"].get<std::string>(),
                testing::EndsWith("it was begun and may still act, look before you ask "
                                  "again"));
    for (const Reply& reply : kept_) {
        reply({{"ok", true}});  // nobody waits any more
    }
}

TEST_F(Gate, WhatWasNotBegunInTimeNeverIs) {
    auto asked = ask({{"command", "keep"}}, 1ms);
    asked.wait();  // the loop stands still meanwhile
    EXPECT_EQ(asked.get(),
              (json{{"ok", false},
                    {"unavailable", true},
                    {"error", "no answer within 1 ms; it was not begun, nothing was done"}}));
    answer_of(ask({{"command", "echo"}, {"n", 1}}));
    EXPECT_TRUE(kept_.empty());
}

TEST_F(Gate, StopReleasesWhoWaitsAndWhoComesLater) {
    auto begun = ask({{"command", "keep"}});
    run_until([&] { return !kept_.empty(); });
    auto waiting = ask({{"command", "keep"}});
    gate_->stop();
    const json stopping = {{"ok", false},
                           {"unavailable", true},
                           {"error", "the appliance stops; ask again when it has started"}};
    EXPECT_EQ(begun.get(), stopping);
    EXPECT_EQ(waiting.get(), stopping);
    EXPECT_EQ(ask({{"command", "echo"}, {"n", 1}}).get(), stopping);
    EXPECT_EQ(kept_.size(), 1U);
    const Reply late = kept_.front();
    gate_.reset();
    late({{"ok", true}});  // harms nothing
}

TEST_F(Gate, StopByARequestReleasesThoseBehindIt) {
    commands_.add("stop", AccessLevel::monitor,
                  [this](const json&, const Caller&, const Reply& reply) {
                      reply({{"ok", true}});
                      gate_->stop();
                  });
    std::vector<std::future<json>> asked;
    asked.push_back(ask({{"command", "keep"}}));
    run_until([&] { return !kept_.empty(); });
    asked.push_back(ask({{"command", "stop"}}));
    asked.push_back(ask({{"command", "keep"}}));
    for (auto& one : asked) {
        const json reply = answer_of(std::move(one));
        EXPECT_TRUE(reply["ok"] == true ||
                    reply["error"].get<std::string>().starts_with("the appliance stops"))
            << reply;
    }
}

TEST_F(Gate, ManyWhoWaitAreBounded) {
    std::vector<std::future<json>> asked;
    asked.reserve(ControlGate::most_waiting);
    for (std::size_t i = 0; i < ControlGate::most_waiting; ++i) {
        asked.push_back(ask({{"command", "keep"}}));
    }
    run_until([&] { return kept_.size() == ControlGate::most_waiting; });
    EXPECT_EQ(ask({{"command", "echo"}, {"n", 1}}).get(),
              (json{{"ok", false},
                    {"unavailable", true},
                    {"error", "256 requests wait already; try again later"}}));
    for (const Reply& reply : kept_) {
        reply({{"ok", true}});
    }
    for (auto& one : asked) {
        EXPECT_EQ(one.get()["ok"], true);
    }
    EXPECT_EQ(answer_of(ask({{"command", "echo"}, {"n", 1}}))["ok"], true);
}

TEST_F(Gate, TheControlThreadItselfIsRefused) {
    EXPECT_EQ(gate_->ask({{"command", "echo"}, {"n", 1}}, tester, long_enough),
              (json{{"ok", false}, {"error", "the control thread cannot wait for itself"}}));
}

}  // namespace
}  // namespace trunkline::mgmt
