#include "tests/unit/board/network_lab.h"

#include "board/network_namespace.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>
#include <thread>

namespace trunkline::test {

namespace {

constexpr std::string_view prefix = "tltest-";

/// Exit code; what it printed goes to `output` when that is wanted.
int run(const std::vector<std::string>& words, std::string* output) {
    std::vector<std::string> copy = words;
    std::vector<char*> argv;
    for (std::string& word : copy) {
        argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    std::array<int, 2> pipe_ends{};
    if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) {
        return 127;
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    pid_t child = 0;
    const int error = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[1]);
    std::array<char, 4096> buffer;
    ssize_t count = 0;
    while (error == 0 && (count = read(pipe_ends[0], buffer.data(), buffer.size())) > 0) {
        if (output != nullptr) {
            output->append(buffer.data(), static_cast<std::size_t>(count));
        }
    }
    close(pipe_ends[0]);
    int status = 0;
    if (error != 0 || waitpid(child, &status, 0) != child) {
        return 127;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 127;
}

void remove_leftovers() {
    std::error_code ignored;  // no folder yet: nothing was left
    for (const auto& entry : std::filesystem::directory_iterator("/run/netns", ignored)) {
        const std::string name = entry.path().filename();
        pid_t pid = 0;
        const char* digits = name.data() + prefix.size();
        if (name.starts_with(prefix) &&
            std::from_chars(digits, name.data() + name.size(), pid).ec == std::errc{} &&
            kill(pid, 0) != 0 && errno == ESRCH) {
            run_program({"ip", "netns", "delete", name});
        }
    }
}

}  // namespace

int run_program(const std::vector<std::string>& words) {
    return run(words, nullptr);
}

std::string output_of(const std::vector<std::string>& words) {
    std::string output;
    const int code = run(words, &output);
    std::string line;
    for (const std::string& word : words) {
        line += word + " ";
    }
    EXPECT_EQ(code, 0) << line << "failed (these tests need root and iproute2)";
    return output;
}

TestNamespace::TestNamespace(std::string_view tag)
    : name_(std::string(prefix) + std::to_string(getpid()) + "-" + std::string(tag)) {
    remove_leftovers();
    output_of({"ip", "netns", "add", name_});
}

TestNamespace::~TestNamespace() {
    run_program({"ip", "netns", "delete", name_});
}

std::string TestNamespace::ip(std::string_view words) const {
    // Not `ip -n`: it remounts /sys, which a root that is no mount point (chroot) does not allow.
    std::vector<std::string> command{"nsenter", "--net=/run/netns/" + name_, "ip"};
    std::istringstream stream{std::string(words)};
    for (std::string word; stream >> word;) {
        command.push_back(word);
    }
    return output_of(command);
}

void make_veth(const TestNamespace& port_side, const std::string& port_name,
               const TestNamespace& peer_side, const std::string& peer_name) {
    port_side.ip("link add " + port_name + " type veth peer name " + peer_name + " netns " +
                 peer_side.name());
    peer_side.ip("link set " + peer_name + " up");
}

void without_capability(unsigned capability, const std::function<void()>& work) {
    std::thread([&] {
        __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
        std::array<__user_cap_data_struct, 2> sets{};
        ASSERT_EQ(syscall(SYS_capget, &header, sets.data()), 0);
        sets[capability / 32].effective &= ~(1U << capability % 32);
        ASSERT_EQ(syscall(SYS_capset, &header, sets.data()), 0);
        work();
    }).join();
}

void write_setting(const TestNamespace& space, const std::string& file, const std::string& text) {
    const auto scope = board::NetworkNamespaceScope::enter(space.name());
    ASSERT_TRUE(scope) << scope.error().message;
    std::ofstream stream("/proc/sys/net/" + file);
    stream << text << std::flush;
    EXPECT_TRUE(stream.good()) << file;
}

}  // namespace trunkline::test
