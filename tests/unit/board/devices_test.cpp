#include "board/devices.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace trunkline::board {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string told(Device device) {
    const auto result = dpdk_device({"GE_1", std::move(device), ""});
    return result ? result->bus + " " + result->name + " " + result->arguments
                  : result.error().message;
}

TEST(Devices, EachKindIsToldInDpdksWords) {
    EXPECT_EQ(told(AfPacketDevice{"sbc0"}),
              "vdev net_af_packet_GE_1 "
              "iface=sbc0,framesz=8192,blocksz=8192,framecnt=512,qdisc_bypass=1");
    EXPECT_EQ(told(AfXdpDevice{"sbc0"}), "vdev net_af_xdp_GE_1 iface=sbc0");
    EXPECT_EQ(told(TapDevice{"wire0"}), "vdev net_tap_GE_1 iface=wire0");
    EXPECT_EQ(told(MemifDevice{"/run/memif.sock", true, 3}),
              "vdev net_memif_GE_1 socket=/run/memif.sock,socket-abstract=no,id=3,role=server,"
              "mac=02:7d:52:f3:bb:18");
    EXPECT_EQ(told(MemifDevice{"/run/memif.sock", false, 0}),
              "vdev net_memif_GE_1 socket=/run/memif.sock,socket-abstract=no,id=0,role=client,"
              "mac=02:7d:52:f3:bb:19");
    EXPECT_EQ(told(RingDevice{}), "vdev net_ring_GE_1 ");
    EXPECT_EQ(told(NullDevice{true}), "vdev net_null_GE_1 copy=1");
    EXPECT_EQ(told(NullDevice{false}), "vdev net_null_GE_1 no-rx=1");
    EXPECT_EQ(told(VirtioUserDevice{"/run/vhost.sock"}),
              "vdev net_virtio_user_GE_1 path=/run/vhost.sock,queues=1,queue_size=1024");
    EXPECT_EQ(told(PciDevice{"0000:00:04.0"}), "pci 0000:00:04.0 ");
    EXPECT_EQ(told(PciDevice{"00:04.0"}), "pci 0000:00:04.0 ");
    EXPECT_EQ(told(PciDevice{"00AB:C0:0D.0"}), "pci 00ab:c0:0d.0 ");
    EXPECT_EQ(told(PciDevice{"C0:0D.0"}), "pci 0000:c0:0d.0 ");
}

TEST(Devices, RefusesInterfacesThatWouldChangeTheArguments) {
    for (const char* name : {"", "sbc0,copy=1", "a b", "a/b", "..", "sixteen-letters-", "a\nb"}) {
        EXPECT_THAT(told(AfPacketDevice{name}),
                    StartsWith("device of GE_1: '" + std::string(name) + "' is no name of"));
        EXPECT_THAT(told(AfXdpDevice{name}), HasSubstr("is no name of a network interface"));
        EXPECT_THAT(told(TapDevice{name}), HasSubstr("is no name of a network interface"));
    }
    EXPECT_THAT(told(AfPacketDevice{"fifteen-letters"}), HasSubstr("iface=fifteen-letters,"));
}

TEST(Devices, RefusesPathsAndAddressesThatCannotBe) {
    EXPECT_THAT(told(MemifDevice{"", false, 0}), HasSubstr("cannot be the path of a socket"));
    EXPECT_THAT(told(MemifDevice{"/a,role=server", false, 0}), HasSubstr("cannot be the path"));
    EXPECT_THAT(told(VirtioUserDevice{std::string(108, 'a')}), HasSubstr("cannot be the path"));
    for (const char* address : {"", "eth0", "0000:00:04", "0000:00:04.0,x", "000g:00:04.0"}) {
        EXPECT_THAT(told(PciDevice{address}), HasSubstr("is no PCI address")) << address;
    }
}

TEST(Devices, RefusesPortNamesThatDpdkCannotCarry) {
    for (const std::string& name :
         {std::string(), std::string("GE 1"), std::string("GE,1"), std::string(80, 'G')}) {
        const auto device = dpdk_device({name, RingDevice{}, ""});
        ASSERT_FALSE(device) << name;
        EXPECT_THAT(device.error().message, HasSubstr("cannot be the name of a port"));
    }
}

TEST(Devices, MacFromNameIsStableLocalUnicastAndDiffersByName) {
    EXPECT_EQ(mac_from_name("GE_1"), mac_from_name("GE_1"));
    EXPECT_NE(mac_from_name("GE_1"), mac_from_name("GE_2"));
    EXPECT_EQ(mac_from_name("GE_1")[0], 0x02);
}

}  // namespace
}  // namespace trunkline::board
