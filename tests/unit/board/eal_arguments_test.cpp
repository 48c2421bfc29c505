#include "board/eal_arguments.h"

#include "tests/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace trunkline::board {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr uint64_t megabyte = 1024 * 1024;

/// A folder that looks like /sys with PCI devices in it.
class FakeSysfs {
public:
    /// `driver` empty: the device is bound to none.
    void add(const std::string& address, const std::string& driver) const {
        const std::filesystem::path device = path_ + "/bus/pci/devices/" + address;
        std::filesystem::create_directories(device);
        if (!driver.empty()) {
            std::filesystem::create_symlink("../../drivers/" + driver, device / "driver");
        }
    }
    EalSurroundings surroundings(uint64_t megabytes) const {
        return {megabytes * megabyte, 1, 4711, path_};
    }

private:
    const tests::TemporaryFolder temporary_;
    std::string path_ = temporary_.path();
};

BoardConfig with_ports(std::vector<Device> devices) {
    BoardConfig config;
    for (Device& device : devices) {
        const std::string name = "GE_" + std::to_string(config.physical_ports.size() + 1);
        config.physical_ports.push_back({name, std::move(device), ""});
    }
    return config;
}

TEST(PlanEal, TakesHugepagesWhereEnoughAreFree) {
    const FakeSysfs sysfs;
    const auto plan = plan_eal(with_ports({RingDevice{}}), sysfs.surroundings(256));
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->memory_mode, MemoryMode::hugepages);
    EXPECT_THAT(plan->arguments, ElementsAre("trunkline", "--lcores=0@1", "-m", "256",
                                             "--no-telemetry", "--file-prefix=trunkline-4711",
                                             "--in-memory", "--no-pci", "--iova-mode=va"));
}

TEST(PlanEal, TakesNormalPagesWhereHugepagesAreTooFew) {
    const FakeSysfs sysfs;
    const auto plan = plan_eal(with_ports({RingDevice{}}), sysfs.surroundings(255));
    ASSERT_TRUE(plan);
    EXPECT_EQ(plan->memory_mode, MemoryMode::no_huge);
    EXPECT_THAT(plan->arguments, Contains("--no-huge"));
    EXPECT_THAT(plan->arguments, Contains("--no-shconf"));
    EXPECT_THAT(plan->arguments, Not(Contains("--in-memory")));  // DPDK refuses both together
}

TEST(PlanEal, AllowsThePciDevicesOfPortsAndNoOthers) {
    const FakeSysfs sysfs;
    sysfs.add("0000:00:04.0", "uio_pci_generic");
    sysfs.add("0000:00:05.0", "vfio-pci");
    const auto plan = plan_eal(with_ports({PciDevice{"00:04.0"}, PciDevice{"0000:00:05.0"}}),
                               sysfs.surroundings(1024));
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_THAT(plan->arguments, Contains("--allow=0000:00:04.0"));
    EXPECT_THAT(plan->arguments, Contains("--allow=0000:00:05.0"));
    EXPECT_THAT(plan->arguments, Contains("--iova-mode=pa"));
    EXPECT_THAT(plan->arguments, Not(Contains("--no-pci")));
}

TEST(PlanEal, FindsAPciDeviceWhoseAddressIsWrittenInCapitals) {
    const FakeSysfs sysfs;
    sysfs.add("0000:0a:1f.0", "vfio-pci");
    const auto plan = plan_eal(with_ports({PciDevice{"0A:1F.0"}}), sysfs.surroundings(1024));
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_THAT(plan->arguments, Contains("--allow=0000:0a:1f.0"));
}

TEST(PlanEal, LeavesTheAddressModeToDpdkBehindAnIommu) {
    const FakeSysfs sysfs;
    sysfs.add("0000:00:05.0", "vfio-pci");
    const auto plan = plan_eal(with_ports({PciDevice{"00:05.0"}}), sysfs.surroundings(0));
    ASSERT_TRUE(plan) << plan.error().message;
    EXPECT_THAT(plan->arguments, Not(Contains(StartsWith("--iova-mode"))));
}

TEST(PlanEal, PciUnderUioWithoutHugepagesIsAnErrorThatSaysHowManyToMake) {
    const FakeSysfs sysfs;
    sysfs.add("0000:00:04.0", "uio_pci_generic");
    const auto plan = plan_eal(with_ports({PciDevice{"00:04.0"}}), sysfs.surroundings(6));
    ASSERT_FALSE(plan);
    EXPECT_THAT(plan.error().message,
                HasSubstr("needs 256 MB of free hugepages, there are 6 MB; run: echo 128 > "));
}

TEST(PlanEal, PciDevicesThatAreMissingUnboundOrTheKernelsAreErrorsThatSayWhatToDo) {
    const FakeSysfs sysfs;
    sysfs.add("0000:00:04.0", "virtio-pci");
    sysfs.add("0000:00:05.0", "");
    const auto error_of = [&](const char* address) {
        const auto plan = plan_eal(with_ports({PciDevice{address}}), sysfs.surroundings(1024));
        return plan ? "" : plan.error().message;
    };
    EXPECT_EQ(error_of("00:03.0"),
              "device of GE_1: no PCI device 0000:00:03.0; 'lspci -D' lists those there are");
    EXPECT_THAT(error_of("00:04.0"), HasSubstr("belongs to the kernel's driver virtio-pci; bind"));
    EXPECT_THAT(error_of("00:05.0"),
                HasSubstr("has no driver; bind it with: trunkline board bind"));
    EXPECT_THAT(error_of("eth0"), HasSubstr("is no PCI address"));
}

}  // namespace
}  // namespace trunkline::board
