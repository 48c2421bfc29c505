// The devices of this machine behind the ports of the box. A file of the appliance family names
// ports alone, as its box knows what drives them: whoever runs it here says so, or nothing does.
#pragma once

#include "mgmt/configuration/node.h"
#include "mgmt/configuration/reader.h"

#include <expected>
#include <map>
#include <span>
#include <string>

namespace trunkline::mgmt {

/// What stands at `device` of each port, by the port's name.
using PortDevices = std::map<std::string, ConfigNodePtr>;

/// Of options: "GE_1=eth0" for a kernel interface, "GE_2=0000:00:04.0" for a PCI device, "GE_3=2"
/// for the machine's second NIC. The error says which is none.
std::expected<PortDevices, std::string> read_port_devices(std::span<const std::string> options);

/// Those that `root` names.
PortDevices port_devices(const ConfigNodePtr& root);

/// Gives the ports of `read` these devices, whatever it names. A port that it does not have is a
/// fault; `origin` is its file.
void set_port_devices(ReadConfiguration& read, const std::string& origin,
                      const PortDevices& devices);

/// Of an ini file: gives each port without a device the one of `known`, or else a placeholder that
/// neither sends nor receives, which is noted. `origin` is the file. `known` may be empty.
void place_port_devices(ReadConfiguration& read, const std::string& origin,
                        const PortDevices& known);

/// `root` with ports without a device where placeholders stand, as ini files have them.
ConfigNodePtr without_placeholders(const ConfigNodePtr& root);

}  // namespace trunkline::mgmt
