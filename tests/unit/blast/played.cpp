#include "played.h"

#include <gtest/gtest.h>

namespace trunkline::blast {

namespace {

using dataplane::Endpoint;
using dataplane::IpAddress;

const Endpoint registrar{IpAddress::v4(0xc0000201), 5060}, client{IpAddress::v4(0xc000020a), 5060};

}  // namespace

std::span<char> KeptOutlet::room(const Flow& flow) {
    flow_ = flow;
    return full ? std::span<char>() : std::span<char>(room_);
}

void KeptOutlet::send(std::size_t size, uint64_t not_before) {
    sent.push_back({flow_, std::string(room_.data(), size), not_before});
}

Flow at_registrar() {
    return {registrar, client, {{2, 0, 0, 0, 0, 10}}};
}

Flow at_client() {
    return {client, registrar, {{2, 0, 0, 0, 0, 1}}};
}

void give(Role& role, std::string_view payload, uint64_t now, const Flow& flow) {
    const std::array datagrams = {Datagram{flow, payload}};
    role.receive(datagrams, now);
}

std::string header(std::string_view message, std::string_view name) {
    const std::string start = "\r\n" + std::string(name) + ": ";
    const std::size_t at = message.find(start);
    if (at == std::string_view::npos) {
        return "";
    }
    const std::string_view rest = message.substr(at + start.size());
    return std::string(rest.substr(0, rest.find("\r\n")));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

}  // namespace trunkline::blast
