#include "sipstack/transport/dns_answer.h"

#include "sipstack/message/lexical.h"

#include <arpa/nameser.h>

#include <algorithm>
#include <array>
#include <utility>

namespace trunkline::sipstack {

namespace {

using std::chrono::seconds;

constexpr std::size_t srv_fixed_size = 6;    // priority, weight, port
constexpr std::size_t naptr_fixed_size = 4;  // order, preference
constexpr int max_aliases = 16;              // one after the other

bool is_known(unsigned type) {
    return type == ns_t_a || type == ns_t_aaaa || type == ns_t_srv || type == ns_t_naptr;
}

/// RFC 2181 8: the highest bit set stands for zero.
seconds time_to_live(uint32_t raw) {
    return seconds(raw > 0x7fffffffU ? 0 : raw);
}

/// One resource record, a view into the message.
struct RawRecord {
    std::string name;
    unsigned type = 0;
    seconds time_to_live{};
    std::span<const uint8_t> data;
};

class Reader {
public:
    explicit Reader(std::span<const uint8_t> message) : message_(message) {}

    std::expected<DnsAnswer, DnsFault> read() {
        if (message_.size() < NS_HFIXEDSZ || message_.size() > NS_MAXMSG ||
            ns_initparse(message_.data(), static_cast<int>(message_.size()), &parsed_) != 0) {
            return std::unexpected(DnsFault::malformed);
        }
        if (const auto fault = check_head()) {
            return std::unexpected(*fault);
        }
        if (!read_section(ns_s_an)) {
            return std::unexpected(DnsFault::malformed);
        }
        follow_aliases();
        if (!take_records()) {
            return std::unexpected(DnsFault::malformed);
        }
        if (answer_.records.empty()) {
            answer_.time_to_live.reset();
            read_denial();
        }
        return std::move(answer_);
    }

private:
    std::optional<DnsFault> check_head() {
        const int code = ns_msg_getflag(parsed_, ns_f_rcode);
        if (ns_msg_getflag(parsed_, ns_f_qr) == 0 ||
            (code != ns_r_noerror && code != ns_r_nxdomain)) {
            return DnsFault::not_answered;
        }
        if (ns_msg_getflag(parsed_, ns_f_tc) != 0) {
            return DnsFault::truncated;
        }
        ns_rr question;
        if (ns_msg_count(parsed_, ns_s_qd) != 1 ||
            ns_parserr(&parsed_, ns_s_qd, 0, &question) != 0 || ns_rr_class(question) != ns_c_in ||
            !is_known(ns_rr_type(question))) {
            return DnsFault::not_asked;
        }
        name_ = ns_rr_name(question);
        type_ = ns_rr_type(question);
        answer_.name_exists = code != ns_r_nxdomain;
        return std::nullopt;
    }

    /// Reads the records of class IN that a section holds. false: malformed.
    bool read_section(ns_sect section) {
        records_.clear();
        const int count = ns_msg_count(parsed_, section);
        for (int i = 0; i < count; ++i) {
            ns_rr record;
            if (ns_parserr(&parsed_, section, i, &record) != 0) {
                return false;
            }
            if (ns_rr_class(record) == ns_c_in && records_.size() < max_dns_records) {
                records_.push_back({ns_rr_name(record),
                                    ns_rr_type(record),
                                    time_to_live(ns_rr_ttl(record)),
                                    {ns_rr_rdata(record), ns_rr_rdlen(record)}});
            }
        }
        return true;
    }

    void shorten(seconds to) {
        answer_.time_to_live = std::min(answer_.time_to_live.value_or(to), to);
    }

    /// RFC 1034 3.6.2: the records asked for may belong to what the name is an alias of.
    void follow_aliases() {
        for (int i = 0; i < max_aliases; ++i) {
            const auto alias = std::ranges::find_if(records_, [this](const RawRecord& record) {
                return record.type == ns_t_cname && equal_nocase(record.name, name_);
            });
            if (alias == records_.end()) {
                return;
            }
            auto rest = alias->data;
            const auto target = take_name(rest);
            if (!target) {
                return;
            }
            shorten(alias->time_to_live);
            name_ = target->empty() ? "." : *target;
        }
    }

    bool take_records() {
        for (const auto& record : records_) {
            if (record.type != type_ || !equal_nocase(record.name, name_)) {
                continue;
            }
            auto read = read_record(record.data);
            if (!read) {
                return false;
            }
            answer_.records.push_back(std::move(*read));
            shorten(record.time_to_live);
        }
        return true;
    }

    std::optional<DnsRecord> read_record(std::span<const uint8_t> data) const {
        switch (type_) {
            case ns_t_a:
                return read_address(data, NS_INADDRSZ);
            case ns_t_aaaa:
                return read_address(data, NS_IN6ADDRSZ);
            case ns_t_srv:
                return read_srv(data);
            default:
                return read_naptr(data);
        }
    }

    static std::optional<DnsRecord> read_address(std::span<const uint8_t> data, std::size_t size) {
        if (data.size() != size) {
            return std::nullopt;
        }
        return dataplane::IpAddress::from_bytes(data);
    }

    std::optional<DnsRecord> read_srv(std::span<const uint8_t> data) const {
        if (data.size() < srv_fixed_size) {
            return std::nullopt;
        }
        SrvRecord record;
        record.priority = take_number(data);
        record.weight = take_number(data);
        record.port = take_number(data);
        auto target = take_name(data);
        if (!target || !data.empty()) {
            return std::nullopt;
        }
        record.target = std::move(*target);
        return record;
    }

    std::optional<DnsRecord> read_naptr(std::span<const uint8_t> data) const {
        if (data.size() < naptr_fixed_size) {
            return std::nullopt;
        }
        NaptrRecord record;
        record.order = take_number(data);
        record.preference = take_number(data);
        for (auto* text : {&record.flags, &record.services, &record.regexp}) {
            auto read = take_string(data);
            if (!read) {
                return std::nullopt;
            }
            *text = std::move(*read);
        }
        auto replacement = take_name(data);
        if (!replacement || !data.empty()) {
            return std::nullopt;
        }
        record.replacement = std::move(*replacement);
        return record;
    }

    /// `data` has two bytes at least.
    static uint16_t take_number(std::span<const uint8_t>& data) {
        const auto number = static_cast<uint16_t>(ns_get16(data.data()));
        data = data.subspan(NS_INT16SZ);
        return number;
    }

    /// A <character-string> of RFC 1035 3.3.
    static std::optional<std::string> take_string(std::span<const uint8_t>& data) {
        if (data.empty() || data.size() - 1 < data.front()) {
            return std::nullopt;
        }
        const auto text = data.subspan(1, data.front());
        data = data.subspan(1 + text.size());
        return std::string(text.begin(), text.end());
    }

    /// A domain name, perhaps compressed, without the final dot.
    std::optional<std::string> take_name(std::span<const uint8_t>& data) const {
        std::array<char, NS_MAXDNAME> text{};
        const auto* end = message_.data() + message_.size();
        const int size =
            ns_name_uncompress(message_.data(), end, data.data(), text.data(), text.size());
        if (size < 0 || static_cast<std::size_t>(size) > data.size()) {
            return std::nullopt;
        }
        data = data.subspan(static_cast<std::size_t>(size));
        const std::string_view name = text.data();
        return std::string(name == "." ? "" : name);
    }

    /// RFC 2308 5: a "no" lasts for the shorter of the SOA record's own time to live and its
    /// MINIMUM, which is the last field. Without a SOA that can be read it has no time to live.
    void read_denial() {
        if (!read_section(ns_s_ns)) {
            return;
        }
        const auto authority = std::ranges::find(records_, ns_t_soa, &RawRecord::type);
        if (authority != records_.end() && authority->data.size() >= NS_INT32SZ) {
            const auto minimum = authority->data.last(NS_INT32SZ);
            shorten(std::min(authority->time_to_live,
                             time_to_live(static_cast<uint32_t>(ns_get32(minimum.data())))));
        }
    }

    const std::span<const uint8_t> message_;
    ns_msg parsed_{};
    std::string name_;  ///< asked for; then what that is an alias of
    unsigned type_ = 0;
    std::vector<RawRecord> records_;
    DnsAnswer answer_;
};

}  // namespace

std::string_view to_string(DnsType type) {
    switch (type) {
        case DnsType::a:
            return "A";
        case DnsType::aaaa:
            return "AAAA";
        case DnsType::srv:
            return "SRV";
        case DnsType::naptr:
            return "NAPTR";
    }
    return "?";
}

std::string DnsQuestion::to_string() const {
    return std::string(sipstack::to_string(type)) + ' ' + name;
}

std::string_view to_string(DnsFault fault) {
    switch (fault) {
        case DnsFault::malformed:
            return "malformed answer";
        case DnsFault::not_answered:
            return "the server refused or failed";
        case DnsFault::not_asked:
            return "answer to another question";
        case DnsFault::truncated:
            return "truncated answer";
    }
    return "?";
}

std::expected<DnsAnswer, DnsFault> read_dns_answer(std::span<const uint8_t> message) {
    return Reader(message).read();
}

}  // namespace trunkline::sipstack
