// A physical port of the appliance: its name, the DPDK device behind it, its queues, its link.
#pragma once

#include "board/config.h"
#include "board/error.h"

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct rte_mempool;

namespace trunkline::board {

struct LinkState {
    bool up = false;
    uint32_t speed_mbps = 0;  ///< 0 = unknown or virtual
    bool full_duplex = true;
    bool operator==(const LinkState&) const = default;
};

/// What the dataplane must know of the device behind a port.
struct PortTraits {
    uint16_t dpdk_port = 0;
    std::array<uint8_t, 6> mac{};
    uint16_t mtu = 1500;
    bool tx_ipv4_checksum_offload = false;
    bool tx_udp_checksum_offload = false;
    bool tx_multi_segment = false;     ///< takes chains of mbufs
    bool rx_checksum_offload = false;  ///< mbuf flags tell good from bad
    /// The far side is a kernel or guest that may leave checksums to the "hardware": a sum equal to
    /// that of the pseudo-header alone is then partial, not wrong (af_packet, tap, virtio, memif).
    bool partial_checksums_possible = false;
    /// The driver's work on DPDK's interrupt thread may take away what a burst reads: bursts run
    /// behind an InterruptGate (memif).
    bool interrupts_end_bursts = false;
    /// A descriptor that poll(2) finds readable when a frame has come; -1: there is none, nap.
    int wait_fd = -1;
};

class PacketInterface;

class Port {
public:
    /// Opens, configures (one RX and one TX queue; `rx_pool` feeds the former) and starts a device,
    /// and opens its ear for all multicast. Call in the network namespace that holds a
    /// kernel-backed device. `rx_pool` outlives the port; its data room is 8192 + headroom or more.
    /// A kernel interface that is down is brought up, as the port of an appliance is, and put down
    /// again at the end. A PCI device must have been in the configuration that EAL started with.
    static Expected<std::unique_ptr<Port>> open(const PhysicalPort& config, rte_mempool* rx_pool);
    /// Stops and closes the device, in the namespace that it was opened in.
    ~Port();
    Port(const Port&) = delete;
    Port& operator=(const Port&) = delete;

    const std::string& name() const { return name_; }
    /// "net_af_packet", "net_virtio", ... as DPDK calls the driver.
    const std::string& driver() const { return driver_; }
    const PortTraits& traits() const { return traits_; }
    /// Asks the device, does not wait.
    LinkState link() const;
    /// Frames that the device dropped for want of buffers or ring space since it was opened, where
    /// the driver or its socket tells (docs/architecture.md, "what af_packet hides").
    uint64_t device_drops();
    /// What works less well than it should, for the boot log; mostly empty.
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    Port();
    Expected<void> attach(const PhysicalPort& config);
    Expected<void> start(const Device& device, rte_mempool* rx_pool);
    Expected<void> listen_to_multicast(bool is_pci);
    void fill_traits(const Device& device);

    std::string name_, driver_, bus_, device_name_;
    PortTraits traits_;
    std::vector<std::string> warnings_;
    std::unique_ptr<PacketInterface> interface_;  ///< of an af_packet port
    bool attached_ = false, started_ = false;
    uint64_t socket_drops_ = 0;
    int namespace_fd_ = -1;
};

}  // namespace trunkline::board
