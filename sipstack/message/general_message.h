// The general reading of a message: the strict pass (strict.h), then libosip2 (osip_parser.h).
#pragma once

#include "sipstack/message/strict.h"

#include <optional>
#include <string_view>

namespace trunkline::sipstack {

/// Into an anatomy whose memory is used again; after a fault it has anything. The views need
/// `bytes` to stay where they are. nullopt: it is a message.
std::optional<ParseFault> read_general_message(std::string_view bytes, Anatomy& anatomy);

}  // namespace trunkline::sipstack
