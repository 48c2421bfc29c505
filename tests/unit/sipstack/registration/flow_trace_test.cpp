#include "sipstack/registration/flow_trace.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace trunkline::sipstack {
namespace {

void add(FlowTrace& trace, TraceTrail& trail, std::string_view text) {
    trace.add(trail, Instant{}, TraceEvent::Kind::sent, {}, text);
}

TEST(FlowTrace, KeepsTheLastFlowsOfEachEntity) {
    FlowTrace trace;
    TraceTrail one, other, silent;
    for (int flow = 0; flow < 8; ++flow) {
        FlowTrace::begin(one);
        add(trace, one, "flow " + std::to_string(flow));
        FlowTrace::begin(other);
        add(trace, other, "other");
        add(trace, one, "end");
    }
    const auto flows = trace.flows(one);
    ASSERT_EQ(flows.size(), FlowTrace::flows_an_entity);
    EXPECT_EQ(flows.front()[0].text, "flow 3");
    EXPECT_EQ(flows.back()[0].text, "flow 7");
    EXPECT_EQ(flows.back()[1].text, "end");
    EXPECT_EQ(flows.back().size(), 2U);
    EXPECT_EQ(trace.flows(other)[0][0].text, "other");
    EXPECT_TRUE(trace.flows(silent).empty());
}

TEST(FlowTrace, TellsOfEachEventWhenAndWhereItWas) {
    FlowTrace trace;
    TraceTrail trail;
    const Flow flow{Transport::tcp,
                    0,
                    {dataplane::IpAddress::v4(0xc000020a), 5060},
                    {dataplane::IpAddress::v4(0xc0000201), 5062}};
    FlowTrace::begin(trail);
    trace.add(trail, Instant(Milliseconds(7)), TraceEvent::Kind::received, flow, "bytes");
    trace.note(trail, Instant(Milliseconds(8)), "words");
    const TraceFlow events = trace.flows(trail).at(0);
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].at, Instant(Milliseconds(7)));
    EXPECT_EQ(events[0].kind, TraceEvent::Kind::received);
    EXPECT_EQ(events[0].transport, Transport::tcp);
    EXPECT_EQ(events[0].local, flow.local);
    EXPECT_EQ(events[0].remote, flow.remote);
    EXPECT_EQ(events[0].text, "bytes");
    EXPECT_EQ(events[1].kind, TraceEvent::Kind::note);
    EXPECT_EQ(events[1].text, "words");
}

TEST(FlowTrace, IsBoundedInMemoryAndDropsTheOldestFirst) {
    FlowTrace trace(100'000);
    std::vector<TraceTrail> trails(1000);
    for (std::size_t entity = 0; entity < trails.size(); ++entity) {
        FlowTrace::begin(trails[entity]);
        add(trace, trails[entity], std::string(1000, static_cast<char>('a' + entity % 26)));
        EXPECT_LE(trace.bytes(), 100'000U);
        EXPECT_EQ(trace.flows(trails[entity])[0][0].text,
                  std::string(1000, static_cast<char>('a' + entity % 26)));
    }
    EXPECT_TRUE(trace.flows(trails[0]).empty());
    EXPECT_EQ(trace.flows(trails[950])[0].size(), 1U);
    EXPECT_EQ(trace.flows(trails[950])[0][0].text, std::string(1000, 'a' + 950 % 26));
}

TEST(FlowTrace, LeavesOutAFlowThatHasLostItsBeginning) {
    FlowTrace trace(10'000);
    TraceTrail trail;
    FlowTrace::begin(trail);
    for (int event = 0; event < 12; ++event) {
        add(trace, trail, std::string(1000, 'x'));
    }
    EXPECT_TRUE(trace.flows(trail).empty());
    FlowTrace::begin(trail);
    add(trace, trail, "whole");
    ASSERT_EQ(trace.flows(trail).size(), 1U);
    EXPECT_EQ(trace.flows(trail)[0][0].text, "whole");
}

TEST(FlowTrace, CutsATextThatWouldDriveOutAllOthers) {
    FlowTrace trace(8000);
    TraceTrail trail;
    FlowTrace::begin(trail);
    add(trace, trail, std::string(9000, 'x'));
    EXPECT_EQ(trace.flows(trail)[0][0].text, std::string(1000, 'x'));
}

TEST(FlowTrace, AFlowMayHaveNoEventsYet) {
    FlowTrace trace;
    TraceTrail trail;
    FlowTrace::begin(trail);
    add(trace, trail, "first");
    FlowTrace::begin(trail);
    const auto flows = trace.flows(trail);
    ASSERT_EQ(flows.size(), 2U);
    EXPECT_EQ(flows[0][0].text, "first");
    EXPECT_TRUE(flows[1].empty());
}

TEST(FlowTrace, KeepsAnEndlessFlowShort) {
    FlowTrace trace;
    TraceTrail trail;
    FlowTrace::begin(trail);
    for (int event = 0; event < 1000; ++event) {
        add(trace, trail, "again");
    }
    EXPECT_EQ(trace.flows(trail)[0].size(), FlowTrace::events_a_flow);
}

TEST(FlowTrace, KeepsNothingThatBelongsToNoFlow) {
    FlowTrace trace;
    TraceTrail trail;
    add(trace, trail, "early");
    EXPECT_TRUE(trace.flows(trail).empty());
    EXPECT_EQ(trace.bytes(), 0U);
}

}  // namespace
}  // namespace trunkline::sipstack
