// Network namespaces and veth pairs for tests that need a kernel; gone with the test. Needs root.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::test {

/// Runs a program found in PATH, waits, and returns its exit code; 127 when there is none.
int run_program(const std::vector<std::string>& words);
/// The same with its standard output; fails the test when the exit code is not 0.
std::string output_of(const std::vector<std::string>& words);

/// A named network namespace of this process; its name carries the pid. Namespaces that a crashed
/// test left behind are removed when the next one is made.
class TestNamespace {
public:
    explicit TestNamespace(std::string_view tag);
    ~TestNamespace();
    TestNamespace(const TestNamespace&) = delete;
    TestNamespace& operator=(const TestNamespace&) = delete;

    const std::string& name() const { return name_; }
    /// `ip WORDS...` inside it, which must succeed.
    std::string ip(std::string_view words) const;

private:
    std::string name_;
};

/// A veth pair `port_name` in `port_side` (down, as a fresh interface is) and `peer_name` in
/// `peer_side` (up, transmit checksum offload as the kernel has it).
void make_veth(const TestNamespace& port_side, const std::string& port_name,
               const TestNamespace& peer_side, const std::string& peer_name);

/// Runs `work` on a thread of its own that has lost `capability` (CAP_NET_ADMIN, ...).
void without_capability(unsigned capability, const std::function<void()>& work);

/// Writes `text` to a file below /proc/sys/net of a namespace, "ipv4/ip_forward".
void write_setting(const TestNamespace& space, const std::string& file, const std::string& text);

}  // namespace trunkline::test
