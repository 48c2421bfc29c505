// Ethernet groups of several members and of several VLANs: rx, vlan, announce and tx.
#include "bench.h"

#include <gmock/gmock.h>

namespace trunkline::dataplane::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr board::GroupRoles first_active{1, 1}, second_active{2, 2}, both_hear{3, 1},
    both_hear_second_sends{3, 2}, both{3, 3};

Bytes tagged(const Bytes& frame, uint16_t tci) {
    Bytes with_tag(frame.begin(), frame.begin() + 12);
    with_tag.insert(with_tag.end(),
                    {0x81, 0x00, static_cast<uint8_t>(tci >> 8), static_cast<uint8_t>(tci)});
    with_tag.insert(with_tag.end(), frame.begin() + 12, frame.end());
    return with_tag;
}

UdpFrame to_vlan_2() {
    UdpFrame frame;
    frame.source = "192.0.3.20";
    frame.destination = "192.0.3.10";
    return frame;
}

MacAddress destination_of(const Bytes& frame) {
    MacAddress mac;
    std::copy_n(frame.begin(), 6, mac.bytes.begin());
    return mac;
}

TEST(GroupMembers, BothAreHeardWhereBothReceive) {
    Bench bench({.members = 2});
    bench.set_roles(both_hear);
    bench.inject(UdpFrame{}.build(), 0, 0);
    bench.inject(UdpFrame{}.build(), 0, 1);
    bench.walk();
    EXPECT_THAT(bench.received(), SizeIs(2)) << bench.drops();
    EXPECT_EQ(bench.drops(), "");
}

TEST(GroupMembers, WhoStandsByIsEmptiedAndCounted) {
    Bench bench({.members = 2});
    bench.set_roles(first_active);
    bench.walk();
    bench.inject(UdpFrame{}.build(), 0, 0);
    bench.inject(UdpFrame{}.build(), 0, 1);
    bench.walk();
    EXPECT_THAT(bench.received(), SizeIs(1));
    EXPECT_EQ(bench.drops(), "rx.standby=1");
    bench.set_roles(second_active);
    bench.walk();
    EXPECT_THAT(bench.received(), IsEmpty()) << "nothing old comes out of the queue";
    bench.inject(UdpFrame{}.build(), 0, 1);
    bench.walk();
    EXPECT_THAT(bench.received(), SizeIs(1));
}

TEST(GroupMembers, WhatTheOtherMemberSentIsNotReceived) {
    Bench bench({.members = 2});
    bench.set_roles(both_hear);
    UdpFrame frame;
    frame.from = our_mac;
    bench.inject(frame.build(), 0, 1);
    bench.walk();
    EXPECT_EQ(bench.drops(), "ethernet.own_frame=1");
}

TEST(GroupMembers, WithoutAnyThatSendsAFrameIsDroppedAndCounted) {
    Bench bench({.members = 2});
    bench.set_roles(first_active);
    bench.walk();
    bench.set_roles({});
    bench.walk();
    const uint64_t announced = bench.counter("tx.no_port");
    bench.shard_sends("to nobody", "192.0.2.10", "192.0.2.20");
    bench.walk();
    EXPECT_THAT(bench.sent(0), IsEmpty());
    EXPECT_EQ(bench.counter("tx.no_port"), announced + 1);
}

TEST(GroupMembers, TheActiveOneSendsAndAnotherOneAfterASwitchOver) {
    Bench bench({.members = 2});
    bench.set_roles(both_hear);
    bench.walk();
    bench.shard_sends("to the first", "192.0.2.10", "192.0.2.20");
    bench.walk();
    EXPECT_THAT(bench.sent(0), SizeIs(1));
    EXPECT_THAT(bench.sent(1), IsEmpty());
    bench.set_roles(both_hear_second_sends);
    bench.walk();
    bench.sent(1);
    bench.shard_sends("to the second", "192.0.2.10", "192.0.2.20");
    bench.walk();
    const auto sent = bench.sent(1);
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(read_udp(sent[0])->payload, "to the second");
    EXPECT_THAT(bench.sent(0), IsEmpty());
}

TEST(GroupMembers, WhatTheKernelSendsGoesTheSameWay) {
    Bench bench({.members = 2});
    bench.set_roles(first_active);
    bench.walk();
    bench.set_roles(second_active);
    bench.walk();
    bench.sent(1);
    UdpFrame frame;
    frame.to = peer_mac;
    frame.from = our_mac;
    bench.kernel_sends(frame.build());
    bench.walk();
    EXPECT_THAT(bench.sent(0), IsEmpty());
    EXPECT_THAT(bench.sent(1), ElementsAre(frame.build()));
}

TEST(GroupMembers, ThatBothSendServeAStationByOneOfThem) {
    Bench bench({.members = 2});
    bench.set_roles(both);
    bench.walk();
    bench.sent(0);
    bench.sent(1);
    for (int i = 0; i < 4; ++i) {
        bench.shard_sends("p", "192.0.2.10", "192.0.2.20");    // peer_mac ends with 2
        bench.shard_sends("r", "192.0.2.10", "198.51.100.1");  // router_mac with 3
    }
    bench.walk();
    const auto by_first = bench.sent(0), by_second = bench.sent(1);
    ASSERT_THAT(by_first, SizeIs(4));
    ASSERT_THAT(by_second, SizeIs(4));
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(destination_of(by_first[static_cast<std::size_t>(i)]), peer_mac);
        EXPECT_EQ(destination_of(by_second[static_cast<std::size_t>(i)]), router_mac);
    }
}

TEST(SwitchOver, AnnouncesEveryAddressThreeTimesThroughTheNewSender) {
    Bench bench({.members = 2});
    bench.set_roles(first_active);
    bench.walk();
    bench.sent(0);
    bench.set_roles(second_active);
    bench.walk();
    const auto announced = bench.sent(1);
    ASSERT_THAT(announced, SizeIs(2));
    EXPECT_EQ(announced[0].size(), 42U) << "the IPv4 address's ARP";
    EXPECT_EQ(announced[1].size(), 86U) << "the IPv6 address's advertisement";
    bench.pass_time(std::chrono::milliseconds(999));
    bench.walk();
    EXPECT_THAT(bench.sent(1), IsEmpty());
    for (int again = 0; again < 2; ++again) {
        bench.pass_time(std::chrono::seconds(1));
        bench.walk();
        EXPECT_EQ(bench.sent(1), announced);
    }
    bench.pass_time(std::chrono::hours(1));
    bench.walk();
    EXPECT_THAT(bench.sent(1), IsEmpty());
    EXPECT_THAT(bench.sent(0), IsEmpty());
    EXPECT_EQ(bench.counter("announce.frames"), 6U);
}

TEST(SwitchOver, AnnouncesInEachVlan) {
    Bench bench({.devices = 2, .one_group = true, .members = 2});
    bench.set_roles(first_active);
    bench.walk();
    bench.set_roles(second_active);
    bench.walk();
    const auto announced = bench.sent(1);
    ASSERT_THAT(announced, SizeIs(4));
    EXPECT_EQ(announced[0][12], 0x08) << "the untagged device's";
    EXPECT_EQ((Bytes(announced[2].begin() + 12, announced[2].begin() + 18)),
              (Bytes{0x81, 0x00, 0, 2, 0x08, 0x06}));
}

TEST(SwitchOver, IsNotAnnouncedWhereTheSenderRemains) {
    Bench bench({.members = 2});
    bench.set_roles(first_active);
    bench.walk();
    bench.sent(0);
    bench.set_roles(both_hear);
    bench.walk();
    EXPECT_THAT(bench.sent(0), IsEmpty());
    EXPECT_THAT(bench.sent(1), IsEmpty());
}

TEST(SwitchOver, WithoutPacketsIsCounted) {
    Bench bench({.members = 2});
    bench.set_roles(first_active);
    bench.walk();
    const auto all = bench.take_all_packets();
    bench.set_roles(second_active);
    bench.walk();
    for (rte_mbuf* packet : all) {
        rte_pktmbuf_free(packet);
    }
    EXPECT_EQ(bench.counter("announce.no_buffer"), 2U);
    EXPECT_THAT(bench.sent(1), IsEmpty());
}

TEST(Vlans, AFrameReachesTheDeviceOfItsTag) {
    Bench bench({.devices = 2, .one_group = true});
    bench.inject(UdpFrame{}.build());
    bench.inject(tagged(to_vlan_2().build(), 2));
    bench.inject(tagged(to_vlan_2().build(), 0xe002));  // with a priority
    bench.walk();
    const auto received = bench.received();
    ASSERT_THAT(received, SizeIs(3)) << bench.drops();
    EXPECT_EQ(received[0].facts.device, 0);
    EXPECT_EQ(received[1].facts.device, 1);
    EXPECT_EQ(received[1].facts.ip_interface, 2);
    EXPECT_EQ(received[2].facts.device, 1);
    EXPECT_EQ(bench.drops(), "");
}

TEST(Vlans, ATagOfAPriorityAloneIsNone) {
    Bench bench({.devices = 2, .one_group = true});
    bench.inject(tagged(UdpFrame{}.build(), 0x6000));
    bench.walk();
    EXPECT_THAT(bench.received(), SizeIs(1)) << bench.drops();
}

TEST(Vlans, ATagOfAPriorityAloneIsNoneWhereThereIsNoVlan) {
    Bench bench;
    bench.inject(tagged(UdpFrame{}.build(), 0x6000));
    bench.inject(UdpFrame{}.build());
    rte_mbuf* taken_off = bench.make_packet(UdpFrame{}.build());  // by the driver
    taken_off->vlan_tci = 0x6000;
    taken_off->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
    bench.inject(taken_off);
    rte_mbuf* left_in = bench.make_packet(tagged(UdpFrame{}.build(), 0));
    left_in->ol_flags |= RTE_MBUF_F_RX_VLAN;
    bench.inject(left_in);
    bench.walk();
    EXPECT_THAT(bench.received(), SizeIs(4));
    EXPECT_EQ(bench.drops(), "");
    UdpFrame to_kernel;
    to_kernel.destination_port = 53;
    bench.inject(tagged(to_kernel.build(), 0xe000));
    bench.walk();
    EXPECT_THAT(bench.at_kernel(), ElementsAre(to_kernel.build()));
}

TEST(Vlans, OtherTagsAreDroppedWhereThereIsNoVlan) {
    Bench bench;
    bench.inject(tagged(UdpFrame{}.build(), 1));
    bench.inject(tagged(tagged(UdpFrame{}.build(), 0), 0));
    Bytes of_a_provider = tagged(UdpFrame{}.build(), 0);
    of_a_provider[12] = 0x88;  // IEEE 802.1ad
    of_a_provider[13] = 0xa8;
    bench.inject(of_a_provider);
    rte_mbuf* taken_off = bench.make_packet(UdpFrame{}.build());
    taken_off->vlan_tci = 1;
    taken_off->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
    bench.inject(taken_off);
    bench.walk();
    EXPECT_THAT(bench.received(), IsEmpty());
    EXPECT_THAT(bench.at_kernel(), IsEmpty());
    EXPECT_EQ(bench.drops(), "ethernet.tagged=4");
}

TEST(Vlans, OthersTagsAndWhatLiesBehindASecondOneAreDropped) {
    Bench bench({.devices = 2, .one_group = true});
    bench.inject(tagged(to_vlan_2().build(), 7));
    bench.inject(tagged(tagged(to_vlan_2().build(), 2), 2));
    bench.inject(tagged(tagged(to_vlan_2().build(), 0), 2));
    bench.walk();
    EXPECT_THAT(bench.received(), IsEmpty());
    EXPECT_EQ(bench.counter("vlan.unknown"), 1U);
    EXPECT_EQ(bench.counter("ethernet.tagged"), 2U);
}

TEST(Vlans, AnAddressOfAnotherVlanIsTheKernelsToJudge) {
    Bench bench({.devices = 2, .one_group = true});
    bench.inject(to_vlan_2().build());
    bench.walk();
    EXPECT_THAT(bench.received(), IsEmpty());
    EXPECT_THAT(bench.at_kernel(), SizeIs(1));
}

TEST(Vlans, WhatATaggedDeviceSendsHasItsTag) {
    Bench bench({.devices = 2, .one_group = true});
    bench.shard_sends("tagged", "192.0.3.10", "192.0.3.20", 0, 2);
    bench.shard_sends("untagged", "192.0.2.10", "192.0.2.20");
    bench.walk();
    auto sent = bench.sent();
    ASSERT_THAT(sent, SizeIs(2)) << bench.drops();
    EXPECT_EQ((Bytes(sent[0].begin() + 12, sent[0].begin() + 16)), (Bytes{0x81, 0, 0, 2}));
    sent[0].erase(sent[0].begin() + 12, sent[0].begin() + 16);
    EXPECT_EQ(read_udp(sent[0])->payload, "tagged");
    EXPECT_EQ(read_udp(sent[1])->payload, "untagged");
}

TEST(Vlans, EachFragmentHasTheTag) {
    Bench bench({.devices = 2, .one_group = true});
    bench.shard_sends(std::string(4000, 'x'), "192.0.3.10", "192.0.3.20", 0, 2);
    bench.walk();
    const auto sent = bench.sent();
    ASSERT_THAT(sent, SizeIs(3)) << bench.drops();
    for (const Bytes& frame : sent) {
        EXPECT_LE(frame.size(), 1518U);
        EXPECT_EQ((Bytes(frame.begin() + 12, frame.begin() + 16)), (Bytes{0x81, 0, 0, 2}));
    }
}

TEST(Vlans, AGroupOfTaggedDevicesAloneTakesNoUntaggedFrames) {
    Bench bench({.devices = 1, .first_tagged = true});
    bench.inject(UdpFrame{}.build());
    bench.inject(tagged(UdpFrame{}.build(), 1));
    bench.walk();
    EXPECT_THAT(bench.received(), SizeIs(1));
    EXPECT_EQ(bench.drops(), "vlan.untagged=1");
}

}  // namespace
}  // namespace trunkline::dataplane::testing
