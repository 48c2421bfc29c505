// What a final response to REGISTER asks the client to do. Pure: the decision alone, by RFC 3261
// 8.1.3 and 10.2.8 with its extensions; registration.h does it.
#pragma once

#include "sipstack/message/message.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack {

enum class AnswerAction : uint8_t {
    grant,            ///< 2xx
    challenge,        ///< 401, 407
    raise_interval,   ///< 423
    redirect,         ///< 300, 301, 302 and those not known: to the Contact given
    use_proxy,        ///< 305: the same request through the Contact given
    drop_extension,   ///< 420: without what Unsupported names; 439: without outbound
    add_extension,    ///< 421: with what Require names
    try_next_server,  ///< 408, 503: as silence (8.1.3.1, RFC 3263 4.3)
    refused,          ///< 403, 404, 604: the same again would get the same (21.4)
    failed,           ///< all else
};

/// `status` is 200..699; an unknown code counts as the x00 of its class (8.1.3.2).
AnswerAction action_for(int status);

/// Option tags of an Unsupported or Require header, in lower case.
std::vector<std::string> option_tags(const Message& response, std::string_view header);

/// "404 Not Found", fit for a terminal, a log and JSON.
std::string describe(const Message& response);

/// The values of a header that is a list (Service-Route, P-Associated-URI), fit to be shown.
std::vector<std::string> list_values(const Message& response, std::string_view header);

/// A peer's words without control characters and cut where they are endless.
std::string shown(std::string_view text);

}  // namespace trunkline::sipstack
