#include "sipstack/registration/registrant.h"

#include "sipstack/message/lexical.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace trunkline::sipstack {

std::string Registrant::key() const {
    std::string text;
    append_key(text);
    return text;
}

std::string_view Registrant::contact_user() const {
    const std::size_t user = aor.find(':') + 1;
    return std::string_view(aor).substr(user, aor.rfind('@') - user);
}

/// Each record of the journal begins with it; by append_parts() it took 600 instructions more.
void Registrant::append_key(std::string& text) const {
    const std::string_view contact = random_contact_user ? "" : contact_user();
    const std::string_view instance = instance_id ? std::string_view(*instance_id) : "";
    const fmt::format_int port(local_udp_port);
    const std::array<std::string_view, 6> parts{to_string(kind), name,    aor,
                                                request_uri,     contact, instance};
    const std::size_t begin = text.size();
    std::size_t end = begin + parts.size() + port.size();
    for (const std::string_view part : parts) {
        end += part.size();
    }
    text.resize_and_overwrite(end, [&](char* characters, std::size_t) {
        char* at = characters + begin;
        for (const std::string_view part : parts) {
            at = std::copy(part.begin(), part.end(), at);
            *at++ = '|';
        }
        std::copy_n(port.data(), port.size(), at);
        return end;
    });
}

std::map<std::string, uint16_t> kept_udp_ports(std::span<const std::string> keys) {
    const std::string of_account = fmt::format("{}|", to_string(RegistrantKind::account));
    std::map<std::string, uint16_t> ports;
    for (const std::string_view key : keys) {
        const auto port = parse_number(key.substr(key.rfind('|') + 1));
        if (key.starts_with(of_account) && port && *port != 0 && *port <= 65535) {
            const std::string_view behind_kind = key.substr(of_account.size());
            ports.emplace(behind_kind.substr(0, behind_kind.find('|')), *port);
        }
    }
    return ports;
}

uint32_t shard_of_registrant(const Registrant& registrant, unsigned shards) {
    uint64_t hash = 0xcbf29ce484222325;  // FNV-1a: the same in every process
    for (const char character : registrant.key()) {
        hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001b3;
    }
    return static_cast<uint32_t>((hash >> 16) % shards);
}

}  // namespace trunkline::sipstack
