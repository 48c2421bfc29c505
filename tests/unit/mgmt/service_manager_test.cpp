#include "mgmt/service_manager.h"

#include "board/file_descriptor.h"
#include "tests/temporary_folder.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace trunkline::mgmt {
namespace {

/// The socket that systemd gives a service, and the environment that names it.
class FakeSystemd {
public:
    FakeSystemd() : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        const std::string path = folder_ + "/notify";
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        EXPECT_EQ(
            ::bind(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    }
    ~FakeSystemd() {
        for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) {
            ::unsetenv(name);
        }
    }
    /// Empty: nothing came yet.
    std::string heard() const {
        std::array<char, 256> text{};
        const ssize_t length = ::recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
        return length < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(length));
    }

private:
    board::FileDescriptor socket_;
    const tests::TemporaryFolder temporary_;
    std::string folder_ = temporary_.path();
};

std::shared_ptr<spdlog::logger> silent_log() {
    return std::make_shared<spdlog::logger>("test",
                                            std::make_shared<spdlog::sinks::null_sink_mt>());
}

TEST(ServiceManager, TellsThatItIsUpAndThatItStops) {
    const FakeSystemd systemd;
    board::EventLoop loop;
    ServiceManager manager(loop, silent_log());
    EXPECT_EQ(systemd.heard(), "");
    manager.tell_ready("running x.yaml");
    EXPECT_EQ(systemd.heard(), "READY=1\nSTATUS=running x.yaml");
    manager.tell_stopping();
    EXPECT_EQ(systemd.heard(), "STOPPING=1");
}

TEST(ServiceManager, TellsTheWatchdogForAsLongAsTheLoopTurns) {
    const FakeSystemd systemd;
    ::setenv("WATCHDOG_USEC", "20000", 1);
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    board::EventLoop loop;
    const ServiceManager manager(loop, silent_log());
    EXPECT_EQ(systemd.heard(), "");
    loop.run_once(std::chrono::seconds(10));
    EXPECT_EQ(systemd.heard(), "WATCHDOG=1");
}

TEST(ServiceManager, DoesNotTellTheWatchdogWhileAThreadIsStuck) {
    const FakeSystemd systemd;
    ::setenv("WATCHDOG_USEC", "20000", 1);
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    board::EventLoop loop;
    ServiceManager manager(loop, silent_log());
    std::vector<std::string> stuck{"worker"};
    int looks = 0;
    manager.watch([&] {
        ++looks;
        return stuck;
    });
    while (looks < 3) {
        loop.run_once(std::chrono::seconds(10));
    }
    EXPECT_EQ(systemd.heard(), "");
    stuck.clear();
    while (looks < 4) {
        loop.run_once(std::chrono::seconds(10));
    }
    EXPECT_EQ(systemd.heard(), "WATCHDOG=1");
}

TEST(ServiceManager, WithoutAWatchdogOrSystemdItIsSilent) {
    {
        const FakeSystemd systemd;
        board::EventLoop loop;
        const ServiceManager manager(loop, silent_log());
        loop.run_once(std::chrono::milliseconds(1));
        EXPECT_EQ(systemd.heard(), "");
    }
    board::EventLoop loop;
    ServiceManager manager(loop, silent_log());
    manager.tell_ready("nobody hears it");
}

}  // namespace
}  // namespace trunkline::mgmt
