// Fragments of a few datagrams, eight bytes each: what the table says is whole is complete and
// without overlap, no packet is lost or handed out twice, and its limits hold.
#include "dataplane/fragment_table.h"
#include "tests/fuzz/target.h"

#include <cstdint>
#include <set>

namespace trunkline::fuzz {

using dataplane::Counter;
using dataplane::FragmentTable;

namespace {

constexpr dataplane::FragmentLimits limits{.interfaces = 2, .datagrams = 4, .fragments = 80};
constexpr std::size_t record = 8;

/// The packets that the table owns. They are numbers: it must not look into them.
class Packets {
public:
    rte_mbuf* make() {
        held_.insert(++last_);
        return reinterpret_cast<rte_mbuf*>(last_);
    }
    void take_back(rte_mbuf* packet) {
        check(held_.erase(reinterpret_cast<std::uintptr_t>(packet)) == 1,
              "a packet comes out once");
    }
    std::size_t held() const { return held_.size(); }

private:
    std::set<std::uintptr_t> held_;
    std::uintptr_t last_ = 0;
};

void check_whole(const FragmentTable& table, Packets& packets) {
    uint32_t end = 0;
    for (const auto& piece : table.whole()) {
        check(piece.offset == end, "no gap and no overlap");
        end += piece.length;
        packets.take_back(piece.packet);
    }
    check(end != 0 && end <= FragmentTable::longest_datagram, "a length that IP can say");
}

}  // namespace

void read(std::string_view bytes) {
    const auto at = [&](std::size_t index) { return static_cast<uint8_t>(bytes[index]); };
    FragmentTable table(limits);
    Packets packets;
    const FragmentTable::Discard discard = [&](rte_mbuf* packet, Counter) {
        packets.take_back(packet);
    };
    uint64_t now = 0;
    for (; bytes.size() >= record; bytes.remove_prefix(record)) {
        const bool is_v4 = (at(0) & 1) != 0;
        const dataplane::FragmentKey key{
            static_cast<uint16_t>(at(0) >> 1 & 1),
            is_v4 ? dataplane::IpAddress::v4(0xc0000200U + (at(0) >> 2 & 3))
                  : dataplane::IpAddress::from_bytes(std::array<uint8_t, 16>{0x20, at(0)}),
            static_cast<uint32_t>(at(1) & 7)};
        const uint32_t offset = (uint32_t{at(2)} << 8 | at(3)) & 0x1fff;
        const uint32_t length = uint32_t{at(4)} << 8 | at(5);
        now += uint64_t{at(6)} * at(6) * 1'000'000;
        table.expire(now, discard);
        if (table.add(key, {offset * 8, length, (at(7) & 1) != 0}, packets.make(), now, discard)) {
            check_whole(table, packets);
        }
        check(packets.held() <= std::size_t{limits.interfaces} * limits.fragments, "its limit");
        check(packets.held() == 0 || table.next_deadline() != FragmentTable::never, "a deadline");
    }
    table.expire(FragmentTable::never, discard);
    check(packets.held() == 0, "everything ends");
}

}  // namespace trunkline::fuzz
