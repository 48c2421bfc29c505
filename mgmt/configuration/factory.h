// The factory defaults: what is left when everything is taken out that this box can start and be
// reached without.
#pragma once

#include "mgmt/configuration/node.h"

namespace trunkline::mgmt {

/// Of `running`: the hardware (appliance, ports, Ethernet groups and devices), the addresses and
/// routes, and how operators come in (administration with its users) stay; the rest has its
/// defaults. A box that forgot its address could not be reached to give it a new one.
ConfigNodePtr factory_defaults(const ConfigNodePtr& running);

}  // namespace trunkline::mgmt
