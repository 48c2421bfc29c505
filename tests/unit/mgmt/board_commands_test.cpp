#include "mgmt/board_commands.h"

#include "tests/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace trunkline::mgmt {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A sysfs with one NIC, held by uio_pci_generic.
class BoardCommands : public testing::Test {
protected:
    BoardCommands() {
        const fs::path nic = sysfs_ + "/bus/pci/devices/0000:00:04.0";
        fs::create_directories(nic);
        fs::create_directories(sysfs_ + "/bus/pci/drivers/uio_pci_generic");
        fs::create_directory_symlink("../../drivers/uio_pci_generic", nic / "driver");
        std::ofstream(nic / "class") << "0x020000\n";
        std::ofstream(nic / "vendor") << "0x8086\n";
        std::ofstream(nic / "device") << "0x10d3\n";
    }

    const tests::TemporaryFolder temporary_;
    std::string sysfs_ = temporary_.path();
    std::ostringstream out_, errors_;
};

TEST_F(BoardCommands, ProbeTellsEachNicAndWhatItWouldBeBoundTo) {
    EXPECT_EQ(probe_board(sysfs_, out_, errors_), 0);
    EXPECT_THAT(out_.str(), HasSubstr("  1  0000:00:04.0"));
    EXPECT_THAT(out_.str(), HasSubstr("8086:10d3"));
    EXPECT_THAT(out_.str(), HasSubstr("there is no IOMMU"));
}

TEST_F(BoardCommands, BindTriesEveryPciPortAndTellsWhichFailed) {
    board::BoardConfig config;
    config.physical_ports = {{"GE_1", board::PciDevice{"0000:00:09.0"}, ""},
                             {"GE_2", board::PciDevice{"00:04.0"}, ""},
                             {"GE_3", board::RingDevice{}, ""},
                             {"GE_4", board::PciDevice{"nonsense"}, ""}};
    EXPECT_EQ(bind_ports(config, sysfs_, out_, errors_), 1);
    EXPECT_EQ(out_.str(), "port GE_2: 0000:00:04.0 is with uio_pci_generic: there is no IOMMU\n");
    EXPECT_THAT(errors_.str(), HasSubstr("port GE_1: no NIC at 0000:00:09.0"));
    EXPECT_THAT(errors_.str(), HasSubstr("port GE_4: 'nonsense' is no PCI address"));
}

TEST_F(BoardCommands, BindFindsANicWhoseAddressIsWrittenInCapitals) {
    const fs::path devices = sysfs_ + "/bus/pci/devices";
    fs::rename(devices / "0000:00:04.0", devices / "0000:00:1f.0");
    board::BoardConfig config;
    config.physical_ports = {{"GE_1", board::PciDevice{"00:1F.0"}, ""}};
    EXPECT_EQ(bind_ports(config, sysfs_, out_, errors_), 0) << errors_.str();
    EXPECT_EQ(out_.str(), "port GE_1: 0000:00:1f.0 is with uio_pci_generic: there is no IOMMU\n");
}

TEST_F(BoardCommands, ProbeTellsWhichNicTheKernelUses) {
    const fs::path interface = sysfs_ + "/bus/pci/devices/0000:00:04.0/net/ens4";
    fs::create_directories(interface);
    std::ofstream(interface / "flags") << "0x1003\n";
    probe_board(sysfs_, out_, errors_);
    EXPECT_THAT(out_.str(), HasSubstr("there is no IOMMU; ens4 is up: named by its address alone"));
}

TEST_F(BoardCommands, SayWhatOfSysfsCannotBeListed) {
    const fs::path devices = sysfs_ + "/bus/pci/devices";
    fs::remove_all(devices);
    std::ofstream(devices) << "no folder";
    const std::string told = "cannot list " + devices.string() + ": Not a directory\n";
    EXPECT_EQ(probe_board(sysfs_, out_, errors_), 1);
    EXPECT_EQ(errors_.str(), told);
    errors_.str("");
    board::BoardConfig config;
    config.physical_ports = {{"GE_1", board::PciDevice{"0000:00:04.0"}, ""},
                             {"GE_2", board::RingDevice{}, ""}};
    EXPECT_EQ(bind_ports(config, sysfs_, out_, errors_), 1);
    EXPECT_EQ(errors_.str(), "port GE_1: " + told);
    EXPECT_EQ(out_.str(), "");
}

TEST_F(BoardCommands, BindFindsANicByItsNumberAndTriesNoneWhereThatIsUnclear) {
    board::BoardConfig config;
    config.physical_ports = {{"GE_1", board::PciDevice{.address = "", .number = 1}, ""}};
    EXPECT_EQ(bind_ports(config, sysfs_, out_, errors_), 0);
    EXPECT_EQ(out_.str(), "port GE_1: 0000:00:04.0 is with uio_pci_generic: there is no IOMMU\n");
    config.physical_ports.push_back({"GE_2", board::PciDevice{.address = "", .number = 2}, ""});
    out_.str("");
    EXPECT_EQ(bind_ports(config, sysfs_, out_, errors_), 1);
    EXPECT_EQ(out_.str(), "");
    EXPECT_THAT(errors_.str(), HasSubstr("device of GE_2: there is no NIC 2"));
}

}  // namespace
}  // namespace trunkline::mgmt
