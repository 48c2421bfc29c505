#include "sipstack/registration/journal_record.h"

#include <zlib.h>

#include <algorithm>
#include <concepts>
#include <limits>
#include <map>
#include <type_traits>
#include <utility>
#include <vector>

namespace trunkline::sipstack {

namespace {

constexpr std::string_view magic = "TLR4";
constexpr std::size_t header_size = 12;
/// Of a list: service routes, digests. More is damage.
constexpr std::size_t max_list = 1024;
/// Of wall times: far beyond any real one, and far from overflow.
constexpr int64_t max_wall = int64_t{1} << 53;
/// RegistrationRetryTime's and Retry-After's upper end.
constexpr std::chrono::hours longest_retry{1};

constexpr DigestAlgorithm last_of(DigestAlgorithm) {
    return DigestAlgorithm::sha512_256;
}
constexpr Transport last_of(Transport) {
    return Transport::tls;
}

void append_fixed(std::string& out, uint32_t value) {
    for (int shift = 0; shift < 32; shift += 8) {
        out += static_cast<char>(value >> shift);
    }
}

uint32_t fixed_at(std::string_view bytes, std::size_t at) {
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; ++i) {
        value |= uint32_t{static_cast<uint8_t>(bytes[at + i])} << (8 * i);
    }
    return value;
}

uint32_t checksum_of(std::string_view length, std::string_view payload) {
    const auto* head = reinterpret_cast<const Bytef*>(length.data());
    const auto* body = reinterpret_cast<const Bytef*>(payload.data());
    const uLong begun = crc32(crc32(0, nullptr, 0), head, static_cast<uInt>(length.size()));
    return static_cast<uint32_t>(crc32(begun, body, static_cast<uInt>(payload.size())));
}

class Writer {
public:
    Writer(std::string& out, const ClockReading& clock) : out_(out), clock_(clock) {}

    void operator()(const auto&... fields) { (write(fields), ...); }

private:
    void write(std::unsigned_integral auto value) {
        uint64_t rest = value;
        for (; rest >= 0x80; rest >>= 7) {
            out_ += static_cast<char>(rest | 0x80);
        }
        out_ += static_cast<char>(rest);
    }
    template <typename Enumeration>
    requires std::is_enum_v<Enumeration>
    void write(Enumeration value) { write(static_cast<unsigned>(value)); }
    void write(const std::string& text) {
        write(text.size());
        out_ += text;
    }
    void write(Seconds seconds) {
        write(static_cast<uint64_t>(std::max<int64_t>(seconds.count(), 0)));
    }
    void write(WallTime time) {
        const int64_t wall = time.time_since_epoch().count();
        write(static_cast<uint64_t>(std::clamp<int64_t>(wall, 0, max_wall)));
    }
    void write(Instant instant) { write(clock_.wall_of(instant)); }
    void write(const dataplane::IpAddress& address) {
        const std::size_t size = address.is_v4() ? 4 : address.is_v6() ? 16 : 0;
        write(std::string(reinterpret_cast<const char*>(address.bytes.data()), size));
    }
    template <typename Value>
    void write(const std::optional<Value>& value) {
        write(value.has_value());
        if (value) {
            write(*value);
        }
    }
    template <typename Value>
    void write(const std::vector<Value>& values) {
        write(values.size());
        for (const Value& value : values) {
            write(value);
        }
    }
    template <typename Record>
    requires std::is_class_v<Record>
    void write(const Record& record) { for_each_field(*this, record); }

    std::string& out_;
    const ClockReading& clock_;
};

/// Once something is not as a Writer leaves it, all that follows reads as zero and is_whole() is
/// false.
class Reader {
public:
    Reader(std::string_view bytes, const ClockReading& now)
        : bytes_(bytes), now_(now), clock_(now) {}

    void operator()(auto&... fields) { (read(fields), ...); }
    /// The times that follow are of a wall clock by which the machine was started then.
    void follow_start(uint64_t boot, WallTime started) {
        if (boot != 0 && boot == now_.boot) {
            clock_.wall = started + now_.up;
        }
    }
    bool is_whole() const { return is_good_ && bytes_.empty(); }

private:
    uint64_t number(uint64_t limit) {
        uint64_t value = 0;
        for (unsigned shift = 0; shift < 63 && !bytes_.empty(); shift += 7) {
            const auto byte = static_cast<uint8_t>(bytes_.front());
            bytes_.remove_prefix(1);
            value |= uint64_t{byte & 0x7fU} << shift;
            if (byte < 0x80) {
                return value <= limit ? value : refuse();
            }
        }
        return refuse();
    }
    uint64_t refuse() {
        is_good_ = false;
        bytes_ = {};
        return 0;
    }

    template <std::unsigned_integral Number>
    void read(Number& value) {
        value = static_cast<Number>(number(std::numeric_limits<Number>::max()));
    }
    template <typename Enumeration>
    requires std::is_enum_v<Enumeration>
    void read(Enumeration& value) {
        value = static_cast<Enumeration>(number(static_cast<uint64_t>(last_of(Enumeration{}))));
    }
    void read(std::string& text) {
        const std::size_t size = number(bytes_.size());
        if (size > bytes_.size()) {
            refuse();
            return;
        }
        text = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
    }
    void read(Seconds& seconds) { seconds = Seconds(number(uint64_t{1} << 32)); }
    void read(WallTime& time) { time = WallTime(Milliseconds(number(max_wall))); }
    void read(Instant& instant) {
        WallTime time;
        read(time);
        const WallTime today = now_.wall_of(clock_.instant_of(time));
        instant = now_.instant_of(std::clamp(today, WallTime{}, WallTime(Milliseconds(max_wall))));
    }
    void read(dataplane::IpAddress& address) {
        std::string bytes;
        read(bytes);
        if (bytes.size() == 4 || bytes.size() == 16) {
            address = dataplane::IpAddress::from_bytes(
                {reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()});
        } else if (!bytes.empty()) {
            refuse();
        }
    }
    template <typename Value>
    void read(std::optional<Value>& value) {
        if (number(1) != 0) {
            read(value.emplace());
        }
    }
    template <typename Value>
    void read(std::vector<Value>& values) {
        for (uint64_t left = number(max_list); left > 0 && is_good_; --left) {
            read(values.emplace_back());
        }
    }
    template <typename Record>
    requires std::is_class_v<Record>
    void read(Record& record) { for_each_field(*this, record); }

    std::string_view bytes_;
    const ClockReading& now_;
    ClockReading clock_;  ///< what turns the entry's wall times into Instants
    bool is_good_ = true;
};

// The fields in the order of the bytes, for writing and reading alike. A member that is missing
// here does not compile: it belongs into the list, and the version goes up.

template <typename Value, typename Record>
concept Of = std::same_as<std::remove_const_t<Value>, Record>;

void for_each_field(auto& archive, Of<dataplane::Endpoint> auto& endpoint) {
    auto& [address, port] = endpoint;
    archive(address, port);
}

void for_each_field(auto& archive, Of<Target> auto& target) {
    auto& [endpoint, transport, priority, weight, host] = target;
    archive(endpoint, transport, priority, weight, host);
}

void for_each_field(auto& archive, Of<Challenge> auto& challenge) {
    auto& [from_proxy, basic, realm, realm_as_written, nonce, opaque, stale, algorithm, session,
           aka, algorithm_given, qop_auth, qop_auth_int, qop_given, userhash] = challenge;
    archive(from_proxy, basic, realm, realm_as_written, nonce, opaque, stale, algorithm, session,
            aka, algorithm_given, qop_auth, qop_auth_int, qop_given, userhash);
}

void for_each_field(auto& archive, Of<DigestMemory> auto& memory) {
    auto& [challenge, cnonce, nonce_count, first_nonce, aka_sequence_number] = memory;
    archive(challenge, cnonce, nonce_count, first_nonce, aka_sequence_number);
}

void for_each_field(auto& archive, Of<RaisedTime> auto& time) {
    auto& [from, to] = time;
    archive(from, to);
}

void for_each_field(auto& archive, Of<RegisterExtensions> auto& extensions) {
    auto& [gin, outbound, require_path] = extensions;
    archive(gin, outbound, require_path);
}

void for_each_field(auto& archive, Of<RegistrationRecord> auto& record) {
    auto& [key, call_id, from_tag, contact_user, cseq, outstanding, raised, granted, expires_at,
           refresh_at, target, is_elsewhere, request_uri, local_port, learnt, service_route,
           digests] = record;
    archive(key, call_id, from_tag, contact_user, cseq, outstanding, raised, granted, expires_at,
            refresh_at, target, is_elsewhere, request_uri, local_port, learnt, service_route,
            digests);
}

std::optional<JournalEntry> read_payload(std::string_view payload, const ClockReading& clock) {
    JournalEntry entry;
    Reader reader(payload, clock);
    reader(entry.is_erasure);
    if (entry.is_erasure) {
        reader(entry.record.key);
    } else {
        uint64_t boot = 0;
        WallTime started;
        reader(boot, started);
        reader.follow_start(boot, started);
        reader(entry.record);
    }
    return reader.is_whole() ? std::optional(std::move(entry)) : std::nullopt;
}

/// The entry at the front of `bytes`, if there is one.
std::optional<LocatedEntry> read_entry(std::string_view bytes, const ClockReading& clock) {
    if (!bytes.starts_with(magic) || bytes.size() < header_size) {
        return std::nullopt;
    }
    const std::size_t length = fixed_at(bytes, 4);
    if (length > max_journal_entry - header_size || length > bytes.size() - header_size) {
        return std::nullopt;
    }
    const std::string_view payload = bytes.substr(header_size, length);
    if (checksum_of(bytes.substr(4, 4), payload) != fixed_at(bytes, 8)) {
        return std::nullopt;
    }
    auto entry = read_payload(payload, clock);
    if (!entry) {
        return std::nullopt;
    }
    return LocatedEntry{std::move(*entry), 0, header_size + length};
}

void judge_times(RegistrationRecord& record, Instant now) {
    if (!record.expires_at) {
        if (record.refresh_at && *record.refresh_at > now + longest_retry) {
            record.refresh_at.reset();
        }
        return;
    }
    const Milliseconds left = *record.expires_at - now;
    if (left <= Milliseconds(0) || left > record.granted) {
        record.expires_at.reset();
        record.refresh_at.reset();
    }
}

}  // namespace

JournalEntry erasure_of(std::string_view key) {
    JournalEntry entry;
    entry.record.key = key;
    entry.is_erasure = true;
    return entry;
}

bool append_journal_entry(std::string& out, const JournalEntry& entry, const ClockReading& clock) {
    std::string payload;
    Writer writer(payload, clock);
    writer(entry.is_erasure);
    if (entry.is_erasure) {
        writer(entry.record.key);
    } else {
        writer(clock.boot, clock.started(), entry.record);
    }
    if (payload.size() > max_journal_entry - header_size ||
        entry.record.service_route.size() > max_list || entry.record.digests.size() > max_list) {
        return false;
    }
    std::string length;
    append_fixed(length, static_cast<uint32_t>(payload.size()));
    out += magic;
    out += length;
    append_fixed(out, checksum_of(length, payload));
    out += payload;
    return true;
}

std::optional<LocatedEntry> JournalReader::next() {
    const std::size_t begin = at_;
    while (at_ < bytes_.size()) {
        if (auto found = read_entry(bytes_.substr(at_), clock_)) {
            found->offset = at_;
            damaged_places_ += at_ > begin ? 1 : 0;
            damaged_bytes_ += at_ - begin;
            at_ += found->size;
            return found;
        }
        at_ = std::min(bytes_.find(magic, at_ + 1), bytes_.size());
    }
    damaged_places_ += at_ > begin ? 1 : 0;
    damaged_bytes_ += at_ - begin;
    return std::nullopt;
}

JournalContents read_journal(std::string_view bytes, const ClockReading& now) {
    JournalReader reader(bytes, now);
    std::map<std::string, RegistrationRecord> newest;
    while (auto found = reader.next()) {
        std::string key = found->entry.record.key;
        if (found->entry.is_erasure) {
            newest.erase(key);
        } else {
            newest.insert_or_assign(std::move(key), std::move(found->entry.record));
        }
    }
    JournalContents contents;
    contents.records.reserve(newest.size());
    for (auto& [key, record] : newest) {
        judge_times(record, now.monotonic);
        contents.records.push_back(std::move(record));
    }
    contents.damaged_places = reader.damaged_places();
    contents.damaged_bytes = reader.damaged_bytes();
    return contents;
}

}  // namespace trunkline::sipstack
