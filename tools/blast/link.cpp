#include "tools/blast/link.h"

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <utility>

namespace trunkline::blast {

namespace {

// A slot of an af_packet ring is 8 KiB; a memif's buffer, a TAP's read and what we write are less.
constexpr uint16_t ring_slot = 8192, usual_slot = 2048;
constexpr std::size_t answer_room = 1600;
constexpr uint64_t question_interval = 200'000'000;
constexpr const char* port_name = "blast";

std::span<uint8_t> bytes_of(rte_mbuf* packet) {
    return {rte_pktmbuf_mtod(packet, uint8_t*), rte_pktmbuf_data_len(packet)};
}

std::span<uint8_t> room_of(rte_mbuf* packet) {
    return {rte_pktmbuf_mtod(packet, uint8_t*), rte_pktmbuf_tailroom(packet)};
}

void set_length(rte_mbuf* packet, std::size_t length) {
    packet->data_len = static_cast<uint16_t>(length);
    packet->pkt_len = static_cast<uint32_t>(length);
}

}  // namespace

void Link::FreePool::operator()(rte_mempool* pool) const {
    rte_mempool_free(pool);
}

board::Expected<std::unique_ptr<Link>> Link::create(const LinkSettings& settings) {
    std::unique_ptr<Link> link(new Link(settings));
    const bool memif = std::holds_alternative<board::MemifDevice>(settings.device);
    const auto slot =
        static_cast<uint16_t>(RTE_PKTMBUF_HEADROOM + (memif ? usual_slot : ring_slot));
    constexpr unsigned cache = 256;
    link->pool_.reset(
        rte_pktmbuf_pool_create("blast", settings.packets, cache, 0, slot, SOCKET_ID_ANY));
    if (link->pool_ == nullptr) {
        return std::unexpected(board::Error{
            fmt::format("cannot make {} packet buffers: {}; lower --packets or free memory",
                        settings.packets, rte_strerror(rte_errno))});
    }
    link->datagrams_.reserve(burst);
    return link;
}

board::Expected<void> Link::open() {
    auto port = board::Port::open({port_name, settings_.device, ""}, pool_.get());
    if (!port) {
        return std::unexpected(port.error());
    }
    port_ = *std::move(port);
    const board::PortTraits& traits = port_->traits();
    dpdk_port_ = traits.dpdk_port;
    partial_checksums_ = traits.partial_checksums_possible;
    mac_ = settings_.mac.value_or(dataplane::MacAddress{traits.mac});
    return {};
}

Link::~Link() {
    rte_pktmbuf_free_bulk(in_.data(), in_count_);
    rte_pktmbuf_free_bulk(out_.data(), static_cast<unsigned>(unsent_));
    for (const Delayed& delayed : delayed_) {
        rte_pktmbuf_free(delayed.packet);
    }
    rte_pktmbuf_free(open_);
    port_.reset();
}

std::span<const Datagram> Link::receive() {
    rte_pktmbuf_free_bulk(in_.data(), in_count_);
    in_count_ = 0;
    datagrams_.clear();
    if (settings_.holds_back && full()) {
        return {};
    }
    in_count_ = rte_eth_rx_burst(dpdk_port_, 0, in_.data(), burst);
    for (unsigned i = 0; i < in_count_; ++i) {
        rte_prefetch0(rte_pktmbuf_mtod(in_[i], void*));
    }
    for (unsigned i = 0; i < in_count_; ++i) {
        take(in_[i]);
    }
    return datagrams_;
}

void Link::take(rte_mbuf* packet) {
    if (packet->nb_segs > 1 && rte_pktmbuf_linearize(packet) != 0) {
        ++counts_.others;
        return;
    }
    const std::span<const uint8_t> frame = bytes_of(packet);
    const ReadFrame read = read_frame(frame, partial_checksums_);
    const auto is_ours = [&](const dataplane::IpPrefix& prefix) {
        return prefix.address == read.destination;
    };
    switch (read.kind) {
        case FrameKind::udp:
            if (read.datagram.flow.local.port >= settings_.first_port &&
                read.datagram.flow.local.port <= settings_.last_port &&
                std::ranges::any_of(settings_.addresses, is_ours)) {
                ++counts_.received;
                datagrams_.push_back(read.datagram);
            } else {
                ++counts_.not_ours;
            }
            break;
        case FrameKind::arp:
        case FrameKind::icmp4:
        case FrameKind::icmp6:
            serve(frame, read.kind);
            break;
        case FrameKind::fragment:
            ++counts_.fragments;
            break;
        case FrameKind::bad_checksum:
            ++counts_.bad_checksums;
            break;
        case FrameKind::other:
            ++counts_.others;
            break;
    }
}

void Link::serve(std::span<const uint8_t> frame, FrameKind kind) {
    // ICMP 3 and ICMPv6 1: something of ours did not arrive.
    constexpr std::size_t type_at = 14 + 20, type6_at = 14 + 40;
    if ((kind == FrameKind::icmp4 && frame[type_at] == 3) ||
        (kind == FrameKind::icmp6 && frame[type6_at] == 1)) {
        ++counts_.unreachable;
        return;
    }
    const Neighbour told = neighbour_told(frame);
    const auto same = std::ranges::find(neighbours_, told.address, &Neighbour::address);
    if (told.address.is_set() && same == neighbours_.end()) {
        constexpr std::size_t most_neighbours = 64;
        if (neighbours_.size() < most_neighbours) {
            neighbours_.push_back(told);
        }
    } else if (told.address.is_set()) {
        same->mac = told.mac;
    }
    for (const dataplane::IpPrefix& own : settings_.addresses) {
        rte_mbuf* answer = full() ? nullptr : rte_pktmbuf_alloc(pool_.get());
        if (answer == nullptr) {
            return;
        }
        const std::size_t length =
            write_answer(room_of(answer).first(answer_room), frame, {mac_, own.address});
        if (length == 0) {
            rte_pktmbuf_free(answer);
            continue;
        }
        set_length(answer, length);
        queue(answer);
        ++counts_.answered;
    }
}

std::span<char> Link::room(const Flow& flow) {
    if (unsent_ == out_.size()) {
        send_now();
    }
    if (open_ == nullptr && unsent_ < out_.size()) {
        open_ = rte_pktmbuf_alloc(pool_.get());
    }
    if (open_ == nullptr || unsent_ == out_.size()) {
        ++counts_.no_room;
        return {};
    }
    // An IPv4 datagram that the wire takes whole.
    constexpr std::size_t largest = 1500 + 14;
    open_flow_ = flow;
    const std::size_t headers = header_bytes(flow);
    const std::span<uint8_t> payload = room_of(open_).subspan(headers, largest - headers);
    return {reinterpret_cast<char*>(payload.data()), payload.size()};
}

void Link::send(std::size_t size, uint64_t not_before) {
    rte_mbuf* packet = std::exchange(open_, nullptr);
    set_length(packet, write_headers(room_of(packet), open_flow_, mac_, size));
    ++counts_.sent;
    if (not_before > 0) {
        delayed_.push_back({not_before, packet});
    } else {
        queue(packet);
    }
}

void Link::flush(uint64_t now) {
    while (!delayed_.empty() && delayed_.front().not_before <= now && unsent_ < out_.size()) {
        queue(delayed_.front().packet);
        delayed_.pop_front();
    }
    if (unsent_ > 0) {
        send_now();
    }
}

void Link::send_now() {
    const uint16_t sent =
        rte_eth_tx_burst(dpdk_port_, 0, out_.data(), static_cast<uint16_t>(unsent_));
    std::copy(out_.begin() + sent, out_.begin() + static_cast<std::ptrdiff_t>(unsent_),
              out_.begin());
    unsent_ -= sent;
}

board::Expected<std::optional<Flow>> Link::way_to(const dataplane::Endpoint& remote,
                                                  uint16_t local_port, uint64_t now) {
    const auto same_family = [&](const auto& own) { return own.is_v4() == remote.address.is_v4(); };
    const auto own = std::ranges::find_if(settings_.addresses, same_family,
                                          [](const auto& prefix) { return prefix.address; });
    if (own == settings_.addresses.end()) {
        return std::unexpected(
            board::Error{fmt::format("no address of the family of {}; give one with --address",
                                     remote.address.to_string())});
    }
    dataplane::IpAddress hop = remote.address;
    if (!own->contains(remote.address)) {
        const auto gateway = std::ranges::find_if(settings_.gateways, same_family);
        if (gateway == settings_.gateways.end() && !settings_.peer_mac) {
            return std::unexpected(board::Error{
                fmt::format("{} is not in {}; give a --gateway, a --peer-mac or another --address",
                            remote.address.to_string(), own->to_string())});
        }
        hop = gateway == settings_.gateways.end() ? hop : *gateway;
    }
    Flow flow{{own->address, local_port}, remote, {}};
    if (settings_.peer_mac) {
        flow.remote_mac = *settings_.peer_mac;
        return flow;
    }
    const auto known = std::ranges::find(neighbours_, hop, &Neighbour::address);
    if (known != neighbours_.end()) {
        flow.remote_mac = known->mac;
        return flow;
    }
    rte_mbuf* question = now < next_question_ || full() ? nullptr : rte_pktmbuf_alloc(pool_.get());
    if (question != nullptr) {
        next_question_ = now + question_interval;
        set_length(question,
                   write_neighbour_question(room_of(question), {mac_, own->address}, hop));
        queue(question);
    }
    return std::nullopt;
}

}  // namespace trunkline::blast
