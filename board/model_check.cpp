// check_against_model(): does the configuration fit the box?
#include "board/model.h"
#include "board/nearest_name.h"
#include "board/pci.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <type_traits>
#include <utility>

namespace trunkline::board {

namespace {

/// What two ports cannot share; nullopt where a device may stand behind many ports.
std::optional<std::string> exclusive_name(const Device& device) {
    return std::visit(
        [](const auto& kind) -> std::optional<std::string> {
            using Kind = std::remove_cvref_t<decltype(kind)>;
            if constexpr (std::is_same_v<Kind, PciDevice>) {
                // One address may be written in several ways.
                return kind.number == 0
                           ? "PCI device " + pci_address(kind.address).value_or(kind.address)
                           : fmt::format("NIC {}", kind.number);
            } else if constexpr (std::is_same_v<Kind, AfPacketDevice> ||
                                 std::is_same_v<Kind, AfXdpDevice> ||
                                 std::is_same_v<Kind, TapDevice>) {
                return "interface " + kind.interface;
            } else if constexpr (std::is_same_v<Kind, MemifDevice>) {
                return fmt::format("memif {} id {}", kind.socket, kind.id);
            } else if constexpr (std::is_same_v<Kind, VirtioUserDevice>) {
                return "virtio_user " + kind.path;
            } else {
                return std::nullopt;
            }
        },
        device);
}

/// Remembers where a name was met first.
class FirstUse {
public:
    /// The earlier place, when there was one.
    std::optional<std::string> take(const std::string& name, const std::string& place) {
        const auto [entry, fresh] = places_.emplace(name, place);
        return fresh ? std::nullopt : std::optional(entry->second);
    }

private:
    std::map<std::string, std::string> places_;
};

class ModelCheck {
public:
    ModelCheck(const BoardConfig& config, const Model& model) : config_(config), model_(model) {
        for (const ModelPort& port : model.ports) {
            labels_.push_back(port.label);
        }
    }

    std::vector<Error> run() {
        for (std::size_t i = 0; i < config_.physical_ports.size(); ++i) {
            check_port(config_.physical_ports[i], fmt::format("ip_network.physical_ports[{}]", i));
        }
        for (std::size_t i = 0; i < config_.ethernet_groups.size(); ++i) {
            check_group(config_.ethernet_groups[i],
                        fmt::format("ip_network.ethernet_groups[{}]", i));
        }
        if (config_.ethernet_groups.size() > model_.ethernet_groups.most) {
            fault(fmt::format("ip_network.ethernet_groups: {} has {} groups at most, found {}",
                              model_.name, model_.ethernet_groups.most,
                              config_.ethernet_groups.size()));
        }
        return std::move(faults_);
    }

private:
    void fault(std::string message) { faults_.push_back({std::move(message)}); }

    static std::string advice(const std::string& typo, const std::vector<std::string>& names) {
        const auto nearest = nearest_name(typo, names);
        return nearest ? "; did you mean '" + *nearest + "'?" : "";
    }

    void check_port(const PhysicalPort& port, const std::string& place) {
        if (model_.port(port.name) == nullptr) {
            fault(fmt::format("{}.name: {} has no port '{}'; its ports are {}{}", place,
                              model_.name, port.name, join_names(labels_),
                              advice(port.name, labels_)));
        }
        if (const auto first = ports_.take(port.name, place)) {
            fault(fmt::format("{}.name: port '{}' stands twice, first in {}; give each port once",
                              place, port.name, *first));
        }
        configured_.push_back(port.name);
        const auto device = exclusive_name(port.device);
        if (!device) {
            return;
        }
        if (const auto first = devices_.take(*device, place)) {
            fault(fmt::format("{}.device: {} is used by {} already; a device drives one port",
                              place, *device, *first));
        }
    }

    void check_group(const EthernetGroup& group, const std::string& place) {
        if (const auto first = groups_.take(group.name, place)) {
            fault(fmt::format("{}.name: group '{}' stands twice, first in {}", place, group.name,
                              *first));
        }
        if (group.mode == EthernetGroupMode::single && group.members.size() != 1) {
            fault(fmt::format("{}.members: mode single takes one member, found {}", place,
                              group.members.size()));
        }
        if (group.mode == EthernetGroupMode::none && !group.members.empty()) {
            fault(fmt::format("{}.members: mode none takes no member, found {}", place,
                              group.members.size()));
        }
        const bool shared =
            group.mode != EthernetGroupMode::none && group.mode != EthernetGroupMode::single;
        if (shared && (group.members.empty() || group.members.size() > 2)) {
            fault(fmt::format("{}.members: this mode takes one or two members, found {}", place,
                              group.members.size()));
        }
        for (const std::string& member : group.members) {
            if (std::ranges::find(configured_, member) == configured_.end()) {
                fault(fmt::format(
                    "{}.members: no port '{}' in ip_network.physical_ports; there "
                    "are {}{}",
                    place, member, configured_.empty() ? "none" : join_names(configured_),
                    advice(member, configured_)));
            } else if (const auto first = members_.take(member, place)) {
                fault(fmt::format("{}.members: port '{}' is a member of {} already", place, member,
                                  *first));
            }
        }
    }

    const BoardConfig& config_;
    const Model& model_;
    std::vector<std::string> labels_, configured_;
    FirstUse ports_, devices_, groups_, members_;
    std::vector<Error> faults_;
};

}  // namespace

std::vector<Error> check_against_model(const BoardConfig& config, const Model& model) {
    return ModelCheck(config, model).run();
}

}  // namespace trunkline::board
