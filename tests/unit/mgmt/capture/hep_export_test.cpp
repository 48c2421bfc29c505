#include "mgmt/capture/hep_export.h"

#include "board/file_descriptor.h"
#include "tests/unit/mgmt/capture/captured.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>

namespace trunkline::mgmt {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// A collector on the loopback that the test plays.
class PlayedCollector {
public:
    PlayedCollector() : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
        sockaddr_in own{};
        own.sin_family = AF_INET;
        own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof own;
        EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&own), size), 0);
        EXPECT_EQ(::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&own), &size), 0);
        port_ = ntohs(own.sin_port);
    }
    HepConfig config(const std::string& key = "") const {
        HepConfig config;
        config.enabled = true;
        config.server = dataplane::IpAddress::parse("127.0.0.1");
        config.port = port_;
        config.key = key;
        return config;
    }
    std::string receive() const {
        pollfd entry{.fd = socket_.get(), .events = POLLIN, .revents = 0};
        EXPECT_EQ(::poll(&entry, 1, 20'000), 1) << "nothing came";
        std::string bytes(65536, '\0');
        const ssize_t size = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        return bytes;
    }

private:
    const board::FileDescriptor socket_;
    uint16_t port_ = 0;
};

struct ExportBench {
    void take(const std::string& bytes) {
        const auto message = sent_message(bytes);
        sender.take(captured(message));
    }
    PlayedCollector collector;
    HepExport sender{[](const std::string&) {}};
};

TEST(HepExportTest, SendsWhenItIsEnabledAndHasAServer) {
    ExportBench bench;
    EXPECT_FALSE(bench.sender.apply({}));
    HepConfig nowhere;
    nowhere.enabled = true;
    EXPECT_FALSE(bench.sender.apply(nowhere));
    bench.take("to nobody");
    EXPECT_TRUE(bench.sender.apply(bench.collector.config()));
    bench.take(captured_register);
    const std::string received = bench.collector.receive();
    EXPECT_THAT(received, StartsWith("HEP3"));
    EXPECT_THAT(received, EndsWith(captured_register));
}

TEST(HepExportTest, AnotherKeyHoldsFromTheNextMessageOn) {
    ExportBench bench;
    bench.sender.apply(bench.collector.config("first-key"));
    bench.take(captured_register);
    EXPECT_THAT(bench.collector.receive(), HasSubstr("first-key"));
    bench.sender.apply(bench.collector.config("second-key"));
    bench.take(captured_register);
    EXPECT_THAT(bench.collector.receive(), HasSubstr("second-key"));
}

TEST(HepExportTest, AMessageThatIsTooLongIsDroppedCountedAndHoldsUpNobody) {
    ExportBench bench;
    bench.sender.apply(bench.collector.config());
    bench.take(std::string(longest_hep_message, 'x'));
    EXPECT_EQ(bench.sender.counters().dropped, 1U);
    bench.take("short");
    EXPECT_THAT(bench.collector.receive(), EndsWith("short"));
}

}  // namespace
}  // namespace trunkline::mgmt
