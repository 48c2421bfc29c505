#include "sipstack/registration/flow_trace.h"

#include <gtest/gtest.h>

namespace trunkline::sipstack {
namespace {

TraceEvent message(std::string text) {
    return {Instant{}, TraceEvent::Kind::sent, Transport::udp, {}, {}, std::move(text)};
}

TEST(FlowTrace, KeepsTheLastFlowsOfEachEntity) {
    FlowTrace trace;
    for (int flow = 0; flow < 8; ++flow) {
        trace.begin(1);
        trace.add(1, message("flow " + std::to_string(flow)));
        trace.add(1, message("end"));
    }
    trace.begin(2);
    trace.add(2, message("other"));
    const auto flows = trace.flows(1);
    ASSERT_EQ(flows.size(), FlowTrace::flows_an_entity);
    EXPECT_EQ(flows.front()[0].text, "flow 3");
    EXPECT_EQ(flows.back()[0].text, "flow 7");
    EXPECT_EQ(flows.back().size(), 2U);
    EXPECT_EQ(trace.flows(2)[0][0].text, "other");
    EXPECT_TRUE(trace.flows(3).empty());
}

TEST(FlowTrace, IsBoundedInMemoryAndDropsTheOldestFirst) {
    FlowTrace trace(100'000);
    for (uint64_t entity = 0; entity < 1000; ++entity) {
        trace.begin(entity);
        trace.add(entity, message(std::string(1000, 'x')));
        EXPECT_LE(trace.bytes(), 100'000U);
    }
    EXPECT_TRUE(trace.flows(0).empty());
    EXPECT_EQ(trace.flows(999).size(), 1U);
    EXPECT_EQ(trace.flows(950).size(), 1U);
}

TEST(FlowTrace, FlowsWithoutEventsAreBoundedToo) {
    FlowTrace trace(100'000);
    for (uint64_t entity = 0; entity < 10'000; ++entity) {
        trace.begin(entity);
        EXPECT_LE(trace.bytes(), 100'000U);
    }
    EXPECT_TRUE(trace.flows(0).empty());
    EXPECT_EQ(trace.flows(9999).size(), 1U);
}

TEST(FlowTrace, KeepsAnEndlessFlowShort) {
    FlowTrace trace;
    trace.begin(1);
    for (int event = 0; event < 1000; ++event) {
        trace.add(1, message("again"));
    }
    EXPECT_EQ(trace.flows(1)[0].size(), FlowTrace::events_a_flow);
}

TEST(FlowTrace, ForgetsWhoIsGone) {
    FlowTrace trace;
    trace.begin(1);
    trace.add(1, message("text"));
    trace.forget(1);
    EXPECT_TRUE(trace.flows(1).empty());
    EXPECT_EQ(trace.bytes(), 0U);
    trace.add(1, message("late"));
    EXPECT_EQ(trace.bytes(), 0U);
    trace.begin(2);
    trace.add(2, message("text"));
    EXPECT_EQ(trace.flows(2).size(), 1U);
}

}  // namespace
}  // namespace trunkline::sipstack
