// The SIP Capture settings.
#pragma once

#include "dataplane/address.h"
#include "mgmt/capture/pcap_limits.h"
#include "mgmt/delivery/delivery_protocol.h"

#include <cstdint>
#include <optional>
#include <string>

namespace trunkline::mgmt {

/// Where all SIP messages go as HEP version 3.
struct HepConfig {
    bool enabled = false;
    std::optional<dataplane::IpAddress> server;  ///< nullopt: nothing is sent
    uint16_t port = 9060;
    DeliveryProtocol protocol = DeliveryProtocol::udp;  ///< UDP or TCP
    uint32_t capture_id = 1;
    std::string key;  ///< empty: none is sent

    bool operator==(const HepConfig&) const = default;
};

struct CaptureConfig {
    HepConfig hep;
    PcapLimits files;
};

}  // namespace trunkline::mgmt
