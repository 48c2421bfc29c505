#include "sipstack/registration_rows.h"

#include "sipstack/message/lexical.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>
#include <utility>

namespace trunkline::sipstack {

namespace {

bool contains_nocase(std::string_view text, std::string_view part) {
    return !std::ranges::search(text, part, {}, to_lower, to_lower).empty() || part.empty();
}

}  // namespace

bool RegistrationQuery::matches(const RegistrationGlance& glance) const {
    return (name.empty() || glance.name == name) && (!state || glance.state == *state) &&
           (contains_nocase(glance.name, text) || contains_nocase(glance.aor, text));
}

RegistrationRows::RegistrationRows(RegistrationQuery query, std::size_t shards)
    : query_(std::move(query)), shares_(shards) {}

bool RegistrationRows::find(std::size_t shard_index, const Shard& shard) {
    Share& share = shares_[shard_index];
    const std::size_t count = shard.registration_count();
    const std::size_t end = std::min(count, share.next + glances_a_turn);
    for (; share.next < end; ++share.next) {
        const RegistrationGlance glance = shard.registration_glance(share.next);
        if (query_.matches(glance)) {
            share.positions.push_back(glance.position);
            share.registered += glance.registered ? 1 : 0;
        }
    }
    return share.next >= count;
}

void RegistrationRows::choose_page() {
    std::vector<uint32_t> all;
    for (const Share& share : shares_) {
        std::ranges::copy(share.positions, std::back_inserter(all));
        registered_ += share.registered;
    }
    total_ = all.size();
    std::ranges::sort(all);
    const std::size_t begin = std::min(query_.offset, total_);
    const std::size_t size = std::min(query_.limit, total_ - begin);
    const std::span<const uint32_t> page = std::span(all).subspan(begin, size);
    for (Share& share : shares_) {
        std::erase_if(share.positions, [&](uint32_t position) {
            return page.empty() || position < page.front() || position > page.back();
        });
        share.next = 0;
    }
}

bool RegistrationRows::copy(std::size_t shard_index, const Shard& shard, Instant now) {
    Share& share = shares_[shard_index];
    const std::size_t end = std::min(share.positions.size(), share.next + rows_a_turn);
    for (; share.next < end; ++share.next) {
        const auto index = shard.registration_at(share.positions[share.next]);
        if (index && query_.matches(shard.registration_glance(*index))) {
            share.rows.push_back(shard.registration_status(*index, now));
        }
    }
    return share.next == share.positions.size();
}

std::vector<RegistrationStatus> RegistrationRows::take() {
    std::vector<RegistrationStatus> rows;
    for (Share& share : shares_) {
        std::ranges::move(share.rows, std::back_inserter(rows));
    }
    std::ranges::sort(rows, {}, &RegistrationStatus::position);
    return rows;
}

}  // namespace trunkline::sipstack
