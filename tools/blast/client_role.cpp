#include "tools/blast/client_role.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <utility>

namespace trunkline::blast {

namespace {

constexpr double nanoseconds_a_microsecond = 1000;

double microseconds(uint64_t nanoseconds) {
    return static_cast<double>(nanoseconds) / nanoseconds_a_microsecond;
}

}  // namespace

nlohmann::ordered_json latency_report(const Histogram& histogram) {
    return {{"count", histogram.count()},
            {"mean_us", histogram.mean() / nanoseconds_a_microsecond},
            {"p50_us", microseconds(histogram.percentile(0.5))},
            {"p99_us", microseconds(histogram.percentile(0.99))},
            {"p999_us", microseconds(histogram.percentile(0.999))},
            {"max_us", microseconds(histogram.max())}};
}

ClientRole::ClientRole(std::string name, const Flow& flow, const Pace& pace,
                       const TimerSettings& timers, Outlet& outlet)
    : name_(std::move(name)),
      flow_(flow),
      outlet_(outlet),
      schedule_(pace),
      transactions_(pace.window, timers),
      window_(pace.window) {}

void ClientRole::start(uint64_t now) {
    schedule_.start(now);
}

void ClientRole::receive(std::span<const Datagram> batch, uint64_t now) {
    for (const Datagram& datagram : batch) {
        receive_one(datagram, now);
    }
}

void ClientRole::receive_one(const Datagram& datagram, uint64_t now) {
    ScannedMessage message;
    if (scan(datagram.payload, message) != nullptr) {
        ++counts_.malformed;
        return;
    }
    if (message.is_request()) {
        ++counts_.requests;
        return;
    }
    const auto branch = parameter(message.vias[0], "branch");
    const auto found =
        branch && message.via_count == 1 ? transactions_.find(*branch) : std::nullopt;
    if (!found) {
        ++counts_.unexpected;
        return;
    }
    if (found->late) {
        ++counts_.late;
        return;
    }
    if (message.status < 200) {
        ++counts_.provisional;
        return;
    }
    answer_latency_.record(now - transactions_.at(found->slot).sent);
    answered(found->slot, message, now);
}

bool ClientRole::poll(uint64_t now) {
    const bool expired = expire(now);
    return begin_due(now) || expired;
}

bool ClientRole::begin_due(uint64_t now) {
    // A burst at most, so that answers are read in between.
    constexpr uint32_t burst = 32;
    uint32_t due = std::min(schedule_.due(now, transactions_.under_way()), burst);
    bool begun = false;
    while (due-- > 0 && !outlet_.room(flow_).empty()) {
        const auto slot = transactions_.open(now, now);
        if (!slot) {
            break;
        }
        if (!assign(transactions_.at(*slot))) {
            transactions_.close(*slot);
            break;
        }
        transactions_.at(*slot).intended = schedule_.take(now);
        ++counts_.started;
        ++counts_.sent;
        send(*slot);
        begun = true;
    }
    return begun;
}

bool ClientRole::expire(uint64_t now) {
    bool any = false;
    for (auto event = transactions_.next_due(now); event.due != Transactions::Due::none;
         event = transactions_.next_due(now)) {
        any = true;
        if (event.due == Transactions::Due::timed_out) {
            ++counts_.timed_out;
            released(transactions_.at(event.slot));
        } else {
            ++counts_.retransmissions;
            send(event.slot);
        }
    }
    return any;
}

void ClientRole::send(uint32_t slot) {
    TextBuffer text(outlet_.room(flow_));
    write(slot, text);
    if (text.complete()) {
        outlet_.send(text.size());
    } else {
        ++counts_.unsent;
    }
}

void ClientRole::next_request(uint32_t slot, uint64_t now) {
    transactions_.renew(slot, now);
    ++counts_.sent;
    send(slot);
}

void ClientRole::complete(uint32_t slot, uint64_t now) {
    ++counts_.completed;
    latency_.record(now - transactions_.at(slot).intended);
    transactions_.close(slot);
    released(transactions_.at(slot));
}

void ClientRole::fail(uint32_t slot, uint64_t& count) {
    ++count;
    transactions_.close(slot);
    released(transactions_.at(slot));
}

void ClientRole::refuse(uint32_t slot, uint16_t status) {
    ++refused_by_status_[status];
    fail(slot, status == 503 ? counts_.unavailable : counts_.refused);
}

bool ClientRole::done(uint64_t now) const {
    return transactions_.under_way() == 0 && schedule_.over(now);
}

uint64_t ClientRole::wrong() const {
    return counts_.malformed + counts_.unexpected + counts_.mismatched + counts_.refused;
}

std::string ClientRole::unanswered() const {
    if (counts_.timed_out > 0) {
        return fmt::format("{} of {} operations timed out", counts_.timed_out, counts_.started);
    }
    return counts_.completed == 0
               ? fmt::format("none of {} operations was completed", counts_.started)
               : std::string();
}

std::string ClientRole::progress(uint64_t) const {
    return fmt::format(
        "done {}, under way {}, p50 {:.0f} us, p99 {:.0f} us, sent again {}, "
        "timed out {}, wrong {}",
        counts_.completed, transactions_.under_way(), microseconds(latency_.percentile(0.5)),
        microseconds(latency_.percentile(0.99)), counts_.retransmissions, counts_.timed_out,
        wrong());
}

nlohmann::ordered_json ClientRole::report(uint64_t) const {
    nlohmann::ordered_json refused = nlohmann::ordered_json::object();
    for (const auto& [status, number] : refused_by_status_) {
        refused[std::to_string(status)] = number;
    }
    return {{"role", name_},
            {"window", window_},
            {"started", counts_.started},
            {"completed", counts_.completed},
            {"sent", counts_.sent},
            {"retransmissions", counts_.retransmissions},
            {"timed_out", counts_.timed_out},
            {"unavailable", counts_.unavailable},
            {"provisional", counts_.provisional},
            {"late", counts_.late},
            {"requests", counts_.requests},
            {"unsent", counts_.unsent},
            {"malformed", counts_.malformed},
            {"unexpected", counts_.unexpected},
            {"mismatched", counts_.mismatched},
            {"refused", counts_.refused},
            {"refused_by_status", refused},
            {"wrong", wrong()},
            {"latency", latency_report(latency_)},
            {"answer_latency", latency_report(answer_latency_)}};
}

}  // namespace trunkline::blast
