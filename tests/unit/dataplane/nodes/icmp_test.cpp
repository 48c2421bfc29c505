// What the network gives back: the shard that sent it is told, and the kernel gets it as ever.
#include "bench.h"

#include <gmock/gmock.h>

namespace trunkline::dataplane::testing {
namespace {

/// A datagram of ours that did not arrive, and the error about it.
struct GivenBack {
    bool is_v4 = true;
    uint8_t type = is_v4 ? 3 : 1;
    uint8_t code = is_v4 ? 3 : 4;
    std::string source = is_v4 ? "192.0.2.10" : "2001:db8::10";  ///< of the quoted datagram
    std::string destination = is_v4 ? "198.51.100.1" : "2001:db8:1::1";
    std::string sender = is_v4 ? "192.0.2.20" : "2001:db8::20";  ///< of the error
    uint16_t port = 5060;
    uint8_t protocol = 17;
    std::string payload = "2 REGISTER";
    uint16_t fragment = 0;
    std::size_t cut = 0;  ///< bytes that the quote lacks
    Bytes trailer = {};   ///< what follows the quote
    Sum sum = Sum::good;

    Bytes build() const {
        Bytes quoted = ip_packet(source, destination, protocol,
                                 udp_segment(source, destination, port, 5070, payload), fragment);
        quoted.resize(quoted.size() - cut);
        quoted.insert(quoted.end(), trailer.begin(), trailer.end());
        const std::string ours = is_v4 ? "192.0.2.10" : "2001:db8::10";
        return ethernet(our_mac, peer_mac, is_v4 ? 0x0800 : 0x86dd,
                        icmp_error(sender, ours, type, code, quoted, sum));
    }
};

class Icmp : public ::testing::TestWithParam<bool> {
protected:
    GivenBack given_back() const { return {.is_v4 = GetParam()}; }

    /// Nobody is told, the kernel gets it, and `counter` is what there is to see.
    void expect_ignored(const GivenBack& error, const std::string& counter) {
        Bench bench({.shards = 3});
        bench.inject(error.build());
        bench.walk();
        for (uint32_t shard = 0; shard < 3; ++shard) {
            EXPECT_TRUE(bench.received(shard).empty());
        }
        EXPECT_EQ(bench.at_kernel(), std::vector<Bytes>{error.build()});
        EXPECT_EQ(bench.counter(counter), 1U) << bench.drops();
        EXPECT_EQ(bench.counter("icmp.unreachable"), 0U);
    }
};

TEST_P(Icmp, TheShardThatSentItIsToldAndTheKernelGetsItAsItIs) {
    Bench bench({.shards = 3});
    bench.inject(given_back().build());
    bench.walk();
    const auto received = bench.received(2);
    ASSERT_EQ(received.size(), 1U) << bench.drops();
    EXPECT_EQ(received[0].payload, "2 REGISTER");
    EXPECT_EQ(received[0].facts.unreachable, Unreachable::port);
    EXPECT_EQ(received[0].facts.local, (Endpoint{*IpAddress::parse(given_back().source), 5060}));
    EXPECT_EQ(received[0].facts.remote,
              (Endpoint{*IpAddress::parse(given_back().destination), 5070}));
    EXPECT_EQ(received[0].facts.ip_interface, GetParam() ? 0 : 1);
    EXPECT_FALSE(bench.shard_bell(2).prepare_to_sleep()) << "the shard was rung";
    EXPECT_EQ(bench.at_kernel(), std::vector<Bytes>{given_back().build()});
    EXPECT_EQ(bench.counter("icmp.unreachable"), 1U);
    EXPECT_EQ(bench.drops(), "");
}

TEST_P(Icmp, AQuoteIsHandedOverAsFarAsItGoesAndNoFurtherThanTheDatagram) {
    Bench bench({.shards = 3});
    GivenBack cut = given_back();
    cut.cut = 4;
    bench.inject(cut.build());
    // Something follows the datagram (RFC 4884): its own UDP length says where it ends.
    GivenBack whole = given_back();
    whole.trailer = Bytes(20, 'x');
    bench.inject(whole.build(), 60);  // in segments
    bench.walk();
    const auto received = bench.received(2);
    ASSERT_EQ(received.size(), 2U) << bench.drops();
    EXPECT_EQ(received[0].payload, "2 REGI");
    EXPECT_EQ(received[1].payload, "2 REGISTER");
}

TEST_P(Icmp, OtherMessagesAreTheKernelsAlone) {
    GivenBack error = given_back();
    error.type = GetParam() ? 8 : 128;  // echo
    expect_ignored(error, "icmp.other");
    error.type = GetParam() ? 11 : 3;  // time exceeded (RFC 3261 18.4)
    expect_ignored(error, "icmp.other");
    error.type = GetParam() ? 3 : 2;  // fragmentation needed, packet too big
    error.code = GetParam() ? 4 : 0;
    expect_ignored(error, "icmp.other");
}

TEST_P(Icmp, AQuoteThatIsCutOffIsIgnored) {
    GivenBack error = given_back();
    const std::size_t quoted = 8 + error.payload.size();
    error.cut = quoted - 7;  // in the UDP header
    expect_ignored(error, "icmp.quote_short");
    error.cut = quoted + 1;  // in the IP header
    expect_ignored(error, "icmp.quote_short");
    error.cut = quoted + (GetParam() ? 20 : 40);
    expect_ignored(error, "icmp.quote_short");
    error.cut = quoted - 8;  // eight bytes of UDP, all that RFC 792 asks for
    expect_ignored(error, "icmp.quote_without_branch");
}

TEST_P(Icmp, AQuoteOfWhatNoSipPortOfOursSentIsIgnored) {
    GivenBack error = given_back();
    error.port = 5061;
    expect_ignored(error, "icmp.quote_foreign");
    error = given_back();
    error.source = error.sender;
    expect_ignored(error, "icmp.quote_foreign");
    error = given_back();
    error.protocol = 6;
    expect_ignored(error, "icmp.quote_foreign");
    error = given_back();
    error.payload = "no branch";
    expect_ignored(error, "icmp.quote_without_branch");
}

TEST_P(Icmp, AQuoteOfAFragmentIsIgnored) {
    GivenBack error = given_back();
    if (GetParam()) {
        error.fragment = 0x2000;  // the first one
        expect_ignored(error, "icmp.quote_fragment");
        error.fragment = 1;
    } else {
        error.protocol = 44;
    }
    expect_ignored(error, "icmp.quote_fragment");
}

TEST_P(Icmp, AWrongChecksumIsIgnored) {
    GivenBack error = given_back();
    error.sum = Sum::bad;
    expect_ignored(error, "icmp.bad_checksum");
}

TEST_P(Icmp, AFloodIsLimited) {
    Bench bench({.shards = 3, .unreachable_rate = 4});
    for (int i = 0; i < 6; ++i) {
        bench.inject(given_back().build());
    }
    bench.walk();
    EXPECT_EQ(bench.received(2).size(), 4U);
    EXPECT_EQ(bench.at_kernel().size(), 6U);
    EXPECT_EQ(bench.drops(), "icmp.limited=2");
    bench.pass_time(std::chrono::milliseconds(250));
    bench.inject(given_back().build());
    bench.walk();
    EXPECT_EQ(bench.received(2).size(), 1U);
}

TEST_P(Icmp, AFullRingAndAnEmptyPoolAreCounted) {
    Bench bench({.shards = 3, .ring_capacity = 2});
    for (int i = 0; i < 3; ++i) {
        bench.inject(given_back().build());
    }
    bench.walk();
    const std::size_t told = bench.received(2).size();
    EXPECT_EQ(bench.counter("icmp.ring_full"), 3 - told);
    EXPECT_EQ(bench.link(2).inbound_full.load(), 3 - told);
    EXPECT_LT(told, 3U);
    bench.inject(given_back().build());
    const auto taken = bench.take_all_packets();
    bench.walk();
    EXPECT_EQ(bench.counter("icmp.no_buffer"), 1U);
    for (rte_mbuf* packet : taken) {
        rte_pktmbuf_free(packet);
    }
}

INSTANTIATE_TEST_SUITE_P(Both, Icmp, ::testing::Bool(),
                         [](const auto& tested) { return tested.param ? "ip4" : "ip6"; });

TEST(IcmpMessages, NoDatagramIsTakenForOne) {
    Bench bench;
    const auto packets = bench.take_all_packets();
    for (rte_mbuf* packet : packets) {
        facts(packet).unreachable = Unreachable::port;  // of its last use
        rte_pktmbuf_free(packet);
    }
    bench.inject(UdpFrame{}.build());
    bench.walk();
    const auto received = bench.received();
    ASSERT_EQ(received.size(), 1U);
    EXPECT_EQ(received[0].facts.unreachable, Unreachable::none);
}

TEST(IcmpMessages, AreToldApartByTypeAndCode) {
    using enum Unreachable;
    const auto by_icmp4 = [](int code) {
        return unreachable_by_icmp4(3, static_cast<uint8_t>(code));
    };
    const auto by_icmp6 = [](int code) {
        return unreachable_by_icmp6(1, static_cast<uint8_t>(code));
    };
    const std::vector expected4 = {network, host, protocol,   port,       none, none, none,
                                   none,    none, prohibited, prohibited, none, none, prohibited};
    const std::vector expected6 = {network, prohibited, network, host, port, prohibited, network};
    for (std::size_t code = 0; code < expected4.size(); ++code) {
        EXPECT_EQ(by_icmp4(static_cast<int>(code)), expected4[code]) << code;
    }
    for (std::size_t code = 0; code < expected6.size(); ++code) {
        EXPECT_EQ(by_icmp6(static_cast<int>(code)), expected6[code]) << code;
    }
    EXPECT_EQ(unreachable_by_icmp4(12, 0), parameter_problem);
    EXPECT_EQ(unreachable_by_icmp6(4, 1), parameter_problem);
    EXPECT_EQ(unreachable_by_icmp4(0, 3), none);
    EXPECT_EQ(unreachable_by_icmp6(129, 0), none);
    EXPECT_EQ(to_string(port), "port unreachable");
    EXPECT_EQ(to_string(prohibited), "communication prohibited");
}

}  // namespace
}  // namespace trunkline::dataplane::testing
