// What can go wrong around an appliance, by name: drawn by scenario.h, done by soak_run.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

namespace trunkline::sim {

enum class Fault : uint8_t {
    // Of a link to a registrar.
    loss,
    duplication,
    reordering,
    cut,
    // Of a registrar.
    stopped,
    forgetful,  ///< started again without storage
    late,
    twice,
    silent,
    provisional,
    refused,      ///< no connection is accepted, and those that there were are reset
    forgotten,    ///< connections that the registrar knows no more
    cut_message,  ///< a part of an answer and a reset
    half_closed,  ///< behind an answer
    odd_challenge,
    aged_nonce,
    aged_nonce_without_stale,
    next_nonce,
    too_brief,
    shortened,
    lengthened,
    odd_contact,
    missing_contact,
    redirection,
    redirection_abroad,
    redirection_to_name,  ///< that is not configured
    unavailable,
    retry_after,
    server_error,
    temporarily_unavailable,
    not_found,
    forbidden,
    declined_everywhere,
    denied_password,
    subscription_refused,
    subscription_ended,
    binding_ended,  ///< by the registrar, which tells who subscribed
    binding_shortened,
    // Of a registrar as a peer that sends requests.
    request_by_datagram,
    request_on_our_connection,
    request_by_connection,
    half_request,  ///< at the end of a connection, or for good
    garbage,       ///< on a connection, ours or the peer's
    // Of the appliance.
    stall,
    crash,
    lost_records,
    damaged_journal,
    empty_journal,
    wall_clock_forward,
    wall_clock_back,
    reboot,  ///< of the machine, whose wall clock may be another afterwards
    // Of those whom it serves.
    served_down,  ///< the IP group for whose sake some accounts register
    // Of those who run it.
    account_removed,
    account_added,
    password_changed,
    modes_changed,  ///< of the trunk groups, and of the IP group whose users it registers
    timing_changed,
    registered_by_hand,
    unregistered_by_hand,
};

constexpr std::size_t fault_count = std::to_underlying(Fault::unregistered_by_hand) + 1;

std::string_view to_string(Fault fault);

/// How often each was met: took effect, not merely was planned.
using FaultCounts = std::array<uint64_t, fault_count>;

}  // namespace trunkline::sim
