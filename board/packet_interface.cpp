#include "board/packet_interface.h"

#include "board/nearest_name.h"
#include "board/open_descriptors.h"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

namespace trunkline::board {

namespace {

constexpr const char* privileges = "run as root or with CAP_NET_RAW and CAP_NET_ADMIN";

std::unexpected<Error> failure(std::string message) {
    return std::unexpected(Error{std::move(message)});
}

ifreq request_for(const std::string& name) {
    ifreq request{};
    name.copy(request.ifr_name, IFNAMSIZ - 1);
    return request;
}

/// One ethtool request that reads or writes a single number; false with errno when it fails.
bool ethtool(int control, const std::string& name, uint32_t command, uint32_t& value) {
    ethtool_value request{.cmd = command, .data = value};
    ifreq interface = request_for(name);
    interface.ifr_data = reinterpret_cast<char*>(&request);
    const bool done = ioctl(control, SIOCETHTOOL, &interface) == 0;
    value = request.data;
    return done;
}

bool change_up(int control, const std::string& name, bool up) {
    ifreq request = request_for(name);
    if (ioctl(control, SIOCGIFFLAGS, &request) != 0) {
        return false;
    }
    const int flags = up ? request.ifr_flags | IFF_UP : request.ifr_flags & ~IFF_UP;
    request.ifr_flags = static_cast<short>(flags);
    return ioctl(control, SIOCSIFFLAGS, &request) == 0;
}

bool change_mac(int control, const std::string& name, const std::array<uint8_t, 6>& mac) {
    ifreq request = request_for(name);
    request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    std::memcpy(request.ifr_hwaddr.sa_data, mac.data(), mac.size());
    return ioctl(control, SIOCSIFHWADDR, &request) == 0;
}

/// Of drivers that pair receive and transmit queues, and of those that do not (veth).
uint32_t& receive_queues(ethtool_channels& channels) {
    return channels.max_combined > 0 ? channels.combined_count : channels.rx_count;
}

std::optional<ethtool_channels> channels_of(int control, const std::string& name) {
    ethtool_channels channels{};
    channels.cmd = ETHTOOL_GCHANNELS;
    ifreq request = request_for(name);
    request.ifr_data = reinterpret_cast<char*>(&channels);
    return ioctl(control, SIOCETHTOOL, &request) == 0 ? std::optional(channels) : std::nullopt;
}

bool set_queues(int control, const std::string& name, uint32_t count) {
    auto channels = channels_of(control, name);
    if (!channels) {
        return false;
    }
    channels->cmd = ETHTOOL_SCHANNELS;
    receive_queues(*channels) = count;
    ifreq request = request_for(name);
    request.ifr_data = reinterpret_cast<char*>(&*channels);
    return ioctl(control, SIOCETHTOOL, &request) == 0;
}

std::string ipv6_switch(const std::string& name) {
    return "/proc/sys/net/ipv6/conf/" + name + "/disable_ipv6";
}

std::vector<std::string> interface_names() {
    std::vector<std::string> names;
    if (struct if_nameindex* all = if_nameindex(); all != nullptr) {
        for (const struct if_nameindex* each = all; each->if_index != 0; ++each) {
            names.emplace_back(each->if_name);
        }
        if_freenameindex(all);
    }
    return names;
}

/// Link-local IPv6 addresses come by themselves and do not count.
bool has_addresses(const std::string& name) {
    ifaddrs* all = nullptr;
    if (getifaddrs(&all) != 0) {
        return false;
    }
    bool found = false;
    for (const ifaddrs* each = all; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || name != each->ifa_name) {
            continue;
        }
        if (each->ifa_addr->sa_family == AF_INET) {
            found = true;
        } else if (each->ifa_addr->sa_family == AF_INET6) {
            const auto* address = reinterpret_cast<const sockaddr_in6*>(each->ifa_addr);
            found = found || !IN6_IS_ADDR_LINKLOCAL(&address->sin6_addr);
        }
    }
    freeifaddrs(all);
    return found;
}

}  // namespace

Expected<std::unique_ptr<PacketInterface>> PacketInterface::prepare(const std::string& name,
                                                                    FrameReader reader) {
    std::unique_ptr<PacketInterface> interface(new PacketInterface(name, reader));
    if (auto claimed = interface->claim(); !claimed) {
        return std::unexpected(claimed.error());
    }
    interface->disable_joining();
    if (reader == FrameReader::af_xdp) {
        if (auto checked = interface->check_xdp(); !checked) {
            return std::unexpected(checked.error());
        }
        interface->disable_flag(ETH_FLAG_RXVLAN, "rxvlan", "frames with a VLAN tag lose it");
        interface->use_one_queue();
    }
    interface->silence_ipv6();
    if (auto up = interface->bring_up(); !up) {
        return std::unexpected(up.error());
    }
    return interface;
}

PacketInterface::~PacketInterface() {
    if (control_ < 0) {
        return;
    }
    close_left_socket();
    // No result is looked at: an interface that has gone needs nothing put back.
    if (brought_up_ || put_down_) {
        change_up(control_, name_, !brought_up_);
    }
    if (silenced_ipv6_) {
        std::ofstream(ipv6_switch(name_)) << '0';
    }
    uint32_t on = 1;
    if (disabled_gro_) {
        ethtool(control_, name_, ETHTOOL_SGRO, on);
    }
    uint32_t flags = 0;
    if (disabled_flags_ != 0 && ethtool(control_, name_, ETHTOOL_GFLAGS, flags)) {
        flags |= disabled_flags_;
        ethtool(control_, name_, ETHTOOL_SFLAGS, flags);
    }
    if (own_queues_) {
        set_queues(control_, name_, *own_queues_);
    }
    if (own_mac_) {
        change_mac(control_, name_, *own_mac_);
    }
    close(control_);
}

/// DPDK 22.11's net_af_xdp does not close the socket of a port that ends (its count of the buffers'
/// users never comes to 0), and with the socket the kernel keeps the queue. A later one may close
/// it, and its number may be another's by now.
void PacketInterface::close_left_socket() {
    struct stat now {};
    if (socket_inode_ && fstat(socket_, &now) == 0 && now.st_ino == *socket_inode_) {
        close(socket_);
    }
}

Expected<void> PacketInterface::claim() {
    index_ = static_cast<int>(if_nametoindex(name_.c_str()));
    if (index_ == 0) {
        const std::vector<std::string> names = interface_names();
        const auto nearest = nearest_name(name_, names);
        return failure(fmt::format("no such interface; there are {}{}", join_names(names),
                                   nearest ? "; did you mean '" + *nearest + "'?" : ""));
    }
    if (find_packet_socket(index_) >= 0) {
        return failure("another port reads this interface; give each port its own");
    }
    control_ = ::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (control_ < 0) {
        return failure(
            fmt::format("cannot open a packet socket: {}; {}", strerror(errno), privileges));
    }
    return {};
}

void PacketInterface::disable_joining() {
    uint32_t value = 0;
    if (ethtool(control_, name_, ETHTOOL_GGRO, value) && value != 0) {
        value = 0;
        disabled_gro_ = ethtool(control_, name_, ETHTOOL_SGRO, value);
        if (!disabled_gro_) {
            warnings_.push_back(fmt::format(
                "cannot switch GRO of {} off ({}): TCP through it will stall; run: ethtool -K {} "
                "gro off",
                name_, strerror(errno), name_));
        }
    }
    disable_flag(ETH_FLAG_LRO, "lro", "TCP through it will stall");
}

void PacketInterface::disable_flag(uint32_t flag, const char* word, const char* consequence) {
    uint32_t value = 0;
    if (!ethtool(control_, name_, ETHTOOL_GFLAGS, value) || (value & flag) == 0) {
        return;
    }
    value &= ~flag;
    if (ethtool(control_, name_, ETHTOOL_SFLAGS, value)) {
        disabled_flags_ |= flag;
        return;
    }
    warnings_.push_back(
        fmt::format("cannot switch {0} of {1} off ({2}): {3}; run: ethtool -K {1} "
                    "{0} off",
                    word, name_, strerror(errno), consequence));
}

Expected<void> PacketInterface::check_xdp() {
    const int probe = ::socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (probe < 0) {
        return failure(fmt::format(
            "the kernel gives no AF_XDP socket: {}; {}", strerror(errno),
            errno == EAFNOSUPPORT ? "it wants one with CONFIG_XDP_SOCKETS" : privileges));
    }
    close(probe);
    other_sockets_ = find_xdp_sockets();
    return {};
}

/// The driver reads the first queue; what an interface with several gives to others is lost.
void PacketInterface::use_one_queue() {
    auto channels = channels_of(control_, name_);
    if (!channels || receive_queues(*channels) <= 1) {
        return;
    }
    const uint32_t before = receive_queues(*channels);
    if (set_queues(control_, name_, 1)) {
        own_queues_ = before;
        return;
    }
    warnings_.push_back(fmt::format(
        "{0} spreads frames over {1} queues and cannot be told otherwise ({2}): those of the first "
        "one alone are received; steer them there (ethtool -N {0} or -X {0})",
        name_, before, strerror(errno)));
}

void PacketInterface::silence_ipv6() {
    if (has_addresses(name_)) {
        warnings_.push_back(
            fmt::format("{} has addresses of its own: {}; move them to another interface", name_,
                        reader_ == FrameReader::af_packet
                            ? "the kernel answers beside the appliance"
                            : "nobody reaches them, as the kernel sees no frames of it"));
        return;
    }
    const std::string path = ipv6_switch(name_);
    char state = '1';  // a kernel without IPv6 has no such file and is silent
    std::ifstream(path) >> state;
    if (state != '0') {
        return;
    }
    std::ofstream file(path);
    file << '1' << std::flush;
    silenced_ipv6_ = file.good();
    if (!silenced_ipv6_) {
        warnings_.push_back(fmt::format(
            "cannot write {}: the kernel will do its own IPv6 discovery on {}", path, name_));
    }
}

Expected<void> PacketInterface::bring_up() {
    ifreq request = request_for(name_);
    if (ioctl(control_, SIOCGIFFLAGS, &request) == 0 && (request.ifr_flags & IFF_UP) != 0) {
        return {};
    }
    brought_up_ = change_up(control_, name_, true);
    if (!brought_up_) {
        return failure(fmt::format("it is down and cannot be brought up: {}; {}", strerror(errno),
                                   privileges));
    }
    return {};
}

Expected<void> PacketInterface::adopt_socket() {
    if (reader_ == FrameReader::af_packet) {
        socket_ = find_packet_socket(index_);
    } else {
        const std::vector<int> sockets = find_xdp_sockets();
        const auto is_new = [this](int fd) { return std::ranges::count(other_sockets_, fd) == 0; };
        const auto own = std::ranges::find_if(sockets, is_new);
        socket_ = own == sockets.end() ? -1 : *own;
        struct stat identity {};
        if (fstat(socket_, &identity) == 0) {
            socket_inode_ = identity.st_ino;
        }
    }
    if (socket_ < 0) {
        return failure("the driver's socket is not in /proc/self/fd; is /proc mounted?");
    }
    if (reader_ == FrameReader::af_packet) {
        if (auto ignored = ignore_outgoing(); !ignored) {
            return ignored;
        }
    }
    if (!join(PACKET_MR_ALLMULTI)) {
        return failure(fmt::format("cannot receive multicast: {}", strerror(errno)));
    }
    return {};
}

Expected<void> PacketInterface::ignore_outgoing() {
    // "Is it a frame that leaves? Then none of it, else all of it." packet(7) hands a raw socket
    // the frames of both directions.
    std::array<sock_filter, 4> program{{
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, static_cast<uint32_t>(SKF_AD_OFF + SKF_AD_PKTTYPE)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PACKET_OUTGOING, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, 0),
        BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
    }};
    const sock_fprog filter{.len = program.size(), .filter = program.data()};
    if (setsockopt(socket_, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0) {
        return failure(fmt::format("cannot attach a socket filter: {}", strerror(errno)));
    }
    return {};
}

/// It ends with the socket (packet(7)).
bool PacketInterface::join(int membership) const {
    packet_mreq request{};
    request.mr_ifindex = index_;
    request.mr_type = static_cast<unsigned short>(membership);
    return setsockopt(control_, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof request) == 0;
}

bool PacketInterface::set_up(bool up) {
    const bool changed = change_up(control_, name_, up);
    put_down_ = changed ? !up : put_down_;
    return changed;
}

bool PacketInterface::set_mac(const std::array<uint8_t, 6>& mac) {
    ifreq request = request_for(name_);
    if (ioctl(control_, SIOCGIFHWADDR, &request) != 0 || !change_mac(control_, name_, mac)) {
        return false;
    }
    if (!own_mac_) {
        std::memcpy(own_mac_.emplace().data(), request.ifr_hwaddr.sa_data, mac.size());
    }
    return true;
}

bool PacketInterface::receive_all_frames() {
    return join(PACKET_MR_PROMISC);
}

uint16_t PacketInterface::mtu() const {
    constexpr int most = 1500;  // the driver refuses to go above
    ifreq request = request_for(name_);
    const bool known = ioctl(control_, SIOCGIFMTU, &request) == 0 && request.ifr_mtu > 0;
    return static_cast<uint16_t>(known ? std::min(request.ifr_mtu, most) : most);
}

LinkState PacketInterface::link() const {
    LinkState state;
    // The flags are up to a second late: the kernel tells of carriers that seldom (link_watch.c).
    uint32_t carrier = 0;
    ifreq request = request_for(name_);
    state.up = ethtool(control_, name_, ETHTOOL_GLINK, carrier)
                   ? carrier != 0
                   : ioctl(control_, SIOCGIFFLAGS, &request) == 0 &&
                         (request.ifr_flags & (IFF_UP | IFF_RUNNING)) == (IFF_UP | IFF_RUNNING);
    if (!state.up) {
        return state;
    }
    ethtool_cmd settings{};
    settings.cmd = ETHTOOL_GSET;
    request.ifr_data = reinterpret_cast<char*>(&settings);
    if (ioctl(control_, SIOCETHTOOL, &request) == 0) {
        const uint32_t speed = ethtool_cmd_speed(&settings);
        state.speed_mbps = speed == static_cast<uint32_t>(SPEED_UNKNOWN) ? 0 : speed;
        state.full_duplex = settings.duplex != DUPLEX_HALF;
    }
    return state;
}

uint64_t PacketInterface::take_drops() {
    tpacket_stats statistics{};
    socklen_t length = sizeof statistics;
    // Reading clears the kernel's counters.
    const int result = getsockopt(socket_, SOL_PACKET, PACKET_STATISTICS, &statistics, &length);
    return result == 0 ? statistics.tp_drops : 0;
}

}  // namespace trunkline::board
