// What the headers that route a message say, however they were read (plain_message.h or
// osip_parser.h).
#pragma once

#include "sipstack/message/via.h"

#include <list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trunkline::sipstack {

/// Views into the message's bytes, or into `texts`. It is moved, not copied.
struct RoutingHeaders {
    std::vector<Via> vias;              ///< topmost first, at least one
    std::string_view from_tag, to_tag;  ///< empty: there is none
    std::list<std::string> texts;       ///< what the bytes do not have as it is to be read

    RoutingHeaders() = default;
    RoutingHeaders(RoutingHeaders&&) = default;
    RoutingHeaders& operator=(RoutingHeaders&&) = default;

    /// Keeps a text for a view.
    std::string_view keep(std::string text) { return texts.emplace_back(std::move(text)); }
    /// Forgets all but its memory.
    void clear() {
        vias.clear();
        from_tag = to_tag = {};
        texts.clear();
    }

    bool operator==(const RoutingHeaders& other) const {
        return vias == other.vias && from_tag == other.from_tag && to_tag == other.to_tag;
    }
};

}  // namespace trunkline::sipstack
