#include "sipstack/registration_rows.h"

#include "sipstack/message/lexical.h"

#include <algorithm>
#include <compare>
#include <iterator>
#include <string_view>
#include <tuple>
#include <utility>

namespace trunkline::sipstack {

namespace {

bool contains_nocase(std::string_view text, std::string_view part) {
    return !std::ranges::search(text, part, {}, to_lower, to_lower).empty() || part.empty();
}

std::string lowered(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), to_lower);
    return lower;
}

int64_t number_of(const std::optional<Milliseconds>& time) {
    return time ? time->count() : -1;
}

}  // namespace

bool RegistrationQuery::matches(const RegistrationGlance& glance) const {
    return (name.empty() || glance.name == name) && (!state || glance.state == *state) &&
           (contains_nocase(glance.name, text) || contains_nocase(glance.aor, text));
}

RegistrationRows::RegistrationRows(RegistrationQuery query, std::size_t shards)
    : query_(std::move(query)), shares_(shards) {}

bool RegistrationRows::needs_whole_rows() const {
    return query_.order >= RegistrationOrder::last_status;
}

RegistrationRows::Key RegistrationRows::key_of(const RegistrationGlance& glance) const {
    switch (query_.order) {
        case RegistrationOrder::name:
            return {0, lowered(glance.name), glance.position};
        case RegistrationOrder::aor:
            return {0, lowered(glance.aor), glance.position};
        case RegistrationOrder::state:
            return {0, std::string(to_string(glance.state)), glance.position};
        default:
            return {glance.position, {}, glance.position};
    }
}

RegistrationRows::Key RegistrationRows::key_of(const RegistrationStatus& row) const {
    switch (query_.order) {
        case RegistrationOrder::last_status:
            return {row.last_status, lowered(row.reason), row.position};
        case RegistrationOrder::answered_by:
            return {0, row.answered_by, row.position};
        case RegistrationOrder::expires_in:
            return {number_of(row.expires_in), {}, row.position};
        case RegistrationOrder::next_attempt_in:
            return {number_of(row.next_attempt_in), {}, row.position};
        default:
            return {row.consecutive_failures, {}, row.position};
    }
}

bool RegistrationRows::find(std::size_t shard_index, const Shard& shard, Instant now) {
    Share& share = shares_[shard_index];
    const std::size_t count = shard.registration_count();
    const std::size_t end =
        std::min(count, share.next + (needs_whole_rows() ? rows_a_turn : glances_a_turn));
    for (; share.next < end; ++share.next) {
        const RegistrationGlance glance = shard.registration_glance(share.next);
        if (!query_.matches(glance)) {
            continue;
        }
        share.found.push_back(needs_whole_rows()
                                  ? key_of(shard.registration_status(share.next, now))
                                  : key_of(glance));
        share.found.back().shard_index = shard_index;
        share.registered += glance.registered ? 1 : 0;
    }
    return share.next >= count;
}

bool RegistrationRows::goes_before(const Key& one, const Key& other) const {
    const auto order = std::tie(one.number, one.text) <=> std::tie(other.number, other.text);
    if (order == 0) {
        return one.position < other.position;
    }
    return query_.descending ? order > 0 : order < 0;
}

void RegistrationRows::choose_page() {
    std::vector<Key> all;
    for (Share& share : shares_) {
        std::ranges::move(share.found, std::back_inserter(all));
        share.found.clear();
        share.next = 0;
        registered_ += share.registered;
    }
    total_ = all.size();
    const std::size_t begin = std::min(query_.offset, total_);
    const std::size_t end = begin + std::min(query_.limit, total_ - begin);
    // No more than what stands on the page and ahead of it: a thread waits for this that has others
    // to serve.
    std::ranges::partial_sort(
        all, all.begin() + static_cast<std::ptrdiff_t>(end),
        [this](const Key& one, const Key& other) { return goes_before(one, other); });
    for (std::size_t place = begin; place < end; ++place) {
        places_.emplace(all[place].position, place);
        shares_[all[place].shard_index].positions.push_back(all[place].position);
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
    std::ranges::sort(rows, {},
                      [this](const RegistrationStatus& row) { return places_.at(row.position); });
    return rows;
}

}  // namespace trunkline::sipstack
