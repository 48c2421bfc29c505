#include "dataplane/kernel/twin.h"

#include "board/network_namespace.h"
#include "dataplane/kernel/rtnetlink.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

namespace trunkline::dataplane {

struct Twin::Addressing {
    struct WantedRoute {
        StaticRoute route;
        bool is_set;  ///< false: the kernel refused it
    };
    std::vector<IpInterface> interfaces;
    Rtnetlink kernel;
    std::vector<WantedRoute> static_routes;
};

namespace {

/// Less than any gateway's of an interface.
constexpr uint32_t static_route_metric = 1;

constexpr const char* privileges = "run as root or with CAP_NET_ADMIN";

std::unexpected<board::Error> failure(std::string message) {
    return std::unexpected(board::Error{std::move(message)});
}

/// Writes one of the interface's settings under /proc/sys/net of the thread's namespace.
bool write_setting(const std::string& family, const std::string& interface, const std::string& key,
                   int value) {
    std::ofstream file("/proc/sys/net/" + family + "/conf/" + interface + "/" + key);
    file << value << std::flush;
    return file.good();
}

bool kernel_has_ipv6() {
    return access("/proc/sys/net/ipv6", F_OK) == 0;
}

}  // namespace

std::string twin_name(std::string_view ip_interface) {
    std::string name;
    for (const char c : ip_interface.substr(0, IFNAMSIZ - 1)) {
        const auto byte = static_cast<unsigned char>(c);
        const bool plain = std::isalnum(byte) || c == '-' || c == '_' || c == '.';
        name += plain ? static_cast<char>(std::tolower(byte)) : '_';
    }
    // "." and ".." are folders, "all" and "default" stand for interfaces in /proc/sys.
    if (name.empty() || name == "." || name == ".." || name == "all" || name == "default") {
        name += "_0";
    }
    return name;
}

Twin::Twin() = default;

Twin::~Twin() {
    if (fd_ >= 0) {
        close(fd_);
    }
}

board::Expected<std::unique_ptr<Twin>> Twin::create(const EthernetDevice& device,
                                                    const MacAddress& mac,
                                                    std::span<const IpInterface> interfaces,
                                                    const std::string& network_namespace) {
    const auto fail = [&](const std::string& name, const board::Error& error) {
        return failure(fmt::format("cannot make {}, the kernel's side of Ethernet device '{}': {}",
                                   name, device.name, error.message));
    };
    std::unique_ptr<Twin> twin(new Twin());
    twin->device_ = device.name;
    twin->mac_ = mac;
    twin->mtu_ = device.mtu;
    twin->name_ = twin_name(interfaces.empty() ? device.name : interfaces.front().name);
    const auto scope = board::NetworkNamespaceScope::enter(network_namespace);
    if (!scope) {
        return fail(twin->name_, scope.error());
    }
    auto kernel = Rtnetlink::open();
    if (!kernel) {
        return fail(twin->name_, kernel.error());
    }
    twin->addressing_ = std::make_unique<Addressing>(
        std::vector<IpInterface>(interfaces.begin(), interfaces.end()), *std::move(kernel));
    auto done = twin->open_tap();
    if (done) {
        done = twin->configure();
    }
    if (!done) {
        return fail(twin->name_, done.error());
    }
    return twin;
}

board::Expected<void> Twin::open_tap() {
    fd_ = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd_ < 0) {
        return failure(fmt::format("cannot open /dev/net/tun: {}; run 'modprobe tun', {}",
                                   strerror(errno), privileges));
    }
    ifreq request{};
    name_.copy(request.ifr_name, IFNAMSIZ - 1);
    // IFF_TUN_EXCL: a TAP that somebody left there must not be taken over.
    const int flags = IFF_TAP | IFF_NO_PI | IFF_TUN_EXCL;
    request.ifr_flags = static_cast<short>(flags);
    if (ioctl(fd_, TUNSETIFF, &request) != 0) {
        const int error = errno;
        // A device of another kind answers EINVAL.
        const bool taken = error == EBUSY || if_nametoindex(name_.c_str()) != 0;
        return taken ? failure(fmt::format("there is a device of that name already; rename the IP "
                                           "interface or run: ip link delete {}",
                                           name_))
                     : failure(fmt::format("{}; {}", strerror(error), privileges));
    }
    interface_index_ = static_cast<int>(if_nametoindex(name_.c_str()));
    return {};
}

board::Expected<void> Twin::configure() {
    // Before it is up. Its link-local address is the port's own; a search for duplicates would find
    // none and cost the first two seconds. And only an interface answers for its own addresses.
    bool set = write_setting("ipv4", name_, "arp_ignore", 1) &&
               write_setting("ipv4", name_, "arp_announce", 2) &&
               write_setting("ipv4", name_, "arp_notify", 1);
    if (kernel_has_ipv6()) {
        set = set && write_setting("ipv6", name_, "accept_dad", 0) &&
              write_setting("ipv6", name_, "dad_transmits", 0) &&
              write_setting("ipv6", name_, "accept_ra", 0) &&
              write_setting("ipv6", name_, "ndisc_notify", 1);
    }
    if (!set) {
        return failure(
            fmt::format("cannot write its settings below /proc/sys/net; is it mounted "
                        "read-only? {}",
                        privileges));
    }
    if (auto link = set_link(); !link) {
        return link;
    }
    if (auto addresses = set_addresses(); !addresses) {
        return addresses;
    }
    if (const auto up = addressing_->kernel.bring_up(interface_index_); !up) {
        return failure(fmt::format("it does not come up: {}", strerror(up.error())));
    }
    return set_gateways();
}

board::Expected<void> Twin::set_link() {
    if (const auto set = addressing_->kernel.set_link(interface_index_, mac_, mtu_); !set) {
        return failure(fmt::format("cannot set MAC {} and MTU {}: {}", mac_.to_string(), mtu_,
                                   strerror(set.error())));
    }
    return {};
}

board::Expected<void> Twin::restore_link() {
    if (auto set = set_link(); !set) {
        return failure(fmt::format("cannot restore {}: {}", name_, set.error().message));
    }
    return {};
}

std::vector<board::Error> Twin::restore() {
    std::vector<board::Error> refused;
    for (const auto& done : {set_addresses(), set_gateways()}) {
        if (!done) {
            refused.push_back(done.error());
        }
    }
    for (auto& wanted : addressing_->static_routes) {
        wanted.is_set = false;
    }
    std::ranges::move(set_missing_routes(), std::back_inserter(refused));
    for (board::Error& error : refused) {
        error.message = fmt::format("cannot restore {}: {}", name_, error.message);
    }
    return refused;
}

board::Expected<void> Twin::set_addresses() {
    for (const IpInterface& interface : addressing_->interfaces) {
        const auto set = addressing_->kernel.set_address(interface_index_, interface.address);
        if (!set) {
            return failure(fmt::format("cannot set address {} of IP interface '{}': {}",
                                       interface.address.to_string(), interface.name,
                                       strerror(set.error())));
        }
    }
    return {};
}

board::Expected<void> Twin::set_gateways() {
    // Metrics rise with the devices and with the interfaces of each.
    uint32_t metric = static_cast<uint32_t>(interface_index_) << 8;
    for (const IpInterface& interface : addressing_->interfaces) {
        ++metric;
        if (!interface.gateway) {
            continue;
        }
        const IpPrefix everything{{{}, interface.gateway->family}, 0};
        const auto set =
            addressing_->kernel.set_route(interface_index_, everything, *interface.gateway, metric);
        if (!set) {
            return failure(fmt::format(
                "cannot set gateway {} of IP interface '{}': {}; it must be a neighbour in {}",
                interface.gateway->to_string(), interface.name, strerror(set.error()),
                interface.address.to_string()));
        }
    }
    return {};
}

std::vector<board::Error> Twin::set_static_routes(std::vector<StaticRoute> routes) {
    using Wanted = Addressing::WantedRoute;
    const std::vector<Wanted> former = std::exchange(addressing_->static_routes, {});
    for (const Wanted& known : former) {
        if (std::ranges::find(routes, known.route) == routes.end()) {
            // It may have gone by itself, with the link or by an operator: any answer is right.
            static_cast<void>(
                addressing_->kernel.delete_route(interface_index_, known.route.destination,
                                                 known.route.gateway, static_route_metric));
        }
    }
    for (StaticRoute& route : routes) {
        const auto known = std::ranges::find(former, route, &Wanted::route);
        const bool is_set = known != former.end() && known->is_set;
        addressing_->static_routes.push_back({std::move(route), is_set});
    }
    return set_missing_routes();
}

/// Errors: those that the kernel refuses.
std::vector<board::Error> Twin::set_missing_routes() {
    std::vector<board::Error> refused;
    for (auto& wanted : addressing_->static_routes) {
        if (wanted.is_set) {
            continue;
        }
        if (auto set = set_route(wanted.route); set) {
            wanted.is_set = true;
        } else {
            refused.push_back(std::move(set.error()));
        }
    }
    return refused;
}

board::Expected<void> Twin::set_route(const StaticRoute& route) {
    const auto set = addressing_->kernel.set_route(interface_index_, route.destination,
                                                   route.gateway, static_route_metric);
    if (!set) {
        return failure(fmt::format("cannot set the static route to {} by {} through {}: {}",
                                   route.destination.to_string(), route.gateway.to_string(), name_,
                                   strerror(set.error())));
    }
    return {};
}

}  // namespace trunkline::dataplane
