// EAL for all tests of an executable: it starts once in a process.
#pragma once

#include "board/eal.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

namespace trunkline::test {

class EalEnvironment : public testing::Environment {
public:
    void SetUp() override {
        board::BoardConfig config;
        config.memory_megabytes = 128;  // several times what a test takes: what is freed has holes
        auto eal = board::Eal::start(config);
        ASSERT_TRUE(eal) << eal.error().message;
        eal_ = *std::move(eal);
    }
    void TearDown() override { eal_.reset(); }

private:
    std::unique_ptr<board::Eal> eal_;
};

}  // namespace trunkline::test
