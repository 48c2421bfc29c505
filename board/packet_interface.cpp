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
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

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

Expected<std::unique_ptr<PacketInterface>> PacketInterface::prepare(const std::string& name) {
    std::unique_ptr<PacketInterface> interface(new PacketInterface(name));
    if (auto claimed = interface->claim(); !claimed) {
        return std::unexpected(claimed.error());
    }
    interface->disable_joining();
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
    // No result is looked at: an interface that has gone needs nothing put back.
    if (brought_up_) {
        change_up(control_, name_, false);
    }
    if (silenced_ipv6_) {
        std::ofstream(ipv6_switch(name_)) << '0';
    }
    uint32_t on = 1;
    if (disabled_gro_) {
        ethtool(control_, name_, ETHTOOL_SGRO, on);
    }
    uint32_t flags = 0;
    if (disabled_lro_ && ethtool(control_, name_, ETHTOOL_GFLAGS, flags)) {
        flags |= ETH_FLAG_LRO;
        ethtool(control_, name_, ETHTOOL_SFLAGS, flags);
    }
    close(control_);
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
    if (ethtool(control_, name_, ETHTOOL_GFLAGS, value) && (value & ETH_FLAG_LRO) != 0) {
        value &= ~static_cast<uint32_t>(ETH_FLAG_LRO);
        disabled_lro_ = ethtool(control_, name_, ETHTOOL_SFLAGS, value);
        if (!disabled_lro_) {
            warnings_.push_back(fmt::format(
                "cannot switch LRO of {} off ({}): TCP through it will stall; run: ethtool -K {} "
                "lro off",
                name_, strerror(errno), name_));
        }
    }
}

void PacketInterface::silence_ipv6() {
    if (has_addresses(name_)) {
        warnings_.push_back(fmt::format(
            "{} has addresses of its own: the kernel answers beside the appliance; move them to "
            "another interface",
            name_));
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
    socket_ = find_packet_socket(index_);
    if (socket_ < 0) {
        return failure("the driver's socket is not in /proc/self/fd; is /proc mounted?");
    }
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
    packet_mreq all_multicast{};
    all_multicast.mr_ifindex = index_;
    all_multicast.mr_type = PACKET_MR_ALLMULTI;
    if (setsockopt(socket_, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &all_multicast,
                   sizeof all_multicast) != 0) {
        return failure(fmt::format("cannot receive multicast: {}", strerror(errno)));
    }
    return {};
}

uint16_t PacketInterface::mtu() const {
    constexpr int most = 1500;  // the driver refuses to go above
    ifreq request = request_for(name_);
    const bool known = ioctl(control_, SIOCGIFMTU, &request) == 0 && request.ifr_mtu > 0;
    return static_cast<uint16_t>(known ? std::min(request.ifr_mtu, most) : most);
}

LinkState PacketInterface::link() const {
    LinkState state;
    ifreq request = request_for(name_);
    state.up = ioctl(control_, SIOCGIFFLAGS, &request) == 0 &&
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
