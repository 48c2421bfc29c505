// How messages go to a server outside.
#pragma once

#include <cstdint>

namespace trunkline::mgmt {

enum class DeliveryProtocol : uint8_t { udp, tcp, tls };

}  // namespace trunkline::mgmt
