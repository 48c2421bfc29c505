// A physical port of the appliance: its name, the DPDK device behind it, its queues, its link.
#pragma once

#include "board/config.h"
#include "board/error.h"
#include "board/source.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct rte_mempool;

namespace trunkline::board {

struct LinkState {
    bool up = false;
    uint32_t speed_mbps = 0;  ///< 0 = unknown or virtual
    bool full_duplex = true;
    Source source = Source::reported;  ///< or injected: then it is down
    bool operator==(const LinkState&) const = default;
};

/// What a device counted since it was opened.
struct PortStatistics {
    uint64_t received_packets = 0, received_bytes = 0;
    uint64_t sent_packets = 0, sent_bytes = 0;
    uint64_t receive_errors = 0, send_errors = 0;
    /// For want of buffers or ring space, where the driver or its socket tells
    /// (docs/architecture.md, "what af_packet hides").
    uint64_t drops = 0;
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
class UmemPool;

class Port {
public:
    /// Opens, configures (one RX and one TX queue; `rx_pool` feeds the former) and starts a device,
    /// and opens its ear for all multicast. Call in the network namespace that holds a
    /// kernel-backed device. `rx_pool` outlives the port; its data room is 8192 + headroom or more.
    /// An af_xdp port has buffers of its own, and none of them may be held when it ends; one whose
    /// queue is busy is tried for two seconds, as the kernel frees a former port's late.
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
    /// Gives the device another MAC for as long as it is open. One that cannot have it receives all
    /// frames instead, if it filters at all. The kernel's end of a TAP keeps its own.
    Expected<void> take_mac(const std::array<uint8_t, 6>& mac);
    /// Asks the device, does not wait. An injected fault hides what the device says. A port that is
    /// disabled has no link.
    LinkState link() const;
    /// Switches the port on or off for good, and with it the device's link where the driver does
    /// that. Who uses the port is to pass no frame while it is off.
    void set_enabled(bool enabled);
    bool is_enabled() const { return is_enabled_; }
    /// False: what the link was set to, or that it is to be off, is nothing to the driver.
    bool setting_in_effect() const { return setting_in_effect_; }
    bool switching_in_effect() const { return switching_in_effect_; }
    const LinkSetting& setting() const { return setting_; }
    /// Neither disabled nor cut by a lab.
    bool passes_frames() const { return is_enabled_ && !has_link_fault_; }
    /// Has the link be down until that is taken back, as if its cable were cut. The device hears
    /// nothing of it: who uses the port is to send nothing by it and to drop what it receives.
    void inject_link_fault(bool is_down) { has_link_fault_ = is_down; }
    /// Asks the device; on one thread alone.
    PortStatistics statistics();
    /// What works less well than it should, for the boot log; mostly empty.
    const std::vector<std::string>& warnings() const { return warnings_; }

private:
    Port();
    Expected<void> try_open(const PhysicalPort& config, rte_mempool* rx_pool);
    Expected<void> attach(const PhysicalPort& config);
    Expected<void> prepare_interface(const Device& device);
    Expected<void> set_up_queues(rte_mempool* rx_pool, const std::string& advice);
    bool set_mac(const std::array<uint8_t, 6>& mac);
    int receive_all_frames();
    bool is_tap() const { return driver_ == "net_tap"; }
    Expected<void> start(const Device& device, rte_mempool* rx_pool);
    Expected<void> listen_to_multicast(bool is_pci);
    void fill_traits(const Device& device);

    std::string name_, driver_, bus_, device_name_;
    PortTraits traits_;
    std::optional<std::array<uint8_t, 6>> own_mac_;  ///< of the device, to be put back
    std::vector<std::string> warnings_;
    std::unique_ptr<PacketInterface> interface_;  ///< of an af_packet or af_xdp port
    std::unique_ptr<UmemPool> umem_;              ///< of an af_xdp port
    bool attached_ = false, started_ = false;
    bool found_its_queue_busy_ = false;
    LinkSetting setting_;
    bool setting_in_effect_ = true;
    bool is_enabled_ = true, switching_in_effect_ = true;
    bool has_link_fault_ = false;
    uint64_t socket_drops_ = 0;
    int namespace_fd_ = -1;
};

}  // namespace trunkline::board
