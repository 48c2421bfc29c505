#include "sipstack/transaction/server_transaction.h"

#include "sipstack/message/lexical.h"
#include "sipstack/message/response.h"

#include <fmt/format.h>

#include <algorithm>

namespace trunkline::sipstack {

namespace {

constexpr std::string_view magic_cookie = "z9hG4bK";

void append_lower(std::string& key, std::string_view text) {
    const std::size_t size = key.size();
    key.resize(size + text.size());
    std::ranges::transform(text, key.data() + size, to_lower);
}

void append_sent_by(std::string& key, const Via& via) {
    append_lower(key, via.host);
    key += ':';
    const uint16_t port = via.port.value_or(5060);
    key += static_cast<char>(port >> 8);
    key += static_cast<char>(port & 255);
}

/// 17.2.3: branch, sent-by and method; of a peer that knows no magic cookie, all that tells one
/// request from another.
void write_key(std::string& key, const Message& request) {
    const Via& via = request.vias().front();
    key.clear();
    const auto add = [&](std::string_view part) {
        key += part;
        key += '\n';  // in none of the parts
    };
    add(request.method());
    if (via.branch.size() > magic_cookie.size() &&
        equal_nocase(via.branch.substr(0, magic_cookie.size()), magic_cookie)) {
        append_lower(key, via.branch);
        add({});
    } else {
        add(via.branch);
        add(request.request_uri());
        add(request.from_tag());
        add(request.to_tag());
        add(request.call_id());
        add(fmt::format_int(request.cseq()).c_str());
    }
    append_sent_by(key, via);
}

bool is_provisional(std::string_view response) {
    constexpr std::string_view version = "SIP/2.0 ";
    return response.substr(version.size()).starts_with('1');
}

}  // namespace

ServerTransactions::ServerTransactions(TimerWheel& wheel, MessageSender& sender,
                                       const TimerSettings& timers, TransactionCounters& counters,
                                       std::size_t limit)
    : wheel_(wheel), sender_(sender), timers_(timers), counters_(counters), limit_(limit) {}

void ServerTransactions::send(const Flow& flow, std::string_view response) {
    if (sender_.send(flow, response)) {
        ++counters_.responses_sent;
    } else {
        ++counters_.transport_errors;  // the peer retransmits and gets it then
    }
}

bool ServerTransactions::receive(const Message& request, const Flow& flow, Instant now) {
    if (request.method() == "ACK") {
        return false;
    }
    write_key(key_, request);
    const auto found = by_key_.find(key_);
    if (found != by_key_.end()) {
        ++counters_.request_retransmissions_absorbed;
        if (!found->second->response.empty()) {
            send(found->second->flow, found->second->response);
        }
        return false;
    }
    ++counters_.requests_received;
    if (by_key_.size() >= limit_) {
        ++counters_.server_transactions_refused;
        return true;
    }
    auto transaction = std::make_unique<Transaction>(*this, key_);
    transaction->flow = response_flow(flow, request.vias().front());
    wheel_.schedule(transaction->end, now + 64 * timers_.t1);
    const std::string_view key = transaction->key;
    by_key_.emplace(key, std::move(transaction));
    return true;
}

void ServerTransactions::respond(const Message& request, const Flow& flow, std::string response,
                                 Instant now) {
    write_key(key_, request);
    const auto found = by_key_.find(key_);
    if (found == by_key_.end()) {
        send(response_flow(flow, request.vias().front()), response);
        return;
    }
    Transaction& transaction = *found->second;
    if (transaction.completed) {
        return;  // one final answer a request
    }
    if (flow.transport != Transport::udp) {
        transaction.flow = flow;  // another connection, when the request's own is no more
    }
    send(transaction.flow, response);
    transaction.completed = !is_provisional(response);
    transaction.response = std::move(response);
    if (!transaction.completed) {
        return;
    }
    if (transaction.flow.transport == Transport::udp) {
        wheel_.schedule(transaction.end, now + 64 * timers_.t1);
    } else {
        by_key_.erase(found);  // timer J is 0: a stream repeats nothing
    }
}

}  // namespace trunkline::sipstack
