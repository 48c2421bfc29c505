// Each fast path of sipstack beside the general way that it stands for, on the messages of a run:
// both have their say, and what they say has to be the same, byte for byte. Of what the appliance
// sent neither knows which of them wrote it: it has to be the same again.
#pragma once

#include "dataplane/address.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace trunkline::sim {

enum class FastPath : uint8_t {
    repeated_register,  ///< begin_again() of register_request.h
    grant,              ///< plainly_granted_time() of grant.h
    answer,             ///< response_to() of response.h, to a plain request
    message,            ///< read_plain_message() of plain_message.h
    md5,                ///< of short texts, in hash.cpp
};
inline constexpr std::size_t fast_path_count = std::to_underlying(FastPath::md5) + 1;

std::string_view to_string(FastPath path);

/// How often each was taken and compared.
using FastPathCounts = std::array<uint64_t, fast_path_count>;

class FastPaths {
public:
    /// A REGISTER was challenged, and `repetition` is the same with credentials.
    void repeated(std::string_view challenged, std::string_view repetition);
    /// A 2xx to a REGISTER has reached its shard.
    void granted(std::string_view request, std::string_view answer);
    /// Any message.
    void read(std::string_view message);
    /// A message has reached a shard, which reads it; a request is kept for the answer to it.
    void received(const dataplane::Endpoint& from, std::string_view message);
    /// A response leaves the appliance.
    void answered(std::string_view answer);
    /// The MD5 of `text` in hexadecimal, by the general way.
    std::string md5(std::string_view text);

    const FastPathCounts& counts() const { return counts_; }
    /// The first since the last call, with the bytes that differ.
    std::optional<std::string> take_difference() {
        return std::exchange(difference_, std::nullopt);
    }

private:
    struct Request {
        dataplane::Endpoint from;
        std::string bytes;
    };
    void compare(FastPath path, std::string_view fast, std::string_view general);
    void compare_sent(FastPath path, std::string_view sent, std::string_view general);
    void note(FastPath path, std::string_view whose, std::string_view bytes,
              std::string_view general);
    void answered(const Request& request, std::string_view answer);

    FastPathCounts counts_{};
    std::optional<std::string> difference_;
    std::unordered_map<std::string, Request> requests_;  ///< not answered yet, by branch
};

}  // namespace trunkline::sim
