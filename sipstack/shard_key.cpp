// Our identifiers begin with a marker and the shard's two hex digits: "tl0a..." for shard 10. What
// follows the digits is random.
#include "sipstack/shard_key.h"

#include "sipstack/message/envelope.h"
#include "sipstack/message/header_rows.h"
#include "sipstack/message/lexical.h"

#include <optional>

namespace trunkline::sipstack {

namespace {

constexpr std::string_view magic_cookie = "z9hG4bK";  // RFC 3261 8.1.1.7
constexpr std::string_view marker = "tl";
constexpr std::size_t branch_digits = 24;
constexpr std::size_t tag_digits = 11;
constexpr std::size_t call_id_digits = 24;

/// `prefix`, the mark of the shard and `digits` random ones; `room` for what follows.
std::string marked(std::string_view prefix, uint32_t shard, std::size_t digits, Random& random,
                   std::size_t room = 0) {
    constexpr std::string_view hex = "0123456789abcdef";
    std::string text;
    text.reserve(prefix.size() + marker.size() + 2 + digits + room);
    text += prefix;
    text += marker;
    text += hex[shard >> 4 & 15];
    text += hex[shard & 15];
    random.append_hex(text, digits);
    return text;
}

/// The shard that a marked text names; nullopt when it is not ours. Case is ignored, as branch and
/// tag are tokens that a peer may fold.
std::optional<uint32_t> marked_shard(std::string_view text, std::size_t digits,
                                     uint32_t shard_count) {
    const std::size_t size = marker.size() + 2 + digits;
    if (text.size() < size || !equal_nocase(text.substr(0, marker.size()), marker)) {
        return std::nullopt;
    }
    const int high = hex_value(text[marker.size()]);
    const int low = hex_value(text[marker.size() + 1]);
    if (high < 0 || low < 0) {
        return std::nullopt;
    }
    const auto shard = static_cast<uint32_t>(high * 16 + low);
    return shard < shard_count ? std::optional(shard) : std::nullopt;
}

/// FNV-1a, 64 bit, folded: cheap for texts of this length.
uint32_t hash(std::string_view text) {
    uint64_t value = 0xcbf29ce484222325;
    for (const char c : text) {
        value = (value ^ static_cast<uint8_t>(c)) * 0x100000001b3;
    }
    return static_cast<uint32_t>(value ^ value >> 32);
}

std::optional<uint32_t> branch_shard(std::string_view via_row, uint32_t shard_count) {
    const std::string_view top_via = take_list_value(via_row);
    const std::string_view branch = header_parameter(top_via, "branch").value_or("");
    if (!equal_nocase(branch.substr(0, magic_cookie.size()), magic_cookie)) {
        return std::nullopt;
    }
    return marked_shard(branch.substr(magic_cookie.size()), branch_digits, shard_count);
}

/// What says where a message belongs.
struct Routing {
    std::optional<uint32_t> named;
    std::optional<std::string_view> call_id;
};

Routing routing_of(std::string_view bytes, uint32_t shard_count) {
    HeaderRows rows(bytes);
    const bool is_response = equal_nocase(rows.start_line().substr(0, 4), "SIP/");
    bool via_seen = false;
    Routing routing;
    while (const auto row = rows.next()) {
        if (!routing.call_id && row->id == HeaderId::call_id) {
            routing.call_id = row->value;
        } else if (is_response && !via_seen && row->id == HeaderId::via) {
            via_seen = true;
            routing.named = branch_shard(row->value, shard_count);
        } else if (!is_response && row->id == HeaderId::to) {
            const std::string_view tag = header_parameter(row->value, "tag").value_or("");
            routing.named = marked_shard(tag, tag_digits, shard_count);
        }
        if (routing.named) {
            return routing;
        }
    }
    if (routing.call_id) {
        routing.named = marked_shard(*routing.call_id, call_id_digits, shard_count);
    }
    return routing;
}

}  // namespace

std::string make_branch(uint32_t shard, Random& random) {
    return marked(magic_cookie, shard, branch_digits, random);
}

std::string make_tag(uint32_t shard, Random& random) {
    return marked({}, shard, tag_digits, random);
}

std::string make_call_id(uint32_t shard, std::string_view host, Random& random) {
    std::string call_id = marked({}, shard, call_id_digits, random, 1 + host.size());
    call_id += '@';
    call_id += host;
    return call_id;
}

StunTransactionId make_stun_transaction_id(uint32_t shard, Random& random) {
    StunTransactionId id{};
    random.fill(id);
    id[0] = static_cast<uint8_t>(shard);
    return id;
}

std::optional<uint32_t> named_shard(std::string_view bytes, uint32_t shard_count) {
    return routing_of(bytes, shard_count).named;
}

uint32_t owning_shard(std::string_view bytes, uint32_t shard_count) {
    if (shard_count < 2) {
        return 0;
    }
    if (is_stun(bytes)) {
        const uint32_t shard = stun_transaction_id(bytes)[0];
        return shard < shard_count ? shard : 0;
    }
    const Routing routing = routing_of(bytes, shard_count);
    if (routing.named) {
        return *routing.named;
    }
    return routing.call_id ? hash(*routing.call_id) % shard_count : 0;
}

std::optional<uint32_t> sending_shard(std::string_view quoted, uint32_t shard_count) {
    const auto envelope = scan_envelope(quoted);
    return envelope && envelope->is_request ? branch_shard(envelope->top_via, shard_count)
                                            : std::nullopt;
}

}  // namespace trunkline::sipstack
