#include "sipstack/message/general_message.h"

#include "sipstack/message/osip_parser.h"

#include <utility>

namespace trunkline::sipstack {

std::optional<ParseFault> read_general_message(std::string_view bytes, Anatomy& anatomy) {
    if (const auto fault = dissect(bytes, anatomy)) {
        return fault;
    }
    auto routing = parse_routing_headers(anatomy);
    if (!routing) {
        return ParseFault{anatomy.is_request ? 400 : 0, "routing header malformed"};
    }
    anatomy.routing = std::move(*routing);
    return std::nullopt;
}

}  // namespace trunkline::sipstack
