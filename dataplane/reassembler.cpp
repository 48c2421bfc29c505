#include "dataplane/reassembler.h"

#include <fmt/format.h>
#include <rte_errno.h>

#include <algorithm>
#include <array>
#include <span>

namespace trunkline::dataplane {

namespace {

constexpr uint32_t longest_datagram = 65535;
constexpr uint32_t udp_header = 8;
constexpr uint32_t fragment_unit = 8;  // all but the last fragment are multiples of it
constexpr uint32_t entries_a_bucket = 4;
constexpr std::size_t most_fragments = RTE_LIBRTE_IP_FRAG_MAX_FRAG;

/// The ranges of one refused datagram, for the post-mortem.
struct Ranges {
    std::array<FragmentNote, most_fragments + 1> notes;
    std::size_t count = 0;

    void add(const FragmentNote& note) {
        if (count < notes.size()) {
            notes[count++] = note;
        }
    }
    bool overlap() {
        const std::span all(notes.data(), count);
        std::ranges::sort(all, {}, &FragmentNote::offset);
        return std::ranges::adjacent_find(all, [](const auto& left, const auto& right) {
                   return left.offset + left.length > right.offset;
               }) != all.end();
    }
};

}  // namespace

board::Expected<Reassembler> Reassembler::create(uint32_t contexts,
                                                 std::chrono::nanoseconds timeout) {
    // The table compares times as numbers and never asks what they count: nanoseconds here.
    const auto limit = static_cast<uint64_t>(timeout.count());
    rte_ip_frag_tbl* table =
        rte_ip_frag_table_create(contexts, entries_a_bucket, contexts, limit, SOCKET_ID_ANY);
    if (table == nullptr) {
        return std::unexpected(
            board::Error{fmt::format("cannot make a reassembly table of {} contexts: {}; raise "
                                     "appliance.memory_megabytes",
                                     contexts, rte_strerror(rte_errno))});
    }
    return Reassembler(table, limit);
}

Reassembler::Reassembler(rte_ip_frag_tbl* table, uint64_t timeout)
    : table_(table), dead_(std::make_unique<rte_ip_frag_death_row>()), timeout_(timeout) {}

bool Reassembler::admit(rte_mbuf* fragment, uint32_t id, uint32_t offset, uint32_t length,
                        bool more, uint64_t now, Counters& counters) {
    const bool uneven = more && length % fragment_unit != 0;
    const bool header_torn = offset == 0 && length < udp_header;
    if (length == 0 || uneven || header_torn || offset + length > longest_datagram) {
        counters.add(Counter::reassembly_bad_fragment);
        rte_pktmbuf_free(fragment);
        return false;
    }
    fragment_note(fragment) = {id, static_cast<uint16_t>(offset), static_cast<uint16_t>(length)};
    last_fragment_ = now;
    next_look_ = std::min(next_look_, now + timeout_ / 4);
    return true;
}

rte_mbuf* Reassembler::add_ip4(rte_mbuf* fragment, uint64_t now, Counters& counters) {
    auto* header = rte_pktmbuf_mtod_offset(fragment, rte_ipv4_hdr*, fragment->l2_len);
    const uint16_t field = rte_be_to_cpu_16(header->fragment_offset);
    const uint32_t offset = (field & RTE_IPV4_HDR_OFFSET_MASK) * fragment_unit;
    const uint32_t length = rte_be_to_cpu_16(header->total_length) - fragment->l3_len;
    if (!admit(fragment, header->packet_id, offset, length, (field & RTE_IPV4_HDR_MF_FLAG) != 0,
               now, counters)) {
        return nullptr;
    }
    const PacketFacts known = facts(fragment);
    const FragmentNote note = fragment_note(fragment);
    rte_mbuf* whole =
        rte_ipv4_frag_reassemble_packet(table_.get(), dead_.get(), fragment, now, header);
    bury(fragment, known, note, counters);
    if (whole != nullptr) {
        // The table leaves the sum to the port's offload; who reads the datagram next wants it now.
        header = rte_pktmbuf_mtod_offset(whole, rte_ipv4_hdr*, whole->l2_len);
        header->hdr_checksum = 0;
        header->hdr_checksum = rte_ipv4_cksum(header);
        whole->ol_flags = 0;
        counters.add(Counter::reassembly_done);
    }
    return whole;
}

rte_mbuf* Reassembler::add_ip6(rte_mbuf* fragment, uint64_t now, Counters& counters) {
    auto* header = rte_pktmbuf_mtod_offset(fragment, rte_ipv6_hdr*, fragment->l2_len);
    auto* extension = rte_ipv6_frag_get_ipv6_fragment_header(header);
    const uint16_t field = rte_be_to_cpu_16(extension->frag_data);
    const uint32_t length = rte_be_to_cpu_16(header->payload_len) - sizeof(*extension);
    // The offset stands in the upper 13 bits, in units of 8: masking gives bytes.
    if (!admit(fragment, extension->id, field & RTE_IPV6_EHDR_FO_MASK, length,
               (field & RTE_IPV6_EHDR_MF_MASK) != 0, now, counters)) {
        return nullptr;
    }
    const PacketFacts known = facts(fragment);
    const FragmentNote note = fragment_note(fragment);
    rte_mbuf* whole = rte_ipv6_frag_reassemble_packet(table_.get(), dead_.get(), fragment, now,
                                                      header, extension);
    bury(fragment, known, note, counters);
    if (whole != nullptr) {
        whole->l3_len = sizeof(rte_ipv6_hdr);
        whole->ol_flags = 0;
        counters.add(Counter::reassembly_done);
    }
    return whole;
}

void Reassembler::bury(const rte_mbuf* added, const PacketFacts& added_facts,
                       const FragmentNote& note, Counters& counters) {
    if (dead_->cnt == 0) {
        return;
    }
    // The row holds what ran out of time and, when `added` was refused, its datagram. A datagram
    // that was chained in part lies there as a chain.
    Ranges refused;
    bool added_refused = false;
    uint64_t fragments = 0;
    for (uint32_t i = 0; i < dead_->cnt; ++i) {
        for (rte_mbuf* segment = dead_->row[i]; segment != nullptr; segment = segment->next) {
            ++fragments;
            added_refused = added_refused || segment == added;
            const PacketFacts& its = facts(segment);
            if (fragment_note(segment).id == note.id &&
                its.remote.address == added_facts.remote.address &&
                its.local.address == added_facts.local.address) {
                refused.add(fragment_note(segment));
            }
        }
    }
    if (added_refused) {
        fragments -= refused.count;
        const Counter reason = refused.overlap()    ? Counter::reassembly_overlapping
                               : refused.count == 1 ? Counter::reassembly_no_context
                                                    : Counter::reassembly_too_many;
        counters.add(reason, refused.count);
    }
    counters.add(Counter::reassembly_timed_out, fragments);
    rte_ip_frag_free_death_row(dead_.get(), 0);
}

void Reassembler::expire(uint64_t now, Counters& counters) {
    if (now < next_look_) {
        return;
    }
    do {
        // The row has room for 32 datagrams; what does not fit is expired in the next round.
        rte_ip_frag_table_del_expired_entries(table_.get(), dead_.get(), now);
        if (dead_->cnt == 0) {
            break;
        }
        counters.add(Counter::reassembly_timed_out, dead_->cnt);
        rte_ip_frag_free_death_row(dead_.get(), 0);
    } while (true);
    next_look_ = now > last_fragment_ + timeout_ ? never : now + timeout_ / 4;
}

}  // namespace trunkline::dataplane
