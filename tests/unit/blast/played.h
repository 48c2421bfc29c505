// Roles played in memory: an outlet that keeps what was sent, and messages made for them.
#pragma once

#include "tools/blast/role.h"

#include <array>
#include <deque>
#include <string>
#include <string_view>

namespace trunkline::blast {

struct Sent {
    Flow flow;
    std::string text;
    uint64_t not_before = 0;
};

class KeptOutlet : public Outlet {
public:
    std::span<char> room(const Flow& flow) override;
    void send(std::size_t size, uint64_t not_before) override;

    std::deque<Sent> sent;
    bool full = false;

private:
    std::array<char, 2048> room_{};
    Flow flow_;
};

/// 192.0.2.10:5060, the client, seen by the registrar at 192.0.2.1:5060; and the other way.
Flow at_registrar();
Flow at_client();

/// Hands one datagram over.
void give(Role& role, std::string_view payload, uint64_t now, const Flow& flow = at_registrar());

/// What stands after "name: " in the first line that begins so; "" when there is none.
std::string header(std::string_view message, std::string_view name);

/// `text` with the first `from` in it replaced.
std::string replaced(std::string text, std::string_view from, std::string_view to);

}  // namespace trunkline::blast
