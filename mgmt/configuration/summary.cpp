#include "mgmt/configuration/summary.h"

#include "mgmt/catalogue/sip_choices.h"
#include "mgmt/ethernet_group_view.h"
#include "mgmt/not_in_effect_view.h"
#include "mgmt/text_table.h"
#include "sipstack/registration/registrants.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>
#include <variant>
#include <vector>

namespace trunkline::mgmt {

namespace {

using Rows = std::vector<std::vector<Cell>>;

constexpr std::size_t width = 120;
constexpr std::size_t most_registrants = 20;

std::string described(const board::Device& device) {
    struct Describe {
        std::string operator()(const board::PciDevice& pci) const {
            return pci.number == 0 ? "pci " + pci.address : fmt::format("NIC {}", pci.number);
        }
        std::string operator()(const board::AfPacketDevice& packet) const {
            return "af_packet on " + packet.interface;
        }
        std::string operator()(const board::AfXdpDevice& xdp) const {
            return "af_xdp on " + xdp.interface;
        }
        std::string operator()(const board::TapDevice& tap) const { return "tap " + tap.interface; }
        std::string operator()(const board::MemifDevice& memif) const {
            return fmt::format("memif {} {} id {}", memif.server ? "server" : "client",
                               memif.socket, memif.id);
        }
        std::string operator()(const board::RingDevice&) const { return "ring"; }
        std::string operator()(const board::NullDevice&) const { return "null"; }
        std::string operator()(const board::VirtioUserDevice& user) const {
            return "virtio_user " + user.path;
        }
    };
    return std::visit(Describe{}, device);
}

/// "GE_1 and GE_2, 1RX/1TX".
std::string described(const board::EthernetGroup& group) {
    return fmt::format(
        "{}, {}",
        group.members.empty() ? "no member" : fmt::to_string(fmt::join(group.members, " and ")),
        label_of(group.mode));
}

std::string_view topology_name(board::Topology topology) {
    switch (topology) {
        case board::Topology::automatic:
            return "automatic";
        case board::Topology::merged:
            return "merged";
        case board::Topology::split:
            return "split";
    }
    return "unknown";
}

std::string described(const dataplane::IpInterface& interface) {
    std::string text = fmt::format("{} on {}", interface.address.to_string(), interface.device);
    if (interface.gateway) {
        text += ", gateway " + interface.gateway->to_string();
    }
    for (const auto& server : interface.dns_servers) {
        text += ", DNS " + server.to_string();
    }
    return text;
}

std::string described(const sipstack::ProxySet& set) {
    std::string text;
    for (const auto& address : set.addresses) {
        text += (text.empty() ? "" : ", ") + address.host;
        text += address.port ? fmt::format(" port {}", *address.port) : "";
        text += address.transport ? fmt::format(" over {}", name_of(*address.transport)) : "";
    }
    if (set.keep_alive != sipstack::KeepAlive::disable) {
        text += fmt::format("; keep-alive {}", name_of(set.keep_alive));
    }
    return text;
}

/// "192.0.2.10, UDP 5060, TCP 5060".
std::string described(const sipstack::SipInterface& interface) {
    std::string text = interface.address.to_string();
    for (const auto& [name, port] :
         {std::pair{"UDP", interface.udp_port}, std::pair{"TCP", interface.tcp_port},
          std::pair{"TLS", interface.tls_port}}) {
        text += port == 0 ? "" : fmt::format(", {} {}", name, port);
    }
    return text;
}

std::string described(const sipstack::TlsContext& context) {
    return fmt::format(
        "{}, certificate {}, trusts {}", name_of(context.minimum_version),
        context.certificate_file.empty() ? "none" : context.certificate_file,
        context.trusted_roots_file.empty() ? "the system's roots" : context.trusted_roots_file);
}

void add(Rows& rows, std::string_view what, const std::string& name, std::string text) {
    rows.push_back({{std::string(what), {}}, {name, {}}, {std::move(text), {}}});
}

Rows board_rows(const ApplianceConfig& config) {
    Rows rows;
    add(rows, "appliance", config.board.hostname,
        fmt::format("{}, {} shard{}, topology {}, {} MiB for packets", config.board.model,
                    config.sip.shards, config.sip.shards == 1 ? "" : "s",
                    topology_name(config.board.topology), config.board.memory_megabytes));
    for (const auto& port : config.board.physical_ports) {
        add(rows, "port", port.name, described(port.device));
    }
    for (const auto& group : config.board.ethernet_groups) {
        add(rows, "ethernet group", group.name, described(group));
    }
    return rows;
}

void add_network_rows(Rows& rows, const ApplianceConfig& config) {
    for (const auto& device : config.network.ethernet_devices) {
        add(rows, "ethernet device", device.name,
            fmt::format("VLAN {} {} on {}, MTU {}", device.vlan_id,
                        device.tagged ? "tagged" : "untagged", device.underlying, device.mtu));
    }
    for (const auto& interface : config.network.ip_interfaces) {
        add(rows, "ip interface", interface.name, described(interface));
    }
    for (const auto& route : config.network.static_routes) {
        add(rows, "static route", route.destination.to_string(),
            fmt::format("by {} on {}", route.gateway.to_string(), route.device));
    }
    const bool twins = config.network.kernel_twin == dataplane::KernelTwin::tap;
    add(rows, "kernel", twins ? "twins" : "no twin",
        config.network.network_namespace.empty()
            ? "in the network namespace of the process"
            : "in network namespace " + config.network.network_namespace);
}

void add_signaling_rows(Rows& rows, const ApplianceConfig& config) {
    for (const auto& context : config.sip.tls_contexts) {
        add(rows, "tls context", context.name, described(context));
    }
    for (const auto& interface : config.sip.sip_interfaces) {
        add(rows, "sip interface", interface.name, described(interface));
    }
    for (const auto& set : config.sip.proxy_sets) {
        add(rows, "proxy set", set.name, described(set));
    }
    for (const auto& group : config.sip.ip_groups) {
        add(rows, "ip group", group.name,
            fmt::format("{} at proxy set {}",
                        group.sip_group_name.empty() ? "server" : group.sip_group_name,
                        config.sip.proxy_sets[group.proxy_set_index].name));
    }
    const auto registrants = sipstack::registrants(config.sip);
    const std::size_t shown = std::min(registrants.size(), most_registrants);
    for (std::size_t at = 0; at < shown; ++at) {
        add(rows, "registration", registrants[at].name, registrants[at].aor);
    }
    if (shown < registrants.size()) {
        add(rows, "registration", "...", fmt::format("and {} more", registrants.size() - shown));
    }
}

}  // namespace

std::string config_summary(const ApplianceConfig& config, std::span<const std::string> notes) {
    Rows rows = board_rows(config);
    add_network_rows(rows, config);
    add_signaling_rows(rows, config);
    std::string text =
        text_table({{"WHAT"}, {"NAME"}, {"WOULD BE APPLIED AS"}}, rows, width, false) +
        fmt::format("{} registrations\n", sipstack::registrants(config.sip).size());
    for (const std::string& note : notes) {
        text += "note: " + note + "\n";
    }
    for (const auto& row : not_in_effect_rows(config)) {
        text += "not yet in effect: " + not_in_effect_line(row) + "\n";
    }
    return text;
}

}  // namespace trunkline::mgmt
