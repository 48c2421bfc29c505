#include "sipstack/transport/name_resolver.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <sstream>

namespace trunkline::sipstack {
namespace {

using dataplane::IpAddress;
using std::chrono::milliseconds;

/// A DNS server on loopback that runs in the loop under test (RFC 1035): A and AAAA, one question.
class DnsServer {
public:
    explicit DnsServer(board::EventLoop& loop) : loop_(loop) {
        fd_ = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        EXPECT_EQ(bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
        socklen_t size = sizeof(address);
        getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
        endpoint_ = {IpAddress::v4(INADDR_LOOPBACK), ntohs(address.sin_port)};
        loop_.watch(fd_, EPOLLIN, [this](uint32_t) { answer(); });
    }
    ~DnsServer() {
        loop_.unwatch(fd_);
        close(fd_);
    }

    dataplane::Endpoint endpoint() const { return endpoint_; }

    std::vector<IpAddress> addresses;  ///< of every name; empty = the name does not exist
    bool silent = false;
    uint32_t time_to_live = 0;  ///< seconds
    int questions = 0;

private:
    void answer() {
        uint8_t packet[512];
        sockaddr_in from{};
        socklen_t from_size = sizeof(from);
        const ssize_t size = recvfrom(fd_, packet, sizeof(packet), 0,
                                      reinterpret_cast<sockaddr*>(&from), &from_size);
        if (size < 12) {
            return;
        }
        ++questions;
        if (silent) {
            return;
        }
        std::size_t end = 12;
        while (packet[end] != 0) {
            end += packet[end] + 1U;
        }
        const bool wants_v6 = packet[end + 2] == 28;
        std::vector<uint8_t> reply(packet, packet + end + 5);
        reply[2] = 0x81;
        reply[3] = addresses.empty() ? 0x83 : 0x80;  // NXDOMAIN or success
        reply[10] = reply[11] = 0;                   // no EDNS record
        uint8_t answers = 0;
        for (const auto& address : addresses) {
            if (address.is_v6() != wants_v6) {
                continue;
            }
            ++answers;
            const uint8_t length = wants_v6 ? 16 : 4;
            const uint8_t record[] = {0xc0,
                                      12,
                                      0,
                                      static_cast<uint8_t>(wants_v6 ? 28 : 1),
                                      0,
                                      1,
                                      static_cast<uint8_t>(time_to_live >> 24),
                                      static_cast<uint8_t>(time_to_live >> 16),
                                      static_cast<uint8_t>(time_to_live >> 8),
                                      static_cast<uint8_t>(time_to_live),
                                      0,
                                      length};
            reply.insert(reply.end(), std::begin(record), std::end(record));
            reply.insert(reply.end(), address.bytes.begin(), address.bytes.begin() + length);
        }
        reply[7] = answers;
        sendto(fd_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&from), from_size);
    }

    board::EventLoop& loop_;
    int fd_ = -1;
    dataplane::Endpoint endpoint_;
};

class NameResolverTest : public testing::Test {
protected:
    void follow(std::chrono::seconds refresh = std::chrono::seconds(60)) {
        const dataplane::Endpoint servers[] = {server_.endpoint()};
        const NameResolver::Pace pace{milliseconds(10), milliseconds(10), milliseconds(50)};
        auto created = NameResolver::create(loop_, servers, log_, pace);
        ASSERT_TRUE(created);
        resolver_ = std::move(*created);
        resolver_->follow("registrar.lab.example", refresh,
                          [this](const std::vector<IpAddress>& now) {
                              ++calls_;
                              last_ = now;
                          });
    }

    /// Runs the loop until the condition holds; false after far longer than it can take.
    template <typename Condition>
    bool reach(Condition condition) {
        for (int turns = 0; turns < 2000 && !condition(); ++turns) {
            loop_.run_once(milliseconds(10));
        }
        return condition();
    }

    board::EventLoop loop_;
    DnsServer server_{loop_};
    std::ostringstream logged_;
    std::shared_ptr<spdlog::logger> log_ = std::make_shared<spdlog::logger>(
        "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(logged_));
    std::unique_ptr<NameResolver> resolver_;
    std::vector<IpAddress> last_;
    int calls_ = 0;
};

TEST_F(NameResolverTest, TellsBothFamiliesOfAName) {
    server_.addresses = {*IpAddress::parse("192.0.2.1"), *IpAddress::parse("2001:db8::1")};
    follow();
    ASSERT_TRUE(reach([&] { return calls_ == 1; }));
    EXPECT_EQ(last_.size(), 2U);
    EXPECT_NE(std::ranges::find(last_, *IpAddress::parse("192.0.2.1")), last_.end());
    EXPECT_NE(std::ranges::find(last_, *IpAddress::parse("2001:db8::1")), last_.end());
}

TEST_F(NameResolverTest, TellsAChangeWhenTheTimeToLiveIsOver) {
    server_.addresses = {*IpAddress::parse("192.0.2.1")};
    follow();
    ASSERT_TRUE(reach([&] { return calls_ == 1; }));
    server_.addresses = {*IpAddress::parse("192.0.2.2")};
    ASSERT_TRUE(reach([&] { return calls_ == 2; }));
    EXPECT_EQ(last_, std::vector{*IpAddress::parse("192.0.2.2")});
}

TEST_F(NameResolverTest, TellsTheSameAnswerOnce) {
    server_.addresses = {*IpAddress::parse("192.0.2.1")};
    follow();
    ASSERT_TRUE(reach([&] { return server_.questions >= 10; }));
    EXPECT_EQ(calls_, 1);
}

// T135: last-good answers are used when DNS is down.
TEST_F(NameResolverTest, KeepsTheLastAnswerWhileDnsIsSilentOrSaysNo) {
    server_.addresses = {*IpAddress::parse("192.0.2.1")};
    follow();
    ASSERT_TRUE(reach([&] { return calls_ == 1; }));
    server_.silent = true;
    ASSERT_TRUE(reach([&] { return logged_.str().find("keeping the last") != std::string::npos; }));
    server_.silent = false;
    server_.addresses = {};
    ASSERT_TRUE(reach([&] { return logged_.str().find("not found") != std::string::npos; }));
    EXPECT_EQ(calls_, 1);
    EXPECT_EQ(last_, std::vector{*IpAddress::parse("192.0.2.1")});
}

TEST_F(NameResolverTest, AsksAgainUntilTheNameExists) {
    follow();
    ASSERT_TRUE(reach([&] { return server_.questions >= 4; }));
    EXPECT_EQ(calls_, 0);
    EXPECT_NE(logged_.str().find("cannot resolve registrar.lab.example"), std::string::npos);
    server_.addresses = {*IpAddress::parse("192.0.2.1")};
    EXPECT_TRUE(reach([&] { return calls_ == 1; }));
}

TEST_F(NameResolverTest, MayEndWhileAQuestionIsOut) {
    server_.silent = true;
    follow();
    ASSERT_TRUE(reach([&] { return server_.questions >= 1; }));
    resolver_.reset();
    loop_.run_once(milliseconds(100));
    EXPECT_EQ(calls_, 0);
}

}  // namespace
}  // namespace trunkline::sipstack
