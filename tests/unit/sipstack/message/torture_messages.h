// The torture messages of RFC 4475 and RFC 5118, written anew from their descriptions, under the
// RFCs' names, and what becomes of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trunkline::sipstack::testing {

inline constexpr int is_message = -1;
inline constexpr int is_dropped = 0;

struct TortureMessage {
    std::string_view name;
    int parsed;    ///< is_message, or the status that Message::parse() answers, or is_dropped
    int answered;  ///< status of the shard's answer, or is_dropped
    std::string bytes;
};

/// RFC 4475 3. Where it leaves a choice (be strict, or guess what was meant), ours is the one here.
/// Methods that nobody serves are answered 405, a valid INVITE and REGISTER among them.
std::vector<TortureMessage> rfc4475_messages();
/// RFC 5118 4.
std::vector<TortureMessage> rfc5118_messages();

}  // namespace trunkline::sipstack::testing
