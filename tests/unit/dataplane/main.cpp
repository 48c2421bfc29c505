// The one main() of unit-dataplane: EAL is a process-wide singleton, started before the first test.
#include <gtest/gtest.h>
#include <rte_eal.h>

#include <array>
#include <cstdio>

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    std::array eal_arguments = {
        "unit-dataplane", "--no-huge", "--no-pci", "--no-shconf", "-m",   "256",
        "--no-telemetry", "-l",        "0",        "--log-level", "error"};
    std::array<char*, eal_arguments.size()> mutable_arguments;
    for (std::size_t i = 0; i < eal_arguments.size(); ++i) {
        mutable_arguments[i] = const_cast<char*>(eal_arguments[i]);
    }
    if (rte_eal_init(static_cast<int>(mutable_arguments.size()), mutable_arguments.data()) < 0) {
        std::fputs("cannot start EAL\n", stderr);
        return 1;
    }
    const int result = RUN_ALL_TESTS();
    rte_eal_cleanup();
    return result;
}
