// What sysfs has of PCI, for tests: a folder of files that stay as they were written.
#pragma once

#include "tests/temporary_folder.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace trunkline::test {

/// A folder with what sysfs has of PCI. Files stay what was written to them: no kernel acts.
class FakePci {
protected:
    FakePci() {
        std::filesystem::create_directories(sysfs_ + "/bus/pci/drivers/uio_pci_generic");
        write("/bus/pci/drivers_probe", "");
    }
    ~FakePci() = default;

    void write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories(std::filesystem::path(sysfs_ + name).parent_path());
        std::ofstream(sysfs_ + name) << text;
    }
    std::string read(const std::string& name) const {
        std::ostringstream text;
        text << std::ifstream(sysfs_ + name).rdbuf();
        return text.str();
    }
    static std::string folder(const std::string& address) { return "/bus/pci/devices/" + address; }
    void add_device(const std::string& address, const std::string& pci_class,
                    const std::string& driver) const {
        write(folder(address) + "/class", pci_class + "\n");
        write(folder(address) + "/vendor", "0x1af4\n");
        write(folder(address) + "/device", "0x1041\n");
        if (!driver.empty()) {
            hold(address, driver);
        }
    }
    void hold(const std::string& address, const std::string& driver) const {
        std::filesystem::create_directories(sysfs_ + "/bus/pci/drivers/" + driver);
        std::filesystem::create_directory_symlink("../../drivers/" + driver,
                                                  sysfs_ + folder(address) + "/driver");
    }

    const tests::TemporaryFolder temporary_;
    std::string sysfs_ = temporary_.path();
};

}  // namespace trunkline::test
