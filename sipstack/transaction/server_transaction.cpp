#include "sipstack/transaction/server_transaction.h"

#include "sipstack/message/lexical.h"
#include "sipstack/message/response.h"

#include <fmt/format.h>

#include <span>

namespace trunkline::sipstack {

namespace {

constexpr std::string_view magic_cookie = "z9hG4bK";

/// Of a longer answer the memory is not kept for the next one.
constexpr std::size_t largest_kept_answer = 2048;

void append_lower(std::string& key, std::string_view text) {
    const std::size_t size = key.size();
    key += text;
    make_lower(std::span(key).subspan(size));
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
                                       std::size_t limit, uint64_t secret)
    : wheel_(wheel),
      sender_(sender),
      timers_(timers),
      counters_(counters),
      limit_(limit),
      live_(secret) {}

void ServerTransactions::send(const Flow& flow, std::string_view response) {
    if (sender_.send(flow, response)) {
        ++counters_.responses_sent;
    } else {
        ++counters_.transport_errors;  // the peer retransmits and gets it then
    }
}

std::optional<ServerTransactionId> ServerTransactions::receive(const Message& request,
                                                               const Flow& flow, Instant now) {
    if (request.method() == "ACK") {
        return std::nullopt;
    }
    write_key(key_, request);
    const uint64_t hash = live_.hash_of(key_);
    if (const Transaction* const known = live_.find(key_, hash)) {
        ++counters_.request_retransmissions_absorbed;
        if (!known->response.empty()) {
            send(known->flow, known->response);
        }
        return std::nullopt;
    }
    ++counters_.requests_received;
    if (live_.size() >= limit_) {
        ++counters_.server_transactions_refused;
        return ServerTransactionId{0};
    }
    Transaction& transaction = live_.take(key_, hash, *this);
    transaction.flow = response_flow(flow, request.vias().front());
    transaction.completed = false;
    wheel_.schedule(transaction.end, now + 64 * timers_.t1);
    return transaction.id();
}

void ServerTransactions::respond(ServerTransactionId id, const Message& request, const Flow& flow,
                                 std::string_view response, Instant now) {
    Transaction* const found = live_.find(id);
    if (found == nullptr) {
        send(response_flow(flow, request.vias().front()), response);
        return;
    }
    Transaction& transaction = *found;
    if (transaction.completed) {
        return;  // one final answer a request
    }
    if (flow.transport != Transport::udp) {
        transaction.flow = flow;  // another connection, when the request's own is no more
    }
    send(transaction.flow, response);
    transaction.completed = !is_provisional(response);
    if (transaction.completed && transaction.flow.transport != Transport::udp) {
        forget(transaction);  // timer J is 0: a stream repeats nothing
        return;
    }
    transaction.response = response;
    const Instant end = now + 64 * timers_.t1;
    if (transaction.completed && transaction.end.deadline() != end) {
        wheel_.schedule(transaction.end, end);
    }
}

void ServerTransactions::forget(Transaction& transaction) {
    transaction.end.cancel();
    transaction.response.clear();
    if (transaction.response.capacity() > largest_kept_answer) {
        std::string().swap(transaction.response);
    }
    live_.give_back(transaction);
}

}  // namespace trunkline::sipstack
