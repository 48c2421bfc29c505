// The answer to one DNS question, read from the message as it came (RFC 1035 4.1): addresses, SRV
// (RFC 2782) and NAPTR (RFC 3403) records with their time to live. Who asks is name_resolver.h.
#pragma once

#include "dataplane/address.h"

#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace trunkline::sipstack {

enum class DnsType : uint16_t { a = 1, aaaa = 28, srv = 33, naptr = 35 };

/// "A", "AAAA", "SRV", "NAPTR".
std::string_view to_string(DnsType type);

struct DnsQuestion {
    std::string name;
    DnsType type = DnsType::a;

    auto operator<=>(const DnsQuestion&) const = default;
    /// "SRV _sip._udp.lab.example".
    std::string to_string() const;
};

struct SrvRecord {
    uint16_t priority = 0;  ///< lower first
    uint16_t weight = 0;
    uint16_t port = 0;
    std::string target;  ///< without the final dot; empty = the root: no service (RFC 2782)

    bool operator==(const SrvRecord&) const = default;
};

struct NaptrRecord {
    uint16_t order = 0;       ///< lower first, and nothing behind the first that serves
    uint16_t preference = 0;  ///< lower first, of equal order
    std::string flags;
    std::string services;
    std::string regexp;
    std::string replacement;  ///< without the final dot; empty = the root

    bool operator==(const NaptrRecord&) const = default;
};

using DnsRecord = std::variant<dataplane::IpAddress, SrvRecord, NaptrRecord>;

/// What DNS says to a question. No records: the name has none of that type, or does not exist.
struct DnsAnswer {
    std::vector<DnsRecord> records = {};  ///< of the type asked for, in the order given
    bool name_exists = true;
    /// The shortest of the records and of the aliases (CNAME) that led to them; without records
    /// that of the "no" (RFC 2308 5). Unset: a "no" without one.
    std::optional<std::chrono::seconds> time_to_live = {};

    bool operator==(const DnsAnswer&) const = default;
};

enum class DnsFault : uint8_t {
    malformed,     ///< not DNS, cut short, or a record that contradicts itself
    not_answered,  ///< a query, or a server's refusal or failure: any RCODE but NOERROR, NXDOMAIN
    not_asked,     ///< not one question of class IN and a DnsType
    truncated,     ///< the rest is to be had over TCP
};

std::string_view to_string(DnsFault fault);

/// Records of an answer beyond this many are left out.
inline constexpr std::size_t max_dns_records = 512;

/// Reads any bytes whatever. Records that do not belong to the name asked for are left out.
std::expected<DnsAnswer, DnsFault> read_dns_answer(std::span<const uint8_t> message);

}  // namespace trunkline::sipstack
