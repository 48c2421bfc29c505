#include "board/nic_numbers.h"

#include "tests/unit/board/fake_pci.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

namespace trunkline::board {
namespace {

PciDevice nic(unsigned number) {
    return {.address = "", .number = number};
}

class NicNumbers : public testing::Test, protected test::FakePci {
protected:
    NicNumbers() {
        add_device("0000:00:05.0", "0x020000", "e1000e");
        add_device("0000:00:04.0", "0x020000", "uio_pci_generic");
    }

    std::string told(std::vector<Device> devices) const {
        BoardConfig config;
        for (Device& device : devices) {
            config.physical_ports.push_back(
                {"GE_" + std::to_string(config.physical_ports.size() + 1), std::move(device), ""});
        }
        const auto found = with_nic_addresses(config, sysfs_);
        if (!found) {
            return found.error().message;
        }
        std::string addresses;
        for (const PhysicalPort& port : found->physical_ports) {
            const auto* device = std::get_if<PciDevice>(&port.device);
            addresses += device == nullptr ? "- " : device->address + " ";
        }
        return addresses;
    }
};

TEST_F(NicNumbers, AreInTheOrderOfAddressesAndLeaveOtherDevicesAlone) {
    EXPECT_EQ(told({nic(2), RingDevice{}, nic(1)}), "0000:00:05.0 - 0000:00:04.0 ");
    EXPECT_EQ(told({PciDevice{"00:05.0"}, nic(1)}), "00:05.0 0000:00:04.0 ");
}

TEST_F(NicNumbers, OneThatThereIsNotIsAnErrorOfItsPort) {
    EXPECT_EQ(told({RingDevice{}, nic(3)}),
              "device of GE_2: there is no NIC 3; 'trunkline board probe' numbers those there are");
}

TEST_F(NicNumbers, NeedSysfsWhereAPortHasOneAlone) {
    std::filesystem::remove_all(sysfs_ + "/bus/pci/devices");
    write("/bus/pci/devices", "no folder");
    EXPECT_EQ(told({nic(1)}), "cannot list " + sysfs_ + "/bus/pci/devices: Not a directory");
    EXPECT_EQ(told({PciDevice{"0000:00:05.0"}, RingDevice{}}), "0000:00:05.0 - ");
}

TEST_F(NicNumbers, TwoPortsHaveNoNicTogether) {
    EXPECT_EQ(told({nic(1), nic(1)}), "device of GE_2: NIC 1 is 0000:00:04.0, which GE_1 has");
    EXPECT_EQ(told({nic(2), PciDevice{"00:05.0"}}),
              "device of GE_1: NIC 2 is 0000:00:05.0, which GE_2 has");
    add_device("0000:00:0a.0", "0x020000", "e1000e");
    EXPECT_EQ(told({nic(3), PciDevice{"0000:00:0A.0"}}),
              "device of GE_1: NIC 3 is 0000:00:0a.0, which GE_2 has");
}

TEST_F(NicNumbers, OneThatTheKernelUsesIsNotTaken) {
    write(folder("0000:00:05.0") + "/net/ens5/flags", "0x1003\n");
    EXPECT_EQ(told({nic(2)}),
              "device of GE_1: NIC 2 is 0000:00:05.0, which the kernel uses (ens5 is up); put that "
              "down, or name the NIC by its address");
    EXPECT_EQ(told({nic(1)}), "0000:00:04.0 ");
}

TEST_F(NicNumbers, OneThatDpdkSharesWithItsKernelDriverMayBeUp) {
    add_device("0000:00:06.0", "0x020000", "mlx5_core");
    write(folder("0000:00:06.0") + "/net/ens6/flags", "0x1003\n");
    EXPECT_EQ(told({nic(3)}), "0000:00:06.0 ");
}

}  // namespace
}  // namespace trunkline::board
