// Which shard owns a message. What we originate carries the shard's number in its branch, tags,
// Call-ID and STUN transaction id; anything else goes by a hash of its Call-ID.
#pragma once

#include "sipstack/random.h"
#include "sipstack/transport/stun.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace trunkline::sipstack {

/// A fresh "z9hG4bK..." branch that names its shard (RFC 3261 8.1.1.7). shard: 0..255.
std::string make_branch(uint32_t shard, Random& random);
/// A fresh tag; at least 32 random bits (RFC 3261 19.3).
std::string make_tag(uint32_t shard, Random& random);
/// A fresh Call-ID "...@host".
std::string make_call_id(uint32_t shard, std::string_view host, Random& random);
/// A fresh transaction id; at least 88 random bits (RFC 5389 6 wants it hard to guess).
StunTransactionId make_stun_transaction_id(uint32_t shard, Random& random);

/// The owner of a datagram: 0..shard_count-1. Never fails; bytes that are neither SIP nor STUN go
/// to shard 0.
/// Bounded by the length of the header section; no allocation, safe on a worker's fast path.
uint32_t owning_shard(std::string_view bytes, uint32_t shard_count);
/// The shard that SIP of ours names as its owner, by branch, tag or Call-ID; nullopt: none, and any
/// shard may serve it. Bounded as owning_shard() is.
std::optional<uint32_t> named_shard(std::string_view bytes, uint32_t shard_count);
/// Who sent a request that is quoted, perhaps cut off: by its top branch, which must be whole and
/// of make_branch(). nullopt: nobody here, as far as the quote goes. Bounded as owning_shard() is.
std::optional<uint32_t> sending_shard(std::string_view quoted, uint32_t shard_count);

}  // namespace trunkline::sipstack
