#include "board/pci_binding.h"

#include "tests/unit/board/fake_pci.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace trunkline::board {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

class PciBinding : public testing::Test, protected test::FakePci {
protected:
    std::vector<PciNic> found() const {
        auto nics = pci_nics(sysfs_);
        EXPECT_TRUE(nics) << nics.error().message;
        return nics ? *std::move(nics) : std::vector<PciNic>();
    }
};

/// While it lives, this process may open so many descriptors more.
class DescriptorLimit {
public:
    explicit DescriptorLimit(rlim_t more) {
        getrlimit(RLIMIT_NOFILE, &own_);
        const int lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);
        close(lowest);
        const rlimit few{static_cast<rlim_t>(lowest) + more, own_.rlim_max};
        setrlimit(RLIMIT_NOFILE, &few);
    }
    ~DescriptorLimit() { setrlimit(RLIMIT_NOFILE, &own_); }
    DescriptorLimit(const DescriptorLimit&) = delete;
    DescriptorLimit& operator=(const DescriptorLimit&) = delete;

private:
    rlimit own_{};
};

TEST_F(PciBinding, ListsNicsAloneInTheOrderOfTheirAddresses) {
    add_device("0000:00:05.0", "0x020000", "");
    add_device("0000:00:04.0", "0x020000", "virtio-pci");
    add_device("0000:00:01.0", "0x010601", "ahci");
    write(folder("0000:00:04.0") + "/virtio1/net/ens4/mtu", "1500\n");
    fs::create_directories(sysfs_ + folder("0000:00:05.0") + "/iommu_group");
    const auto nics = found();
    ASSERT_EQ(nics.size(), 2U);
    EXPECT_EQ(nics[0].address, "0000:00:04.0");
    EXPECT_EQ(nics[0].id, "1af4:1041");
    EXPECT_EQ(nics[0].driver, "virtio-pci");
    EXPECT_THAT(nics[0].interfaces, ElementsAre("ens4"));
    EXPECT_FALSE(nics[0].behind_iommu);
    EXPECT_EQ(nics[1].driver, "");
    EXPECT_TRUE(nics[1].behind_iommu);
}

TEST_F(PciBinding, NumbersEthernetNicsWhoeverHoldsThemAndTellsWhatIsUp) {
    add_device("0000:00:03.0", "0x028000", "iwlwifi");
    add_device("0000:00:04.0", "0x020000", "uio_pci_generic");
    add_device("0000:00:05.0", "0x020000", "virtio-pci");
    write(folder("0000:00:05.0") + "/virtio1/net/ens5/flags", "0x1003\n");
    add_device("0000:00:06.0", "0x020000", "e1000e");
    write(folder("0000:00:06.0") + "/net/ens6/flags", "0x1002\n");
    const auto nics = found();
    ASSERT_EQ(nics.size(), 4U);
    EXPECT_EQ(nics[0].number, 0U) << "no Ethernet";
    EXPECT_EQ(nics[1].number, 1U);
    EXPECT_EQ(nics[2].number, 2U);
    EXPECT_EQ(nics[3].number, 3U);
    EXPECT_THAT(nics[2].up_interfaces, ElementsAre("ens5"));
    EXPECT_THAT(nics[3].interfaces, ElementsAre("ens6"));
    EXPECT_THAT(nics[3].up_interfaces, IsEmpty());
}

TEST_F(PciBinding, AMachineWithoutPciHasNoNics) {
    const auto nics = pci_nics(sysfs_ + "/nowhere");
    ASSERT_TRUE(nics) << nics.error().message;
    EXPECT_THAT(*nics, IsEmpty());
}

TEST_F(PciBinding, AFolderThatCannotBeListedIsAnErrorThatNamesIt) {
    add_device("0000:00:04.0", "0x020000", "virtio-pci");
    write(folder("0000:00:04.0") + "/virtio1/net/ens4/mtu", "1500\n");
    const DescriptorLimit limit(1);  // the device's folder opens, those below it do not
    const auto nics = pci_nics(sysfs_);
    ASSERT_FALSE(nics);
    EXPECT_EQ(nics.error().message,
              "cannot list " + sysfs_ + folder("0000:00:04.0") + "/virtio1: Too many open files");
}

TEST_F(PciBinding, ChoosesByIommuAndByWhatDpdkNeeds) {
    PciNic nic{"0000:00:04.0", "1af4:1041", "virtio-pci", {}, false};
    EXPECT_EQ(choose_driver(nic).driver, "uio_pci_generic");
    nic.behind_iommu = true;
    EXPECT_EQ(choose_driver(nic).driver, "vfio-pci");
    nic.driver = "mlx5_core";
    EXPECT_EQ(choose_driver(nic).driver, "mlx5_core");
    nic.behind_iommu = false;
    nic.driver = "igb_uio";
    EXPECT_EQ(choose_driver(nic).driver, "igb_uio");
}

/// A kernel that acts at what is written to sysfs, as the bus "pci" does, and notes it down.
class PciKernel : public PciBinding {
protected:
    PciKernel() {
        add_device(nic_, "0x020000", "virtio-pci");
        write(folder(nic_) + "/driver_override", "(null)\n");
    }

    Expected<void> bind() {
        return bind_driver(nic_, "uio_pci_generic", sysfs_,
                           [this](const auto& file, const auto& text) { return act(file, text); });
    }

    std::string driver() const {
        std::error_code none;
        return fs::read_symlink(link_, none).filename();
    }

    const std::string nic_ = "0000:00:04.0";
    std::set<std::string> refuses_;  ///< to be written
    std::set<std::string> fails_;    ///< drivers that take no device
    std::string written_;

private:
    Expected<void> act(const std::string& path, const std::string& text) {
        const std::string file = fs::path(path).filename();
        written_ += file + " " + text;
        if (refuses_.contains(file)) {
            return std::unexpected(Error{file + " is refused"});
        }
        if (file == "driver_override") {
            override_ = text.substr(0, text.size() - 1);
        } else if (file == "unbind") {
            fs::remove(link_);
        } else {
            const std::string taker =
                file == "bind" ? fs::path(path).parent_path().filename() : fs::path(override_);
            // A driver gets no device whose override names another one.
            if (!fails_.contains(taker) && (override_.empty() || override_ == taker)) {
                hold(nic_, taker);
            }
        }
        return {};
    }

    const fs::path link_ = sysfs_ + folder(nic_) + "/driver";
    std::string override_;
};

TEST_F(PciKernel, TakesADeviceFromItsDriverAndHasItProbedAnew) {
    const auto bound = bind();
    ASSERT_TRUE(bound) << bound.error().message;
    EXPECT_EQ(driver(), "uio_pci_generic");
    EXPECT_EQ(written_,
              "driver_override uio_pci_generic\n"
              "unbind 0000:00:04.0\n"
              "drivers_probe 0000:00:04.0\n");
}

TEST_F(PciKernel, GivesADeviceBackThatTheNewDriverDoesNotTake) {
    fails_ = {"uio_pci_generic"};
    const auto bound = bind();
    ASSERT_FALSE(bound);
    EXPECT_EQ(bound.error().message,
              "the kernel did not give 0000:00:04.0 to uio_pci_generic; its log (dmesg) may tell "
              "why; virtio-pci has it again");
    EXPECT_EQ(driver(), "virtio-pci");
    EXPECT_THAT(written_, EndsWith("driver_override \nbind 0000:00:04.0\n"));
}

TEST_F(PciKernel, GivesADeviceBackWhereItCannotBeProbed) {
    refuses_ = {"drivers_probe"};
    const auto bound = bind();
    ASSERT_FALSE(bound);
    EXPECT_EQ(bound.error().message, "drivers_probe is refused; virtio-pci has it again");
    EXPECT_EQ(driver(), "virtio-pci");
}

TEST_F(PciKernel, GivesADeviceBackWithTheOverrideThatItHad) {
    write(folder(nic_) + "/driver_override", "virtio-pci\n");
    fails_ = {"uio_pci_generic"};
    EXPECT_FALSE(bind());
    EXPECT_EQ(driver(), "virtio-pci");
    EXPECT_THAT(written_, EndsWith("driver_override virtio-pci\nbind 0000:00:04.0\n"));
}

TEST_F(PciKernel, SaysWhenADriverDoesNotLetGo) {
    refuses_ = {"unbind"};
    const auto bound = bind();
    ASSERT_FALSE(bound);
    EXPECT_EQ(bound.error().message, "unbind is refused; virtio-pci keeps it");
    EXPECT_EQ(written_, "driver_override uio_pci_generic\nunbind 0000:00:04.0\ndriver_override \n");
}

TEST_F(PciKernel, SaysWhenNobodyHasTheDeviceInTheEndAndWhatToDo) {
    fails_ = {"uio_pci_generic", "virtio-pci"};
    const auto lost = bind();
    ASSERT_FALSE(lost);
    const std::string advice = ": it has no driver; run: echo 0000:00:04.0 > " + sysfs_ +
                               "/bus/pci/drivers/virtio-pci/bind";
    EXPECT_THAT(lost.error().message, EndsWith("; virtio-pci does not take it back" + advice));
    hold(nic_, "virtio-pci");
    refuses_ = {"bind"};
    const auto refused = bind();
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().message,
                EndsWith("; virtio-pci does not take it back (bind is refused)" + advice));
}

TEST_F(PciKernel, ADeviceThatNobodyHadIsGivenBackToNobody) {
    fs::remove(sysfs_ + folder(nic_) + "/driver");
    fails_ = {"uio_pci_generic"};
    const auto bound = bind();
    ASSERT_FALSE(bound);
    EXPECT_THAT(bound.error().message, EndsWith("may tell why"));
    EXPECT_EQ(written_,
              "driver_override uio_pci_generic\ndrivers_probe 0000:00:04.0\ndriver_override \n");
}

TEST_F(PciBinding, LeavesADeviceThatIsBoundAlreadyAlone) {
    add_device("0000:00:04.0", "0x020000", "uio_pci_generic");
    EXPECT_TRUE(bind_driver("0000:00:04.0", "uio_pci_generic", sysfs_));
    EXPECT_EQ(read("/bus/pci/drivers_probe"), "");
}

TEST_F(PciBinding, RefusesAMissingDeviceAndADriverThatIsNotLoaded) {
    const auto no_device = bind_driver("0000:00:09.0", "uio_pci_generic", sysfs_);
    ASSERT_FALSE(no_device);
    EXPECT_THAT(no_device.error().message, HasSubstr("no PCI device 0000:00:09.0"));
    add_device("0000:00:04.0", "0x020000", "");
    const auto no_driver = bind_driver("0000:00:04.0", "vfio-pci", sysfs_);
    ASSERT_FALSE(no_driver);
    EXPECT_THAT(no_driver.error().message, HasSubstr("modprobe vfio-pci"));
}

TEST_F(PciBinding, TellsWhenTheKernelTakesNothing) {
    add_device("0000:00:04.0", "0x020000", "");
    fs::create_directories(sysfs_ + folder("0000:00:04.0") + "/driver_override");  // no file
    const auto bound = bind_driver("0000:00:04.0", "uio_pci_generic", sysfs_);
    ASSERT_FALSE(bound);
    EXPECT_EQ(bound.error().message, "cannot write 'uio_pci_generic' to " + sysfs_ +
                                         folder("0000:00:04.0") +
                                         "/driver_override: Is a directory");
}

}  // namespace
}  // namespace trunkline::board
