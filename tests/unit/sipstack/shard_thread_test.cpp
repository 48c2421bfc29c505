#include "sipstack/shard_thread.h"

#include "dataplane/packet.h"
#include "dataplane/packet_pool.h"
#include "sipstack/shard_group.h"
#include "sipstack/shard_key.h"
#include "tests/unit/dataplane/bench.h"
#include "tests/unit/sipstack/transport/stream_side.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <rte_mempool.h>
#include <spdlog/sinks/null_sink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <future>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace trunkline::sipstack {
namespace {

using dataplane::IpAddress;
using std::chrono::milliseconds;

const dataplane::Endpoint ours{IpAddress::v4(0xc000020a), 5060};
const dataplane::Endpoint peer{IpAddress::v4(0xc0000201), 5070};

/// A shard between its rings, without a worker: the test plays worker and control thread.
class ShardThreadTest : public ::testing::Test {
protected:
    ShardThreadTest() {
        auto config = std::make_shared<Config>();
        config->sip_interfaces.emplace_back().address = ours.address;
        make(config);
    }

    void make(std::shared_ptr<const Config> config) {
        shard_.reset();
        ShardThread::Options options;
        options.config = std::move(config);
        options.link = link_->get();
        options.worker_bell = &worker_bell_;
        options.bell = &bell_;
        options.control_bell = &control_bell_;
        options.pool = pool_->get();
        options.log = std::make_shared<spdlog::logger>(
            "test", std::make_shared<spdlog::sinks::null_sink_mt>());
        auto created = ShardThread::create(options);
        EXPECT_TRUE(created);
        shard_ = std::move(*created);
    }

    /// An mbuf, or a chain of two when `split` is not 0, as the worker would hand it over.
    rte_mbuf* datagram(const std::string& bytes, std::size_t split = 0) {
        rte_mbuf* packet = piece(split == 0 ? bytes : bytes.substr(0, split));
        if (split != 0) {
            EXPECT_EQ(rte_pktmbuf_chain(packet, piece(bytes.substr(split))), 0);
        }
        dataplane::facts(packet) = {.remote = peer, .local = ours, .ip_interface = 0, .device = 0};
        return packet;
    }

    rte_mbuf* piece(const std::string& bytes) {
        rte_mbuf* packet = rte_pktmbuf_alloc(pool_->get());
        bytes.copy(rte_pktmbuf_append(packet, static_cast<uint16_t>(bytes.size())), bytes.size());
        return packet;
    }

    std::string take_outbound() {
        rte_mbuf* packet = nullptr;
        if ((*link_)->outbound.pop(std::span(&packet, 1)) == 0) {
            return {};
        }
        facts_ = dataplane::facts(packet);
        std::string bytes(rte_pktmbuf_pkt_len(packet), '\0');
        const void* data = rte_pktmbuf_read(packet, 0, bytes.size(), bytes.data());
        if (data != bytes.data()) {
            bytes.assign(static_cast<const char*>(data), bytes.size());
        }
        segments_ = packet->nb_segs;
        rte_pktmbuf_free(packet);
        return bytes;
    }

    static std::string options_request(const std::string& more_headers = "") {
        return "OPTIONS sip:192.0.2.10 SIP/2.0\r\n"
               "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKping\r\n" +
               more_headers +
               "Max-Forwards: 70\r\nFrom: <sip:ping@192.0.2.1>;tag=1\r\nTo: <sip:192.0.2.10>\r\n"
               "Call-ID: ping@192.0.2.1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n";
    }

    board::Expected<dataplane::PacketPool> pool_ =
        dataplane::PacketPool::create("shard_thread_test", 255);
    board::Expected<std::unique_ptr<dataplane::ShardLink>> link_ =
        dataplane::ShardLink::create(0, 0);
    dataplane::Doorbell worker_bell_, bell_, control_bell_;
    std::unique_ptr<ShardThread> shard_;
    dataplane::PacketFacts facts_;
    unsigned segments_ = 0;
};

TEST(MachineClocks, KnowTheKernelsBootAndTheTimeSince) {
    EXPECT_NE(boot_number(), 0U);
    EXPECT_EQ(boot_number(), boot_number());
    const ClockReading earlier = read_clocks();
    const ClockReading later = read_clocks();
    EXPECT_EQ(earlier.boot, boot_number());
    EXPECT_GT(earlier.up, Milliseconds(0));
    EXPECT_GE(later.up, earlier.up);
    EXPECT_GE(later.up, later.monotonic.time_since_epoch() - Milliseconds(1));
}

TEST(RandomSeed, IsAnotherEachTime) {
    const auto one = random_seed();
    const auto other = random_seed();
    ASSERT_TRUE(one && other);
    EXPECT_NE(*one, *other);
}

TEST_F(ShardThreadTest, AnswersADatagramAlongItsFlowAndRingsTheWorker) {
    ASSERT_TRUE(worker_bell_.prepare_to_sleep());
    (*link_)->inbound.push(datagram(options_request()));
    EXPECT_TRUE(shard_->turn(monotonic_now()));
    EXPECT_TRUE(take_outbound().starts_with("SIP/2.0 200 "));
    EXPECT_EQ(facts_.remote, peer);
    EXPECT_EQ(facts_.local, ours);
    worker_bell_.awake();
    EXPECT_FALSE(shard_->turn(monotonic_now())) << "nothing is left to do";
}

TEST_F(ShardThreadTest, ReadsADatagramThatIsAChain) {
    (*link_)->inbound.push(datagram(options_request(), 100));
    shard_->turn(monotonic_now());
    EXPECT_TRUE(take_outbound().starts_with("SIP/2.0 200 "));
}

TEST_F(ShardThreadTest, HearsWhatTheNetworkGaveBackAndTakesItForNoMessage) {
    rte_mbuf* quote = datagram(options_request());
    dataplane::facts(quote).unreachable = dataplane::Unreachable::port;
    (*link_)->inbound.push(quote);
    EXPECT_TRUE(shard_->turn(monotonic_now()));
    EXPECT_EQ(take_outbound(), "");
    ShardCounters counters;
    shard_->post({[&counters](Shard& shard, Instant) {
                      counters = shard.counters();
                      return true;
                  },
                  [] {}});
    shard_->turn(monotonic_now());
    EXPECT_EQ(counters.unreachable, 1U);
    EXPECT_EQ(counters.received, 0U);
}

TEST_F(ShardThreadTest, SendsAMessageBeyondOneBufferAsAChain) {
    std::string vias;
    for (int i = 0; i < 180; ++i) {
        vias += "Via: SIP/2.0/UDP 192.0.2.2;branch=z9hG4bKhop" + std::to_string(1000 + i) + "\r\n";
    }
    ASSERT_GT(vias.size(), 8192U);
    (*link_)->inbound.push(datagram(options_request(vias), 8000));
    shard_->turn(monotonic_now());
    const std::string answer = take_outbound();
    EXPECT_NE(answer.find("z9hG4bKhop1179"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
    EXPECT_EQ(segments_, 2U);
}

TEST_F(ShardThreadTest, CountsWhatThePoolHasNoBufferFor) {
    std::vector<rte_mbuf*> all;
    rte_mbuf* request = datagram(options_request());
    while (rte_mbuf* packet = rte_pktmbuf_alloc(pool_->get())) {
        all.push_back(packet);
    }
    (*link_)->inbound.push(request);
    shard_->turn(monotonic_now());
    uint64_t failures = 0;
    shard_->post({[&failures](Shard& shard, Instant) {
                      failures = shard.counters().send_failures;
                      return true;
                  },
                  [] {}});
    shard_->turn(monotonic_now());
    EXPECT_EQ(failures, 1U);
    rte_pktmbuf_free_bulk(all.data(), static_cast<unsigned>(all.size()));
}

TEST_F(ShardThreadTest, CallsATaskUntilItIsDoneAndThenTheControlThread) {
    int slices = 0;
    bool done = false;
    shard_->post({[&slices](Shard&, Instant) { return ++slices == 3; }, [&done] { done = true; }});
    for (int turn = 0; turn < 3; ++turn) {
        shard_->collect();
        EXPECT_FALSE(done);
        EXPECT_TRUE(shard_->turn(monotonic_now()));
    }
    EXPECT_FALSE(control_bell_.prepare_to_sleep()) << "the control thread was rung";
    shard_->collect();
    EXPECT_TRUE(done);
    EXPECT_EQ(slices, 3);
}

TEST_F(ShardThreadTest, DoesMoreTasksThanItsRingHolds) {
    constexpr int posted = 1000;
    int run = 0, done = 0;
    for (int i = 0; i < posted; ++i) {
        shard_->post({[&run](Shard&, Instant) { return ++run > 0; }, [&done] { ++done; }});
    }
    for (int turn = 0; turn < posted && done < posted; ++turn) {
        shard_->turn(monotonic_now());
        shard_->collect();
    }
    EXPECT_EQ(run, posted);
    EXPECT_EQ(done, posted);
}

TEST_F(ShardThreadTest, FreesWhatIsLeftWhenItEnds) {
    const auto witness = std::make_shared<int>(0);
    for (int i = 0; i < 300; ++i) {
        shard_->post({[witness](Shard&, Instant) { return false; }, [witness] {}});
    }
    shard_->turn(monotonic_now());
    (*link_)->inbound.push(datagram(options_request()));
    shard_.reset();
    EXPECT_EQ(witness.use_count(), 1);
    link_ = dataplane::ShardLink::create(0, 0);
    EXPECT_EQ(rte_mempool_avail_count(pool_->get()), 255U);
}

/// A shard with a TCP port on loopback, and a peer of it.
class ShardThreadStreams : public ShardThreadTest {
protected:
    ShardThreadStreams() {
        auto config = std::make_shared<Config>();
        SipInterface& interface = config->sip_interfaces.emplace_back();
        interface.address = *IpAddress::parse("127.0.0.1");
        interface.tcp_port = testing::tcp_port;
        make(config);
        socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
        const sockaddr_in address{.sin_family = AF_INET,
                                  .sin_port = htons(testing::tcp_port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)},
                                  .sin_zero = {}};
        EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
                  0);
    }
    ~ShardThreadStreams() override { close(socket_); }

    /// As the shard's thread does: sleeps on the descriptor, looks, turns. false: nothing came.
    bool wait_and_turn() {
        pollfd streams{shard_->stream_descriptor(), POLLIN, 0};
        if (::poll(&streams, 1, 10'000) != 1) {
            return false;
        }
        shard_->look_at_streams();
        return shard_->turn(monotonic_now());
    }
    std::string answer() {
        std::array<char, 4096> room{};
        const ssize_t size = recv(socket_, room.data(), room.size(), MSG_DONTWAIT);
        return {room.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))};
    }

    int socket_ = -1;
};

// T129
TEST_F(ShardThreadStreams, AnswerOverTcpAndSleepInBetween) {
    const std::string request = options_request();
    ASSERT_TRUE(wait_and_turn());
    ASSERT_EQ(send(socket_, request.data(), request.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(request.size()));
    std::string answered;
    for (int i = 0; i < 10 && answered.empty(); ++i) {
        ASSERT_TRUE(wait_and_turn());
        answered = answer();
    }
    EXPECT_TRUE(answered.starts_with("SIP/2.0 200 ")) << answered;
    shard_->look_at_streams();
    EXPECT_FALSE(shard_->turn(monotonic_now())) << "nothing is left to do";
    pollfd streams{shard_->stream_descriptor(), POLLIN, 0};
    EXPECT_EQ(::poll(&streams, 1, 0), 0);
}

TEST_F(ShardThreadStreams, AreLookedAtByABusyThreadToo) {
    int turns = 0;
    while (!shard_->turn(monotonic_now()) && turns < 1000) {
        ++turns;  // nobody slept, nobody said that they are due
    }
    EXPECT_LT(turns, 1000);
}

TEST_F(ShardThreadTest, WithoutStreamPortsHasNoDescriptor) {
    EXPECT_EQ(shard_->stream_descriptor(), -1);
}

TEST(Topology, AutomaticIsSettledAndTheRestStays) {
    EXPECT_NE(resolve_topology(board::Topology::automatic), board::Topology::automatic);
    EXPECT_EQ(resolve_topology(board::Topology::merged), board::Topology::merged);
    EXPECT_EQ(resolve_topology(board::Topology::split), board::Topology::split);
}

TEST_F(ShardThreadTest, HasNamesOfRedirectionsLookedUpAndIsToldWhereTheyLead) {
    auto config = std::make_shared<Config>();
    config->sip_interfaces.emplace_back().address = ours.address;
    config->proxy_sets.push_back({"ITSP", 0, {{"192.0.2.1", 5070, Transport::udp}}});
    config->ip_groups.push_back({"ITSP", 0, "lab.example", ""});
    Account& account = config->accounts.emplace_back();
    account.name = "office";
    account.contact_user = "100";
    account.register_mode = AccountRegister::regular;
    make(config);
    board::EventLoop loop;
    ShardGroup group(loop);
    std::vector<std::string> asked;
    group.look_up_names_by([&](const RedirectionName& name, const ShardGroup::Answer& answer) {
        asked.push_back(name.host);
        answer({name, {{{IpAddress::v4(0xc0000209), 5060}, Transport::udp}}, Seconds(60)});
    });
    shard_.reset();
    ShardThread::Options options;
    options.config = config;
    options.link = link_->get();
    options.worker_bell = &worker_bell_;
    options.bell = &bell_;
    options.control_bell = &group.control_bell();
    options.pool = pool_->get();
    options.log =
        std::make_shared<spdlog::logger>("test", std::make_shared<spdlog::sinks::null_sink_mt>());
    group.add(std::move(*ShardThread::create(options)));
    ShardThread& shard = *group.shards()[0];
    group.tell([](Shard& core, Instant now) {
        core.set_targets(ProxySetTargets{0, {{peer, Transport::udp}}}, now);
        core.start(now);
    });
    // The test is the shard's thread as well, and its clock: what is due is due at once.
    Instant now = monotonic_now();
    const auto next_request = [&] {
        std::string request;
        for (int turns = 0; turns < 1000 && request.empty(); ++turns) {
            shard.turn(now += milliseconds(1));
            loop.run_once(milliseconds(0));
            request = take_outbound();
        }
        return request;
    };
    const std::string first = next_request();
    ASSERT_TRUE(first.starts_with("REGISTER sip:lab.example")) << first;
    const auto sent = Message::parse(first);
    (*link_)->inbound.push(datagram(fmt::format(
        "SIP/2.0 302 Moved\r\nVia: {}\r\nFrom: {}\r\nTo: {};tag=r\r\nCall-ID: {}\r\nCSeq: {} "
        "REGISTER\r\nContact: <sip:far.example>\r\nContent-Length: 0\r\n\r\n",
        sent->rows("Via")[0], sent->rows("From")[0], sent->rows("To")[0], sent->call_id(),
        sent->cseq())));
    const std::string second = next_request();
    EXPECT_TRUE(second.starts_with("REGISTER sip:far.example")) << second;
    EXPECT_EQ(facts_.remote, (dataplane::Endpoint{IpAddress::v4(0xc0000209), 5060}));
    EXPECT_EQ(asked, std::vector<std::string>{"far.example"});
}

/// Two shards, of which the second has the connections; the test is the thread of both, and the
/// control thread.
class ShardMailBetweenThreads : public ShardThreadTest {
protected:
    ShardMailBetweenThreads() {
        auto config = std::make_shared<Config>();
        config->shards = 2;
        config->sip_interfaces.emplace_back().address = *IpAddress::parse("127.0.0.1");
        // A port of its own, so that the kernel has no choice.
        config->sip_interfaces[0].tcp_port = testing::tls_port;
        add(0, std::make_shared<Config>(*config), *link_);
        config->sip_interfaces[0].tcp_port = testing::tcp_port;
        add(1, config, *second_link_);
        socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
        const sockaddr_in address{.sin_family = AF_INET,
                                  .sin_port = htons(testing::tcp_port),
                                  .sin_addr = {htonl(INADDR_LOOPBACK)},
                                  .sin_zero = {}};
        EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)),
                  0);
    }
    ~ShardMailBetweenThreads() override { close(socket_); }

    void add(uint32_t index, std::shared_ptr<const Config> config,
             std::unique_ptr<dataplane::ShardLink>& link) {
        ShardThread::Options options;
        options.index = index;
        options.config = std::move(config);
        options.link = link.get();
        options.worker_bell = &worker_bell_;
        options.bell = &bell_;
        options.control_bell = &group_.control_bell();
        options.pool = pool_->get();
        options.log = std::make_shared<spdlog::logger>(
            "test", std::make_shared<spdlog::sinks::null_sink_mt>());
        group_.add(std::move(*ShardThread::create(options)));
    }
    void send_for_the_first(int count) {
        Random random(Random::seed_from(1));
        std::string all;
        for (int i = 0; i < count; ++i) {
            all += fmt::format(
                "BYE sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1:9;branch=z9hG4bKn{0}\r\n"
                "From: <sip:a@b>;tag=f\r\nTo: <sip:c@d>;tag={1}\r\nCall-ID: n{0}\r\nCSeq: 1 BYE"
                "\r\nContent-Length: 0\r\n\r\n",
                i, make_tag(0, random));
        }
        ASSERT_EQ(send(socket_, all.data(), all.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(all.size()));
    }
    void turn_second() {
        group_.shards()[1]->look_at_streams();
        group_.shards()[1]->turn(monotonic_now());
    }
    ShardCounters counters_of_second() {
        ShardCounters counters;
        group_.shards()[1]->post({[&counters](Shard& shard, Instant) {
                                      counters = shard.counters();
                                      return true;
                                  },
                                  [] {}});
        turn_second();
        return counters;
    }

    board::Expected<std::unique_ptr<dataplane::ShardLink>> second_link_ =
        dataplane::ShardLink::create(0, 1);
    board::EventLoop loop_;
    ShardGroup group_{loop_};
    int socket_ = -1;
};

TEST_F(ShardMailBetweenThreads, GoesByTheControlThreadAndTheAnswerComesBack) {
    send_for_the_first(1);
    std::array<char, 4096> room{};
    ssize_t size = -1;
    for (int turns = 0; turns < 10'000 && size <= 0; ++turns) {
        turn_second();
        group_.shards()[0]->turn(monotonic_now());
        loop_.run_once(milliseconds(1));
        size = recv(socket_, room.data(), room.size(), MSG_DONTWAIT);
    }
    ASSERT_GT(size, 0);
    EXPECT_TRUE(std::string(room.data(), static_cast<std::size_t>(size))
                    .starts_with("SIP/2.0 405 Method Not Allowed\r\n"));
}

TEST_F(ShardMailBetweenThreads, IsDroppedAndCountedWhenNobodyTakesIt) {
    constexpr int beyond = 44;
    send_for_the_first(static_cast<int>(ShardOutbox::most_mail) + beyond);
    // Nobody plays the control thread.
    ShardCounters counters;
    for (int turns = 0; turns < 10'000 && counters.hand_over_drops < beyond; ++turns) {
        counters = counters_of_second();
    }
    EXPECT_EQ(counters.handed_over, ShardOutbox::most_mail);
    EXPECT_EQ(counters.hand_over_drops, static_cast<uint64_t>(beyond));
}

/// Until `threads` says so of itself: a thread that was asked for a turn needs a moment to make it.
bool comes_to_say(SignalingThreads& threads, const std::vector<std::string>& stuck) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (threads.stuck() != stuck) {
        if (std::chrono::steady_clock::now() > give_up) {
            return false;
        }
        std::this_thread::yield();
    }
    return true;
}

class SignalingThreadsTest : public ShardThreadTest,
                             public ::testing::WithParamInterface<board::Topology> {};

TEST_P(SignalingThreadsTest, AShardThatNeverReturnsIsToldAsStuck) {
    dataplane::testing::Bench bench;
    SignalingThreads threads(GetParam(), bench.worker(), std::span(&shard_, 1));
    EXPECT_TRUE(comes_to_say(threads, {}));
    std::promise<void> release;
    shard_->post({.run =
                      [returned = release.get_future().share()](Shard&, Instant) {
                          returned.wait();
                          return true;
                      },
                  .done = [] {}});
    const bool merged = GetParam() == board::Topology::merged;
    EXPECT_TRUE(comes_to_say(threads, {merged ? "worker+shards" : "shard-0"}));
    release.set_value();
    EXPECT_TRUE(comes_to_say(threads, {}));
}

INSTANTIATE_TEST_SUITE_P(Topologies, SignalingThreadsTest,
                         ::testing::Values(board::Topology::merged, board::Topology::split));

}  // namespace
}  // namespace trunkline::sipstack
