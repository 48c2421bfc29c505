#include "board/pci.h"

#include <gtest/gtest.h>

#include <string>

namespace trunkline::board {
namespace {

TEST(PciAddress, IsAsSysfsWritesIt) {
    EXPECT_EQ(pci_address("0000:00:0a.0"), "0000:00:0a.0");
    EXPECT_EQ(pci_address("00:0A.7"), "0000:00:0a.7");
    EXPECT_EQ(pci_address("10000:E1:00.0"), "10000:e1:00.0") << "a domain beyond 65535";
}

TEST(PciAddress, IsNothingElse) {
    for (const std::string wrong :
         {"", "eth0", "0", "0:0.0", "00:0a", "00:0a.8", "00:0g.0", "00.0a.0", "000:00:0a.0",
          "000000000:00:0a.0", "000g:00:0a.0", ":00:0a.0", "0000:00:0a.0 ", "0000:0000:00:0a.0"}) {
        EXPECT_FALSE(pci_address(wrong)) << wrong;
    }
}

}  // namespace
}  // namespace trunkline::board
